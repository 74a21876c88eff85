// The pipeline: parse → route → append → report. Mail moves one way; `explain` runs the same steps and writes nothing.

import { asAnother, filed, type Filing, opened, type Opening } from './by-hand.ts'
import type { Verdict } from './contracts/decision.ts'
import type { StoredMail } from './contracts/stored-mail.ts'
import { type AppendGroup, type AppendRequest, RaceError } from './conversations/append/append-group.ts'
import type { Log } from './log.ts'
import { addressKey } from './mail/address.ts'
import { readReportIds } from './mail/commands/report-id.ts'
import type { ParsedMail } from './mail/parsed-mail.ts'
import { readBounceToken } from './mail/reply-address.ts'
import type { ParserPool } from './parsing/pool.ts'
import { answeredIds } from './routing/by-thread.ts'
import type { Lookup } from './routing/lookup.ts'
import { route } from './routing/route.ts'
import type { RoutingPolicy } from './routing/routing-input.ts'
import { contentKey } from './store/acceptance/idempotency-key.ts'
import { createSettlement, type Outcome } from './store/settle.ts'
import {
  createThreadOrder,
  type Pair,
  type Result,
  runInRounds,
  type ThreadOrderDeps,
  waitedEntry,
  type Waiting,
} from './thread-order.ts'

export interface PipelineDeps {
  readonly parser: ParserPool
  readonly lookup: Lookup
  readonly policy: RoutingPolicy
  readonly append: AppendGroup
  readonly findAhead: ThreadOrderDeps['findAhead']
  readonly readAhead: ThreadOrderDeps['readAhead']
  readonly log: Log
  /** Called when a mail had several destinations: its siblings wait in the table. */
  readonly onSiblings: () => void
  /** Called with the bytes that an account has stored. */
  readonly onStored?: (accountId: number, bytes: number) => void
}

interface Routed extends Pair {
  readonly verdict: Verdict
}

/** A mail is judged again this often when another with its Message-ID was appended meanwhile. */
const maxRaces = 3

export function createPipeline(deps: PipelineDeps) {
  const readMail = async (raw: Uint8Array): Promise<ParsedMail> =>
    sure((await deps.parser.parse([{ raw, reversePath: null }]))[0])
  const routeMail = async (mail: Routable, parsed: ParsedMail): Promise<Verdict> =>
    route({ ...mail, mail: parsed, contentKey: contentKeyOf(mail, parsed), readMail }, deps.lookup, deps.policy)
  const clock = createClock()
  const parse = async (mails: readonly Pick<StoredMail, 'raw' | 'envelope'>[]): Promise<ParsedMail[]> => {
    clock.note(mails, 'taken')
    const parsed = await deps.parser.parse(
      mails.map(({ raw, envelope }) => ({ raw, reversePath: trustedReversePath(envelope) })),
    )
    clock.note(mails, 'read')
    return parsed
  }

  const findBlocked = createThreadOrder({ ...deps, parse, routeMail })
  const routePair = async ({ mail, parsed, waitedFor }: Waiting): Promise<Routed> => {
    const verdict = await routeMail(mail, parsed)
    clock.note([mail], 'judged')
    return { mail, parsed, verdict: { ...verdict, trace: [...waitedEntry(mail, waitedFor), ...verdict.trace] } }
  }

  const settle = async (routed: readonly Routed[]): Promise<Result[]> => {
    const results = await deps.append(
      routed.map(requestOf),
      createSettlement(routed.map((one) => ({ ...outcomeOf(one), times: clock.timesOf(one.mail) }))),
    )
    for (const one of routed.filter(({ mail }) =>
      results.some((result) => result.inboundEmailId === mail.id && result.error === null),
    ))
      report(one, deps)
    return results
  }

  const runOne = async (pair: Waiting, races = 0): Promise<Result> => {
    const { mail } = pair
    try {
      const [result] = await settle([await routePair(pair)])
      const error = result?.error ?? null
      return error instanceof RaceError && races < maxRaces
        ? await runOne(pair, races + 1)
        : { inboundEmailId: mail.id, error }
    } catch (error) {
      return { inboundEmailId: mail.id, error }
    }
  }

  // Side by side; of those with one Message-ID only the first, the others after it.
  const runGroup = async (pairs: readonly Waiting[], turn: Promise<void>): Promise<Result[]> => {
    const first = pairs.filter((pair, index) => pairs.findIndex((other) => isSameMail(other, pair)) === index)
    const routed = await Promise.all(first.map(routePair))
    await turn
    const results = routed.length === 0 ? [] : await settle(routed)
    const raced = pairs.filter(
      (pair) =>
        !first.includes(pair) ||
        results.some(({ inboundEmailId, error }) => inboundEmailId === pair.mail.id && error instanceof RaceError),
    )
    const done = results.filter(({ inboundEmailId }) => !raced.some(({ mail }) => mail.id === inboundEmailId))
    for (const pair of raced) done.push(await runOne(pair))
    return done
  }

  const fileMail = createFiling({ parse, routeMail, settle, note: clock.note })
  const run = (pairs: readonly Waiting[]): Promise<Result[]> => runGroup(pairs, Promise.resolve())

  /** Processes a batch: every mail is settled, or has the error that prevented it. Never throws. */
  const processBatch = async (mails: readonly StoredMail[], turn: Promise<void>): Promise<Result[]> => {
    try {
      const parsed = await parse(mails)
      const pairs = mails.flatMap((mail, index) =>
        parsed[index] === undefined ? [] : [{ mail, parsed: parsed[index] }],
      )
      const blocked = await findBlocked(pairs)
      const free = pairs
        .filter(({ mail }) => !blocked.has(mail.id))
        .map((pair) => ({ ...pair, waitedFor: pair.mail.waitsFor }))
      const done = await runGroup(free, turn)
      const followers = pairs.filter(({ mail }) => blocked.has(mail.id))
      return [...done, ...(await runInRounds(followers, blocked, { findBlocked, run }))]
    } catch (error) {
      return mails.map((mail) => ({ inboundEmailId: mail.id, error }))
    }
  }

  return {
    processBatch,
    /** The predicted outcome of a mail. Writes nothing. */
    explain: async (mail: Omit<StoredMail, 'id' | 'attempts' | 'waits' | 'waitsFor'>): Promise<Verdict> => {
      const [parsed] = await parse([mail])
      return routeMail(mail, sure(parsed))
    },
    /** The parser's result for a mail today. Writes nothing. */
    read: async (mail: Pick<StoredMail, 'raw' | 'envelope'>): Promise<ParsedMail> => sure((await parse([mail]))[0]),
    /** Appends a mail where a person files it, whatever routing would decide. Throws the error that prevented it. */
    file: (mail: StoredMail, into: Filing): Promise<void> =>
      fileMail(mail, (before, parsed) => filed(before, parsed, into)),
    /**
     * Opens a conversation of its author for a mail, whatever routing would decide. Throws the error that prevented it.
     */
    open: (mail: StoredMail, into: Opening): Promise<void> =>
      fileMail(mail, async (before, parsed) => {
        const { address } = before.author ?? parsed.from ?? { address: '' }
        const inboxes = await deps.lookup.findInboxes([addressKey(address)])
        const isOwnAddress = inboxes.some(({ account }) => account.id === into.accountId)
        return opened(before, { parsed, peer: mail.peer, into, policy: deps.policy, isOwnAddress })
      }),
  }
}

interface FilingDeps {
  readonly parse: (mails: readonly StoredMail[]) => Promise<ParsedMail[]>
  readonly routeMail: (mail: StoredMail, parsed: ParsedMail) => Promise<Verdict>
  readonly settle: (routed: readonly Routed[]) => Promise<Result[]>
  readonly note: (mails: readonly StoredMail[], moment: 'judged') => void
}
type FiledMail = ReturnType<typeof filed | typeof opened>

// A person's decision, instead of routing's.
function createFiling({ parse, routeMail, settle, note }: FilingDeps) {
  return async (
    mail: StoredMail,
    decide: (before: Verdict, parsed: ParsedMail) => FiledMail | Promise<FiledMail>,
  ): Promise<void> => {
    const parsed = sure((await parse([mail]))[0])
    const verdict = await decide(await routeMail(mail, parsed), parsed)
    note([mail], 'judged')
    const [first] = await settle([{ mail, parsed, verdict }])
    // There is a mail with this id already: a person wants this one as well.
    const [result] =
      first?.error instanceof RaceError ? await settle([{ mail, parsed, verdict: asAnother(verdict) }]) : [first]
    if (result !== undefined && result.error !== null)
      throw result.error instanceof Error ? result.error : new Error('the mail could not be placed')
  }
}

// Some MTAs send bounces from an address of their own. A mail to one of our reverse-paths is classified as if MAIL FROM
// were unknown: by two signs of automatic mail.
function trustedReversePath({ reversePath, recipients }: StoredMail['envelope']): string | null {
  const isToReversePath = recipients.some((recipient) => readBounceToken(recipient) !== null)
  return isToReversePath && reversePath !== '' ? null : reversePath
}

function sure(parsed: ParsedMail | undefined): ParsedMail {
  if (parsed === undefined) throw new Error('the parser gave no answer')
  return parsed
}

function isSameMail(one: Pair, other: Pair): boolean {
  const { messageId } = one.parsed
  if (one === other || messageId !== other.parsed.messageId) return one === other
  return messageId !== null || contentKeyOf(one.mail, one.parsed) === contentKeyOf(other.mail, other.parsed)
}

type Routable = Pick<StoredMail, 'envelope' | 'peer'> & { readonly raw?: Buffer }

// Of a mail without a Message-ID. Mails ahead in a thread are routed without their bytes, for their account only.
function contentKeyOf({ raw }: { readonly raw?: Buffer }, { messageId }: ParsedMail): string | null {
  return messageId !== null || raw === undefined ? null : contentKey(raw).toString('hex')
}

function requestOf({ mail, parsed, verdict }: Routed): AppendRequest {
  return { inboundEmailId: mail.id, decision: verdict.decision, mail: withAuthor(parsed, verdict), raw: mail.raw }
}

function outcomeOf({ mail, parsed, verdict }: Routed): Outcome {
  const { decision, trace, learned, accountId, named, siblings } = verdict
  const status = statusAfter(decision.action)
  const known = withAuthor(parsed, verdict)
  const isOfAgent = decision.action === 'append-as-agent' || decision.action === 'open-as-agent'
  return {
    id: mail.id,
    status,
    reason: decision.reason,
    trace,
    learned,
    accountId,
    named,
    mail: known,
    corrects: isOfAgent ? readReportIds(answeredIds(parsed)) : [],
    siblings,
  }
}

// From may name a form or a group; everything that is stored is of the author.
function withAuthor(parsed: ParsedMail, { author }: Verdict): ParsedMail {
  return author === null ? parsed : { ...parsed, from: author }
}

// When each mail was taken up, read and judged, for its trace; by this process' clock.
function createClock() {
  const known = new WeakMap<object, Record<string, number>>()
  return {
    note: (mails: readonly object[], moment: 'taken' | 'read' | 'judged'): void => {
      const now = Date.now()
      for (const mail of mails) known.set(mail, { ...known.get(mail), [moment]: now })
    },
    timesOf: (mail: object): Readonly<Record<string, number>> => known.get(mail) ?? {},
  }
}

function report({ mail, parsed, verdict }: Routed, { log, onSiblings, onStored }: PipelineDeps): void {
  const outcome = outcomeOf({ mail, parsed, verdict })
  log.info(outcome.status, {
    inboundEmail: mail.id,
    reason: outcome.reason,
    account: outcome.accountId,
    conversation: verdict.conversationId,
  })
  if (parsed.degraded !== null) log.warn('degraded', { inboundEmail: mail.id, why: parsed.degraded })
  if (outcome.accountId !== null) onStored?.(outcome.accountId, mail.raw.length)
  if (outcome.siblings.length > 0) onSiblings()
}

function statusAfter(action: string): 'held' | 'ignored' | 'delivered' {
  if (action === 'hold') return 'held'
  return action === 'ignore' ? 'ignored' : 'delivered'
}
