// The commands on the first lines of a verified agent's mail. They are looked up only here, where the mail has become
// an outgoing message of that agent, in a conversation or in a new one: the same lines from anyone else are plain text.

import type { AgentCommands, CommandAction } from '../contracts/agent-commands.ts'
import type { AppendAsAgent, Hold, OpenAsAgent } from '../contracts/decision.ts'
import type { TraceEntry } from '../contracts/trace.ts'
import type { Command, CommandProblem, CommandReading } from '../mail/commands/command.ts'
import { readCommands } from '../mail/commands/read-commands.ts'
import { messageText } from '../mail/message-text.ts'
import type { Mailbox, ParsedMail } from '../mail/parsed-mail.ts'
import type { CommandSubject, Lookup, ResolvedCommand } from './lookup.ts'

export interface Commanded {
  readonly decision: AppendAsAgent | OpenAsAgent | Hold
  readonly entries: readonly TraceEntry[]
}

/** Whose commands they are, and what they are about. */
interface Commanding {
  readonly about: CommandSubject
  readonly userId: number
  /** The words become a private note. */
  readonly isNote: boolean
  readonly lookup: Lookup
}

/**
 * The decision with the commands of the mail, or its hold when one of them is not understood: all are performed, or
 * none. Throws only when a lookup does.
 */
export async function readAgentCommands(mail: ParsedMail, decision: AppendAsAgent, lookup: Lookup): Promise<Commanded> {
  const { conversationId, userId, isNote } = decision
  const reading = readTop(mail, isNote)
  if (reading === null) return { decision: isNote ? asNote(mail, decision) : decision, entries: [] }
  const result = await resolve(mail, reading, { about: { conversationId }, userId, isNote, lookup })
  if ('decision' in result) return result
  const { commands } = result
  const detail = `performed as the agent: ${commands.said.join(' ')}${outcomes[commands.becomes]}`
  return { decision: { ...decision, commands }, entries: [{ step: 'commands', outcome: 'understood', detail }] }
}

/** True if the commands of a mail may name the customer of a new conversation, understood or not. Never throws. */
export function namesCustomer(mail: ParsedMail): boolean {
  const reading = readTop(mail, false)
  if (reading === null) return false
  return (
    reading.commands.some(({ request }) => request.kind === 'to') ||
    reading.problems.some(({ said }) => /^(?:#to(?: |$)|all commands$)/.test(said))
  )
}

/**
 * The new conversation that a verified agent's mail begins with the customer of its `#to`, or its hold: `#to` is
 * missing, or a command is not understood. Throws only when a lookup does.
 */
export async function readNewConversation(
  mail: ParsedMail,
  begins: Omit<OpenAsAgent, 'to' | 'commands'>,
  { lookup, missing }: { readonly lookup: Lookup; readonly missing: CommandProblem },
): Promise<Commanded> {
  const { inboxId, userId } = begins
  const commanding = { about: { inboxId }, userId, isNote: false, lookup }
  const reading = readTop(mail, false) ?? { commands: [], problems: [], rest: mail.replyText }
  const problems = namesCustomer(mail) ? reading.problems : [missing, ...reading.problems]
  const result = await resolve(mail, { ...reading, problems }, commanding)
  if ('decision' in result) return result
  const { commands, to } = result
  if (to === null) return refused(commanding, [missing], { understood: reading.commands, words: mail.replyText })
  const detail =
    `begins a conversation with ${to.address} as the agent: ${commands.said.join(' ')}` + outcomes[commands.becomes]
  return { decision: { ...begins, to, commands }, entries: [{ step: 'commands', outcome: 'understood', detail }] }
}

async function resolve(
  mail: ParsedMail,
  reading: CommandReading,
  commanding: Commanding,
): Promise<Commanded | { readonly commands: AgentCommands; readonly to: Mailbox | null }> {
  const { commands } = reading
  const { about, userId, lookup } = commanding
  const resolved = commands.length === 0 ? [] : await lookup.resolveCommands({ about, userId, commands })
  const problems = [...reading.problems, ...resolved.flatMap((one) => ('problem' in one ? [one.problem] : []))]
  if (problems.length > 0) {
    const understood = commands.filter((_one, index) => !('problem' in (resolved[index] ?? {})))
    return refused(commanding, problems, { understood, words: mail.replyText })
  }
  const [to = null] = resolved.flatMap((one) => ('to' in one ? [one.to] : []))
  return { commands: { ...plan(mail, reading, commanding.isNote), ...resultsOf(resolved) }, to }
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
  { about, userId, isNote }: Commanding,
  problems: readonly CommandProblem[],
  { understood, words }: { readonly understood: readonly Command[]; readonly words: string },
): Commanded {
  const conversationId = 'conversationId' in about ? about.conversationId : null
  return {
    decision: {
      action: 'hold',
      reason: 'command-not-understood',
      candidates: conversationId === null ? [] : [conversationId],
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
