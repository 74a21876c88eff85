// The one belt: understand → judge → append → report. Mail moves one way; `explain` runs the very same steps and writes nothing.

import { RaceError, type AppendGroup, type Order } from './conversations/append/append-group.ts'
import type { Log } from './log.ts'
import type { ParsedMail } from './mail/parsed-mail.ts'
import type { ParserPool } from './parsing/pool.ts'
import type { Verdict } from './routing/decision.ts'
import type { Lookup } from './routing/lookup.ts'
import type { RoutingPolicy } from './routing/mailing.ts'
import { route } from './routing/route.ts'
import type { StoredMail } from './store/door/insert-group.ts'
import { createSettlement, type Story } from './store/settle.ts'

export interface PipelineParts {
  readonly parser: ParserPool
  readonly lookup: Lookup
  readonly policy: RoutingPolicy
  readonly append: AppendGroup
  readonly log: Log
  /** Told when a mail had several destinations: its siblings wait in the table. */
  readonly onSiblings: () => void
}

interface Judged {
  readonly mail: StoredMail
  readonly parsed: ParsedMail
  readonly verdict: Verdict
}
type Result = { readonly inboundEmailId: number; readonly error: unknown }

/** A mail is judged again this often when another with its Message-ID was appended meanwhile. */
const maxRaces = 3

export function createPipeline(parts: PipelineParts) {
  const judge = async (mail: Omit<StoredMail, 'id' | 'attempts' | 'raw'>, parsed: ParsedMail): Promise<Verdict> => route({ envelope: mail.envelope, peer: mail.peer, mail: parsed }, parts.lookup, parts.policy)
  const parse = (mails: readonly Pick<StoredMail, 'raw' | 'envelope'>[]): Promise<ParsedMail[]> => parts.parser.parse(mails.map(({ raw, envelope }) => ({ raw, reversePath: envelope.reversePath })))

  const settle = async (judged: readonly Judged[]): Promise<Result[]> => {
    const results = await parts.append(judged.map(orderOf), createSettlement(judged.map(storyOf)))
    for (const one of judged.filter(({ mail }) => results.some((result) => result.inboundEmailId === mail.id && result.error === null))) report(one, parts)
    return results
  }

  const runOne = async (mail: StoredMail, parsed: ParsedMail, races = 0): Promise<Result> => {
    try {
      const [result] = await settle([{ mail, parsed, verdict: await judge(mail, parsed) }])
      const error = result?.error ?? null
      return error instanceof RaceError && races < maxRaces ? await runOne(mail, parsed, races + 1) : { inboundEmailId: mail.id, error }
    } catch (error) {
      return { inboundEmailId: mail.id, error }
    }
  }

  /** Takes a batch to its end: every mail settled, or with the error that kept it. Never throws. */
  const belt = async (mails: readonly StoredMail[], turn: Promise<void>): Promise<Result[]> => {
    try {
      const parsed = await parse(mails)
      const pairs = mails.flatMap((mail, index) => (parsed[index] === undefined ? [] : [{ mail, parsed: parsed[index] }]))
      const first = pairs.filter((pair, index) => pairs.findIndex((other) => isSameId(other.parsed, pair.parsed)) === index)
      const judged = await Promise.all(first.map(async (pair) => ({ ...pair, verdict: await judge(pair.mail, pair.parsed) })))
      await turn
      const results = await settle(judged)
      const raced = pairs.filter((pair) => !first.includes(pair) || results.some(({ inboundEmailId, error }) => inboundEmailId === pair.mail.id && error instanceof RaceError))
      const done = results.filter(({ inboundEmailId }) => !raced.some(({ mail }) => mail.id === inboundEmailId))
      for (const pair of raced) done.push(await runOne(pair.mail, pair.parsed))
      return done
    } catch (error) {
      return mails.map((mail) => ({ inboundEmailId: mail.id, error }))
    }
  }

  return {
    belt,
    /** What would become of a mail. Writes nothing. */
    explain: async (mail: Omit<StoredMail, 'id' | 'attempts'>): Promise<Verdict> => {
      const [parsed] = await parse([mail])
      return judge(mail, sure(parsed))
    },
    /** Appends a mail where a person wants it, whatever routing thinks. Throws what kept it. */
    file: async (mail: StoredMail, into: { conversationId: number; accountId: number }): Promise<void> => {
      const parsed = sure((await parse([mail]))[0])
      const verdict = filed(await judge(mail, parsed), parsed, into)
      const [first] = await settle([{ mail, parsed, verdict }])
      // The conversation has a mail with this id: a person wants this one as well.
      const [result] = first?.error instanceof RaceError ? await settle([{ mail, parsed, verdict: asAnother(verdict) }]) : [first]
      if (result !== undefined && result.error !== null) throw result.error instanceof Error ? result.error : new Error('the mail could not be filed')
    },
  }
}

function sure(parsed: ParsedMail | undefined): ParsedMail {
  if (parsed === undefined) throw new Error('the parser gave no answer')
  return parsed
}

function isSameId(one: ParsedMail, other: ParsedMail): boolean {
  return one === other || (one.messageId !== null && one.messageId === other.messageId)
}

function orderOf({ mail, parsed, verdict }: Judged): Order {
  return { inboundEmailId: mail.id, decision: verdict.decision, mail: parsed, raw: mail.raw }
}

function storyOf({ mail, parsed, verdict }: Judged): Story {
  const { decision, trace, learned, accountId, siblings } = verdict
  const status = decision.act === 'hold' ? 'held' : decision.act === 'ignore' ? 'ignored' : 'delivered'
  return { id: mail.id, status, reason: decision.reason, trace, learned, accountId, mail: parsed, siblings }
}

function filed(before: Verdict, parsed: ParsedMail, into: { conversationId: number; accountId: number }) {
  const marks = { autoReply: false, verified: false, viaOtherReplyAddress: false, reusedMessageId: false }
  const decision = { act: 'append', reason: 'filed-by-hand', conversationId: into.conversationId, contactId: null, speaker: parsed.from ?? { address: '', name: '' }, reopens: true, marks } as const
  const trace = [...before.trace, { step: 'decision', outcome: 'append', detail: 'filed-by-hand' } as const]
  return { ...before, decision, trace, accountId: into.accountId, conversationId: into.conversationId, siblings: [] }
}

// Under a Message-ID that the conversation has already.
function asAnother(verdict: ReturnType<typeof filed>): ReturnType<typeof filed> {
  return { ...verdict, decision: { ...verdict.decision, marks: { ...verdict.decision.marks, reusedMessageId: true } } }
}

function report({ mail, parsed, verdict }: Judged, { log, onSiblings }: PipelineParts): void {
  const story = storyOf({ mail, parsed, verdict })
  log.info(story.status, { inboundEmail: mail.id, reason: story.reason, account: story.accountId, conversation: verdict.conversationId })
  if (parsed.degraded !== null) log.warn('degraded', { inboundEmail: mail.id, why: parsed.degraded })
  if (story.siblings.length > 0) onSiblings()
}
