// Loops, lists and repeats: automatic mail that must not make a message, or not another one (RFC 3834 §2, RFC 5321
// §6.3).

import type { IgnoredReason } from '../contracts/decision.ts'
import type { TraceEntry } from '../contracts/trace.ts'
import { digestMail } from '../mail/message-text.ts'
import type { ParsedMail } from '../mail/parsed-mail.ts'
import { isTokenAddress } from '../mail/reply-address.ts'
import type { Origin } from './author.ts'
import type { Destination } from './destination.ts'
import { isOwnList } from './lists.ts'
import type { ConversationFacts, CopyFacts, KnownMessage, Lookup, ThreadFacts } from './lookup.ts'

export interface GuardAnswer {
  readonly ignore: Exclude<IgnoredReason, 'report-without-message' | 'agent-auto-reply'> | null
  readonly reusedMessageId: boolean
  readonly entry: TraceEntry
  /** A conversation that this mail began in another inbox of the account. */
  readonly elsewhere?: ConversationFacts | null
}

/** What the guard looks at; `mail` has its author in `from`. */
export interface Guarded {
  readonly mail: ParsedMail
  readonly header: ParsedMail
  readonly origin: Origin
  readonly destination: Destination
  /** Messages with the Message-ID of this mail, in any account. */
  readonly known: readonly ThreadFacts[]
  /** Of a mail without a Message-ID: messages that other envelopes of it became, in any account. */
  readonly copies: readonly CopyFacts[]
}

const maxHops = 100
const isNew: GuardAnswer = {
  ignore: null,
  reusedMessageId: false,
  entry: { step: 'automation', outcome: 'new', detail: 'not seen before, no loop' },
}

/**
 * Detects own mail that came back, loops, list mail, and duplicates of the conversation. Throws only when a lookup
 * does.
 */
export async function findDuplicate(guarded: Guarded, lookup: Lookup): Promise<GuardAnswer> {
  const { mail, origin, destination } = guarded
  const loop = await findLoop(guarded, lookup)
  if (loop !== null) return ignore(loop.reason, loop.detail)
  if (
    mail.automation === 'list' &&
    destination.token === null &&
    destination.thread === null &&
    !isOwnList(mail, destination, origin.isFromInbox)
  )
    return ignore('mailing-list', `${mail.automationEvidence}, and it answers no conversation`)
  return findRepeat(guarded, lookup)
}

// Another account's inbox may write to this one: a loop is what comes back to where it began.
async function findLoop(
  { header, origin, destination, known }: Guarded,
  lookup: Lookup,
): Promise<{ reason: 'own-mail' | 'mail-loop'; detail: string } | null> {
  const { from, messageId } = header
  const hops = header.headers.filter((field) => field.name === 'received').length
  if (hops > maxHops) return { reason: 'mail-loop', detail: `it has passed ${String(hops)} hosts` }
  const address = from?.address ?? ''
  if (isTokenAddress(address) && (await lookup.isOwnDomain(address.slice(address.lastIndexOf('@') + 1).toLowerCase())))
    return { reason: 'mail-loop', detail: `${address} is a reply address of Rethread, and no person writes from one` }
  if (origin.isFromInbox && origin.namedIn === null)
    return { reason: 'mail-loop', detail: `${address} is one of our inboxes` }
  const isOwn = known.some(
    (thread) => thread.outgoing && thread.conversation.account.id === (destination.account?.id ?? null),
  )
  return isOwn ? { reason: 'own-mail', detail: `${messageId ?? ''} is a mail that we sent` } : null
}

async function findRepeat(guarded: Guarded, lookup: Lookup): Promise<GuardAnswer> {
  const { token, thread } = guarded.destination
  const named = token?.conversation.id ?? thread?.conversation.id ?? null
  const { messageId } = guarded.mail
  if (messageId === null) return findCopy(guarded, named)
  if (named !== null) return compare(guarded.mail, named, lookup)
  const begun = await findBegun(guarded, lookup)
  return begun.ignore === null ? ((await findBegunByAgent(guarded, messageId, lookup)) ?? begun) : begun
}

// What an agent sends leaves under another Message-ID.
async function findBegunByAgent({ mail, destination: { inbox } }: Guarded, messageId: string, lookup: Lookup) {
  if (inbox === null || inbox.agentId === null) return null
  const known = await lookup.findBegun(inbox.id, messageId)
  return known === null ? null : compareWith(known, mail)
}

// Without a Message-ID the bytes tell: another envelope of the same mail.
function findCopy({ copies, destination: { account, inbox } }: Guarded, named: number | null): GuardAnswer {
  const own = copies.filter(({ conversation }) => conversation.account.id === account?.id)
  const isHere = ({ conversation }: CopyFacts): boolean =>
    named === null ? inbox?.id === conversation.inboxId : named === conversation.id
  const copy = own.find(isHere)
  if (copy !== undefined)
    return ignore('duplicate-message', `message ${String(copy.messageId)} is the same mail, by another envelope`)
  return { ...isNew, elsewhere: named === null ? (own[0]?.conversation ?? null) : null }
}

/**
 * The same for a mail that is to begin a conversation although it names one: it may have begun it before. Throws only
 * when a lookup does.
 */
export async function findBegun(guarded: Guarded, lookup: Lookup): Promise<GuardAnswer> {
  const { mail } = guarded
  const { here, elsewhere } = findEarlier(guarded)
  const answer = await compare(mail, here?.id ?? null, lookup)
  if (here !== null || elsewhere === null || mail.messageId === null) return answer
  const message = await lookup.findMessage(elsewhere.id, mail.messageId)
  return message?.digest === digestMail(mail) ? { ...answer, elsewhere } : answer
}

async function compare(mail: ParsedMail, conversation: number | null, lookup: Lookup): Promise<GuardAnswer> {
  const known =
    conversation === null || mail.messageId === null ? null : await lookup.findMessage(conversation, mail.messageId)
  return known === null ? isNew : compareWith(known, mail)
}

function compareWith(known: KnownMessage, mail: ParsedMail): GuardAnswer {
  if (known.digest === digestMail(mail))
    return ignore('duplicate-message', `message ${String(known.id)} is the same mail`)
  return {
    ignore: null,
    reusedMessageId: true,
    entry: {
      step: 'automation',
      outcome: 'reused-message-id',
      detail:
        `message ${String(known.id)} has the same Message-ID but another sender, words or files, so this is ` +
        'another mail',
    },
  }
}

interface Earlier {
  readonly here: ConversationFacts | null
  readonly elsewhere: ConversationFacts | null
}

// A mail to an inbox that came by another way before has begun its conversation then. Another inbox of the account is
// for other people: it has a conversation of its own.
function findEarlier({ known, destination: { account, inbox } }: Guarded): Earlier {
  const begun = known
    .map(({ conversation }) => conversation)
    .filter((conversation) => conversation.account.id === account?.id)
  const isHere = (facts: ConversationFacts): boolean => inbox === null || facts.inboxId === inbox.id
  return { here: begun.find(isHere) ?? null, elsewhere: begun.find((facts) => !isHere(facts)) ?? null }
}

function ignore(reason: NonNullable<GuardAnswer['ignore']>, detail: string): GuardAnswer {
  return { ignore: reason, reusedMessageId: false, entry: { step: 'automation', outcome: reason, detail } }
}
