// A person's decision about a mail, instead of routing's: file it in a conversation, or open a new one in an inbox. The
// trace keeps routing's findings.

import type { AgentCommands } from './contracts/agent-commands.ts'
import type { AppendAsAgent, AppendIncoming, OpenConversation, Speaker, Verdict } from './contracts/decision.ts'
import type { TraceEntry } from './contracts/trace.ts'
import { MailError } from './errors.ts'
import type { Peer } from './mail/envelope.ts'
import type { ParsedMail } from './mail/parsed-mail.ts'
import { withoutCommands } from './routing/commands.ts'
import type { RoutingPolicy } from './routing/routing-input.ts'
import { identifySpeaker } from './routing/speaker.ts'

/**
 * The conversation in which a person files a mail. `agentId`: it is sent on as the reply of this agent; null: it is a
 * message of its sender.
 */
export interface Filing {
  readonly conversationId: number
  readonly accountId: number
  readonly agentId: number | null
}

/** The inbox in which a person opens a conversation for a mail. */
export interface Opening {
  readonly inboxId: number
  readonly accountId: number
}

const noMarks = { autoReply: false, verified: false, viaOtherReplyAddress: false, reusedMessageId: false }

const unperformed: TraceEntry = {
  step: 'commands',
  outcome: 'not-performed',
  detail: 'filed by hand: the commands on its first lines are left out, and are not performed',
}

const keptPrivate: TraceEntry = {
  step: 'commands',
  outcome: 'private-note',
  detail: 'filed by hand as a private note of the agent: nothing of it is sent to the contact',
}

// Commands are the agent's own: nobody else performs them, and the customer does not see them.
function wordsOnly(parsed: ParsedMail, isNote: boolean): AgentCommands | null {
  const commands = withoutCommands(parsed, isNote)
  if (commands?.becomes === 'nothing')
    throw new MailError('malformed', 'the mail has commands only', {
      publicMessage: 'This mail has commands and no words, so there is nothing to send to the customer',
    })
  return commands
}

/** Throws `MailError` for an agent's mail that is to be sent on and has no words. */
export function filed(
  before: Verdict,
  parsed: ParsedMail,
  into: Filing,
): Verdict & { decision: AppendIncoming | AppendAsAgent } {
  const filing = { reason: 'filed-by-hand', conversationId: into.conversationId, marks: noMarks } as const
  const decision: AppendIncoming | AppendAsAgent =
    into.agentId === null
      ? { action: 'append', ...filing, contactId: null, speaker: authorOf(before, parsed), reopens: true }
      : {
          action: 'append-as-agent',
          ...filing,
          userId: into.agentId,
          isNote: before.isNote,
          commands: wordsOnly(parsed, before.isNote),
        }
  const commands = decision.action === 'append-as-agent' ? decision.commands : null
  const trace = [
    ...before.trace,
    ...(commands === null || commands.said.length === 0 ? [] : [unperformed]),
    ...(commands?.becomes === 'note' ? [keptPrivate] : []),
    { step: 'decision', outcome: decision.action, detail: 'filed-by-hand' } as const,
  ]
  return { ...before, decision, trace, accountId: into.accountId, conversationId: into.conversationId, siblings: [] }
}

interface Opened {
  readonly parsed: ParsedMail
  readonly peer: Peer
  readonly into: Opening
  readonly policy: RoutingPolicy
  /** The author is an inbox of the account: an answer would come back here. */
  readonly isOwnAddress: boolean
}

/** A new conversation of the author of the mail, verified or not. Throws `MailError` when it names none. */
export function opened(
  before: Verdict,
  { parsed, peer, into, policy, isOwnAddress }: Opened,
): Verdict & { decision: OpenConversation } {
  const from = before.author ?? parsed.from
  const { authentication } = identifySpeaker(parsed, peer, policy.authservId)
  if (from === null)
    throw new MailError('malformed', 'the mail names no author', {
      publicMessage: 'This mail does not name one author, so a conversation of its own has no contact; file it instead',
    })
  if (isOwnAddress)
    throw new MailError('malformed', `the author ${from.address} is one of our inboxes`, {
      publicMessage:
        `From is ${from.address}, an inbox of this account, and no field names another author: answers would come ` +
        'back here. File this mail into a conversation instead',
    })
  const decision: OpenConversation = {
    action: 'open',
    reason: 'opened-by-hand',
    ...into,
    linkedToId: before.accountId === into.accountId ? before.named.conversationId : null,
    speaker: from,
    answersTo: before.answersTo,
    marks: {
      ...noMarks,
      autoReply: parsed.automation === 'auto-reply' || parsed.automation === 'challenge',
      verified: authentication === 'pass' && from.address === parsed.from?.address,
    },
  }
  const trace = [...before.trace, { step: 'decision', outcome: 'open', detail: 'opened-by-hand' } as const]
  return { ...before, decision, trace, accountId: into.accountId, conversationId: null, siblings: [] }
}

const authorOf = (before: Verdict, parsed: ParsedMail): Speaker =>
  before.author ?? parsed.from ?? { address: '', name: '' }

/** The same for a mail whose Message-ID a message has already. Never throws. */
export function asAnother(verdict: ReturnType<typeof filed | typeof opened>): ReturnType<typeof filed | typeof opened> {
  const { decision } = verdict
  const marks = { ...decision.marks, reusedMessageId: true }
  return { ...verdict, decision: { ...decision, marks } } as ReturnType<typeof filed | typeof opened>
}
