// The commands on the first lines of a verified agent's answer. They are looked up only here, where the mail has become
// an outgoing message of that agent: the same lines from anyone else are plain text.

import type { AgentCommands, CommandAction } from '../contracts/agent-commands.ts'
import type { AppendAsAgent, Hold } from '../contracts/decision.ts'
import type { TraceEntry } from '../contracts/trace.ts'
import type { Command, CommandProblem, CommandReading } from '../mail/commands/command.ts'
import { readCommands } from '../mail/commands/read-commands.ts'
import { messageText } from '../mail/message-text.ts'
import type { ParsedMail } from '../mail/parsed-mail.ts'
import type { Lookup, ResolvedCommand } from './lookup.ts'

export interface Commanded {
  readonly decision: AppendAsAgent | Hold
  readonly entries: readonly TraceEntry[]
}

/**
 * The decision with the commands of the mail, or its hold when one of them is not understood: all are performed, or
 * none. Throws only when a lookup does.
 */
export async function readAgentCommands(mail: ParsedMail, decision: AppendAsAgent, lookup: Lookup): Promise<Commanded> {
  const { conversationId, userId, isNote } = decision
  const reading = readTop(mail, isNote)
  if (reading === null) return { decision: isNote ? asNote(mail, decision) : decision, entries: [] }
  const { commands } = reading
  const resolved = commands.length === 0 ? [] : await lookup.resolveCommands({ conversationId, userId, commands })
  const problems = [...reading.problems, ...resolved.flatMap((one) => ('problem' in one ? [one.problem] : []))]
  if (problems.length > 0) {
    const understood = commands.filter((_one, index) => !('problem' in (resolved[index] ?? {})))
    return refused(decision, problems, { understood, words: mail.replyText })
  }
  const done = { ...plan(mail, reading, isNote), ...resultsOf(resolved) }
  const detail = `performed as the agent: ${done.said.join(' ')}${outcomes[done.becomes]}`
  return {
    decision: { ...decision, commands: done },
    entries: [{ step: 'commands', outcome: 'understood', detail }],
  }
}

/**
 * The words of an agent's mail below its commands, which are not performed: a person files it. With #private, and in an
 * answer to a private note, they stay a note. Null: all of it goes to the contact. Never throws.
 */
export function withoutCommands(mail: ParsedMail, isNote: boolean): AgentCommands | null {
  const reading = readTop(mail, isNote)
  if (reading !== null) return { ...plan(mail, reading, isNote), actions: [], cc: [] }
  return isNote ? noteOf(mail) : null
}

const asNote = (mail: ParsedMail, decision: AppendAsAgent): AppendAsAgent => ({ ...decision, commands: noteOf(mail) })

const noteOf = (mail: ParsedMail): AgentCommands => ({
  actions: [],
  said: [],
  words: messageText(mail),
  becomes: 'note',
  cc: [],
})

function readTop(mail: ParsedMail, isNote: boolean): CommandReading | null {
  if (mail.replyText.trim() === '') return null
  const reading = readCommands(mail.replyText, { hasFiles: hasFiles(mail), html: mail.html, isNote })
  return reading.commands.length + reading.problems.length === 0 ? null : reading
}

// The picture of a signature is no answer.
const hasFiles = ({ attachments }: ParsedMail): boolean => attachments.some(({ inline }) => !inline)

function plan(
  mail: ParsedMail,
  { commands, rest }: CommandReading,
  isNote: boolean,
): Pick<AgentCommands, 'said' | 'words' | 'becomes'> {
  const isPrivate = isNote || commands.some(({ request }) => request.kind === 'private')
  const hasWords = rest !== '' || hasFiles(mail)
  const becomes = isPrivate ? 'note' : 'answer'
  return { said: commands.map(({ said }) => said), words: rest, becomes: hasWords ? becomes : 'nothing' }
}

// A change of status may assign the conversation, and so may a team: a named agent counts, so comes after them.
const order: readonly CommandAction['kind'][] = ['status', 'block', 'team', 'assign', 'priority', 'label', 'note']

function resultsOf(resolved: readonly ResolvedCommand[]): Pick<AgentCommands, 'actions' | 'cc'> {
  const actions = resolved.flatMap((one) => ('action' in one ? [one.action] : []))
  return {
    actions: actions.sort((one, other) => order.indexOf(one.kind) - order.indexOf(other.kind)),
    cc: resolved.flatMap((one) => ('cc' in one ? one.cc : [])),
  }
}

const outcomes: Readonly<Record<AgentCommands['becomes'], string>> = {
  answer: '; the words below go to the contact',
  note: '; the words below become a private note',
  nothing: '; there is no answer',
}

function refused(
  { conversationId, userId, isNote }: AppendAsAgent,
  problems: readonly CommandProblem[],
  { understood, words }: { readonly understood: readonly Command[]; readonly words: string },
): Commanded {
  return {
    decision: {
      action: 'hold',
      reason: 'command-not-understood',
      candidates: [conversationId],
      commands: { userId, conversationId, isNote, understood: understood.map(({ said }) => said), problems, words },
    },
    entries: [
      {
        step: 'commands',
        outcome: 'not-understood',
        detail: `nothing is done: ${problems.map(({ said, why }) => `${said}: ${why}`).join('; ')}`,
      },
    ],
  }
}
