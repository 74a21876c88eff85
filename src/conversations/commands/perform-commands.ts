// Performs the commands of an agent's mail in the transaction that appends it, as the agent would by hand: with the
// functions of the API's actions, with the agent as performer, all or nothing.

import type { AgentCommands, CommandAction } from '../../contracts/agent-commands.ts'
import type { Tx } from '../../db/pool.ts'
import { setAssignment } from '../actions/assign.ts'
import { setStatus } from '../actions/change-status.ts'
import { setLabels, setPriority } from '../actions/describe.ts'
import { setMuted } from '../actions/mute.ts'
import { lockConversation, type LockedConversation } from '../locked-conversation.ts'
import { writeNote } from '../messages/write-note.ts'
import { type ActingAgent, findActingAgent, setPerformer } from '../performer.ts'

interface Performing {
  readonly conversationId: number
  readonly userId: number
  readonly commands: AgentCommands
  readonly replyDomain: string
}

/**
 * Performs them in the caller's transaction, which holds the conversation. False, and nothing is done: the agent may
 * not act in the conversation (any more), or what a command names is gone.
 */
export async function performCommands(
  tx: Tx,
  { conversationId, userId, commands, replyDomain }: Performing,
): Promise<boolean> {
  if (commands.actions.length === 0) return true
  const by = await findActingAgent(tx, conversationId, userId)
  if (by === null) return false
  await setPerformer(tx, by)
  for (const action of commands.actions) {
    // As the action before has left it.
    const locked = await lockConversation(tx, conversationId)
    if (locked === null || !(await perform(tx, locked, { action, by, replyDomain }))) return false
  }
  return true
}

interface Step {
  readonly action: CommandAction
  readonly by: ActingAgent
  readonly replyDomain: string
}

async function perform(tx: Tx, locked: LockedConversation, { action, by, replyDomain }: Step): Promise<boolean> {
  switch (action.kind) {
    case 'status':
      await setStatus(tx, locked, { status: action.status, snoozedUntil: action.snoozedUntil, by })
      return true
    case 'block':
      await setMuted(tx, locked, by)
      return true
    case 'team':
      return (await setAssignment(tx, locked, { to: { teamId: action.teamId }, by })) !== null
    case 'assign':
      return (await setAssignment(tx, locked, { to: { agentId: action.agentId }, by })) !== null
    case 'priority':
      await setPriority(tx, locked, { priority: action.priority, by })
      return true
    case 'label':
      await setLabels(tx, locked, { labels: changedLabels(locked.labels, action), by })
      return true
    case 'note':
      await writeNote(tx, locked.id, { content: action.text, userId: by.id, replyDomain })
      return true
  }
}

function changedLabels(
  now: readonly string[],
  { labels, isThere }: Extract<CommandAction, { kind: 'label' }>,
): readonly string[] {
  return isThere ? [...now, ...labels] : now.filter((label) => !labels.includes(label))
}
