// Giving a conversation to an agent, a bot or a team, or taking it away.

import { type Pool, queryOne, type Tx } from '../../db/pool.ts'
import { isTeamMember } from '../../db/rules.ts'
import { findNextMember, takeTurn } from '../assignment/assign.ts'
import { changeLocked, type LockedConversation, noteActivities } from '../locked-conversation.ts'
import { noteAssigned } from '../notices/assigned.ts'
import { nameOf, type Performer } from '../performer.ts'

export type Assignment =
  { readonly agentId: number | null } | { readonly botId: number } | { readonly teamId: number | null }

/** Null: conversation, agent, bot or team is not of the account. */
export function assign(
  pool: Pool,
  conversationId: number,
  change: { readonly to: Assignment; readonly by: Performer },
): Promise<true | null> {
  return changeLocked(pool, { conversationId, by: change.by }, (tx, locked) => setAssignment(tx, locked, change))
}

/** As `assign`, in a transaction that has locked the conversation. */
export function setAssignment(
  tx: Tx,
  locked: LockedConversation,
  { to, by }: { readonly to: Assignment; readonly by: Performer },
): Promise<true | null> {
  if ('agentId' in to) return setAgent(tx, locked, { agentId: to.agentId, by })
  return 'botId' in to ? setBot(tx, locked, { botId: to.botId, by }) : setTeam(tx, locked, { teamId: to.teamId, by })
}

async function setAgent(
  tx: Tx,
  locked: LockedConversation,
  { agentId, by }: { readonly agentId: number | null; readonly by: Performer },
): Promise<true | null> {
  const agent = agentId === null ? null : await findAgent(tx, locked.account_id, agentId)
  if (agentId !== null && agent === null) return null
  await tx.query(
    'update conversations set assignee_id = $2, assignee_agent_bot_id = null, updated_at = now() where id = $1',
    [locked.id, agentId],
  )
  if (agent !== null && agent.id !== locked.assignee_id)
    await noteAssigned(tx, { conversationId: locked.id, userId: agent.id }, { by })
  const name = nameOf(by)
  if (name !== null && (agentId !== locked.assignee_id || locked.assignee_agent_bot_id !== null)) {
    await noteActivities(tx, locked, [
      agent === null ? `Conversation unassigned by ${name}` : agentSentence(agent, { by, name }),
    ])
  }
  return true
}

function agentSentence(agent: Named, { by, name }: { readonly by: Performer; readonly name: string }): string {
  return by.kind === 'user' && by.id === agent.id
    ? `${name} self-assigned this conversation`
    : `Assigned to ${agent.name} by ${name}`
}

async function setBot(
  tx: Tx,
  locked: LockedConversation,
  { botId, by }: { readonly botId: number; readonly by: Performer },
): Promise<true | null> {
  const bot = await queryOne<Named>(
    tx,
    'select id, name from agent_bots where id = $1 and (account_id = $2 or account_id is null)',
    [botId, locked.account_id],
  )
  if (bot === null) return null
  await tx.query(
    'update conversations set assignee_id = null, assignee_agent_bot_id = $2, updated_at = now() where id = $1',
    [locked.id, botId],
  )
  const name = nameOf(by)
  if (name !== null && botId !== locked.assignee_agent_bot_id)
    await noteActivities(tx, locked, [`Assigned to ${bot.name} by ${name}`])
  return true
}

interface TeamChange {
  readonly teamId: number | null
  readonly by: Performer
}

async function setTeam(tx: Tx, locked: LockedConversation, { teamId, by }: TeamChange): Promise<true | null> {
  if (teamId === locked.team_id) return true
  return teamId === null ? leaveTeam(tx, locked, by) : enterTeam(tx, locked, { teamId, by })
}

async function leaveTeam(tx: Tx, locked: LockedConversation, by: Performer): Promise<true> {
  const before = await queryOne<Named>(tx, 'select id, name from teams where id = $1', [locked.team_id])
  await tx.query('update conversations set team_id = null, updated_at = now() where id = $1', [locked.id])
  const name = nameOf(by)
  if (name !== null && before !== null) await noteActivities(tx, locked, [`Unassigned from ${before.name} by ${name}`])
  return true
}

// An assignee outside the team loses the conversation; the next available member gets it if the team auto-assigns. A
// bot keeps it until a person takes it.
async function enterTeam(
  tx: Tx,
  locked: LockedConversation,
  { teamId, by }: { readonly teamId: number; readonly by: Performer },
): Promise<true | null> {
  const team = await queryOne<Named & { keeps: boolean; auto: boolean }>(
    tx,
    `
      select
        t.id,
        t.name,
        t.allow_auto_assign as auto,
        ${isTeamMember('$3', 't.id')} as keeps
      from teams t
      where t.id = $1 and t.account_id = $2
    `,
    [teamId, locked.account_id, locked.assignee_id],
  )
  if (team === null) return null
  const next = team.keeps || !team.auto ? null : await findNextMember(tx, { inboxId: locked.inbox_id, teamId })
  if (next !== null) await takeTurn(tx, locked.inbox_id, next.id)
  const assigneeId = team.keeps ? locked.assignee_id : (next?.id ?? null)
  await tx.query(
    `
      update conversations
      set
        team_id = $2,
        assignee_id = $3,
        assignee_agent_bot_id = case when $3::int is null then assignee_agent_bot_id end,
        updated_at = now()
      where id = $1
    `,
    [locked.id, teamId, assigneeId],
  )
  if (next !== null) await noteAssigned(tx, { conversationId: locked.id, userId: next.id }, { by, isInTurn: true })
  const name = nameOf(by)
  if (name !== null) await noteActivities(tx, locked, [teamSentence(name, team, next)])
  return true
}

function teamSentence(name: string, team: Named, next: Named | null): string {
  return next === null ? `Assigned to ${team.name} by ${name}` : `Assigned to ${next.name} via ${team.name} by ${name}`
}

interface Named {
  readonly id: number
  readonly name: string
}

function findAgent(tx: Tx, accountId: number, userId: number): Promise<Named | null> {
  return queryOne<Named>(
    tx,
    'select u.id, u.name from users u join account_users a on a.user_id = u.id where u.id = $2 and a.account_id = $1',
    [accountId, userId],
  )
}
