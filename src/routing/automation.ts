// Loops, lists and repeats: automatic mail that must not make a message, or not another one (RFC 3834 §2, RFC 5321
// §6.3).

import type { IgnoredReason } from '../contracts/decision.ts'
import type { TraceEntry } from '../contracts/trace.ts'
import { digestMail } from '../mail/message-text.ts'
import type { ParsedMail } from '../mail/parsed-mail.ts'
import { isTokenAddress } from './by-reply-address.ts'
import type { Destination } from './destination.ts'
import type { Lookup } from './lookup.ts'
import type { RoutingInput } from './routing-input.ts'

export interface GuardAnswer {
  readonly ignore: Exclude<IgnoredReason, 'report-without-message' | 'agent-auto-reply'> | null
  readonly reusedMessageId: boolean
  readonly entry: TraceEntry
}

const maxHops = 100

/**
 * Detects own mail that came back, loops, list mail, and duplicates of the conversation. Throws only when a lookup
 * does.
 */
export async function findDuplicate(
  input: RoutingInput,
  destination: Destination,
  lookup: Lookup,
): Promise<GuardAnswer> {
  const { mail } = input
  const loop = await findLoop(input, destination.account?.id ?? null, lookup)
  if (loop !== null) return ignore(loop.reason, loop.detail)
  if (
    mail.automation === 'list' &&
    destination.token === null &&
    destination.thread === null &&
    !isOwnList(mail, destination)
  )
    return ignore('mailing-list', `${mail.automationEvidence}, and it answers no conversation`)
  return findRepeat(input, destination, lookup)
}

// Another account's inbox may write to this one: a loop is what comes back to where it began.
async function findLoop(
  { mail }: RoutingInput,
  accountId: number | null,
  lookup: Lookup,
): Promise<{ reason: 'own-mail' | 'mail-loop'; detail: string } | null> {
  const hops = mail.headers.filter((field) => field.name === 'received').length
  if (hops > maxHops) return { reason: 'mail-loop', detail: `it has passed ${String(hops)} hosts` }
  const from = mail.from?.address ?? ''
  if (isTokenAddress(from) && (await lookup.isOwnDomain(from.slice(from.lastIndexOf('@') + 1).toLowerCase())))
    return { reason: 'mail-loop', detail: `${from} is a reply address of Rethread, and no person writes from one` }
  return findOwn(mail, accountId, lookup)
}

async function findOwn(
  { from, messageId }: ParsedMail,
  accountId: number | null,
  lookup: Lookup,
): Promise<{ reason: 'own-mail' | 'mail-loop'; detail: string } | null> {
  const address = from?.address ?? ''
  const [inboxes, threads] = await Promise.all([
    address === '' ? [] : lookup.findInboxes([address.toLowerCase()]),
    messageId === null ? [] : lookup.findThreads([messageId]),
  ])
  if (inboxes.some((inbox) => inbox.account.id === accountId))
    return { reason: 'mail-loop', detail: `${address} is one of our inboxes` }
  const isOwn = threads.some((thread) => thread.outgoing && thread.conversation.account.id === accountId)
  return isOwn ? { reason: 'own-mail', detail: `${messageId ?? ''} is a mail that we sent` } : null
}

async function findRepeat({ mail }: RoutingInput, destination: Destination, lookup: Lookup): Promise<GuardAnswer> {
  const conversation =
    destination.token?.conversation.id ??
    destination.thread?.conversation.id ??
    (await findEarlier(mail.messageId, destination, lookup))
  return compare(mail, conversation, lookup)
}

/**
 * The same for a mail that is to begin a conversation although it names one: it may have begun it before. Throws only
 * when a lookup does.
 */
export async function findConcurrentDuplicate(
  { mail }: RoutingInput,
  destination: Destination,
  lookup: Lookup,
): Promise<GuardAnswer> {
  return compare(mail, await findEarlier(mail.messageId, destination, lookup), lookup)
}

async function compare(mail: ParsedMail, conversation: number | null, lookup: Lookup): Promise<GuardAnswer> {
  const known =
    conversation === null || mail.messageId === null ? null : await lookup.findMessage(conversation, mail.messageId)
  if (known === null)
    return {
      ignore: null,
      reusedMessageId: false,
      entry: { step: 'automation', outcome: 'new', detail: 'not seen before, no loop' },
    }
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

// A group address in front of an inbox writes its own List-Id on every customer's mail (seen: Google Groups); that
// list is the inbox itself.
function isOwnList(mail: ParsedMail, destination: Destination): boolean {
  const addresses = destination.inbox === null ? [] : [destination.inbox.address, destination.inbox.named]
  const marks = mail.headers
    .filter((field) => field.name === 'list-id' || field.name === 'list-post')
    .map((field) => field.value.toLowerCase())
  return addresses.some((address) =>
    marks.some(
      (mark) =>
        mark.includes(`<${address.toLowerCase().replace('@', '.')}>`) ||
        mark.includes(`<mailto:${address.toLowerCase()}>`),
    ),
  )
}

// A mail to an inbox that came by another way before has begun its conversation then.
async function findEarlier(messageId: string | null, destination: Destination, lookup: Lookup): Promise<number | null> {
  if (messageId === null) return null
  const threads = await lookup.findThreads([messageId])
  return threads.find((thread) => thread.conversation.account.id === destination.account?.id)?.conversation.id ?? null
}

function ignore(reason: NonNullable<GuardAnswer['ignore']>, detail: string): GuardAnswer {
  return { ignore: reason, reusedMessageId: false, entry: { step: 'automation', outcome: reason, detail } }
}
