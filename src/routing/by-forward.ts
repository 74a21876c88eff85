// A verified agent forwards a customer's mail to an inbox, in the text or as a file: it begins a conversation with that
// customer. Who wrote it is what the agent's mail says, so it counts from agents only, and the customer stays
// unverified (docs/adr/0049-forwarded-mail.md).

import type { Forward, OpenConversation } from '../contracts/decision.ts'
import { isSameAddress } from '../mail/address.ts'
import type { Mailbox, ParsedMail } from '../mail/parsed-mail.ts'
import { isTokenAddress } from '../mail/reply-address.ts'
import { attachedMail, findAttachedMails } from '../mail/reply-text/attached-mail.ts'
import { forwardedMail, readForwarded } from '../mail/reply-text/forwarded.ts'
import type { Authorised, Context } from './authorise.ts'
import type { FoundInbox } from './by-inbox-address.ts'
import type { Lookup } from './lookup.ts'
import type { RoutingInput } from './routing-input.ts'

/** How routing learns more about a mail. */
export interface Reading extends Pick<RoutingInput, 'readMail'> {
  readonly lookup: Lookup
}

interface Candidate extends Omit<Forward, 'userId'> {
  readonly from: Mailbox
  readonly how: string
}

/**
 * The conversation with the first author outside the team; null when the mail is not of a verified agent, or forwards
 * no mail of anyone else. Throws only when a lookup does.
 */
export async function byForward(mail: ParsedMail, context: Context, reading: Reading): Promise<Authorised | null> {
  const { inbox, speaker, authentication, isAutoReply, isDegraded } = context
  if (inbox === null || speaker.agentId === null || authentication !== 'pass' || isAutoReply || isDegraded) return null
  const { lookup } = reading
  const customer =
    (await findCustomer(candidatesIn(mail, []), inbox, lookup)) ??
    (await findCustomer(await candidatesOfFile(mail, reading), inbox, lookup))
  if (customer === null) return null
  const { from, how, mail: forwarded, above } = customer
  const decision: OpenConversation = {
    action: 'open',
    reason: 'forwarded-by-agent',
    inboxId: inbox.id,
    accountId: inbox.account.id,
    linkedToId: null,
    speaker: from,
    forward: { userId: speaker.agentId, mail: forwarded, above },
    marks: { autoReply: false, verified: false, viaOtherReplyAddress: false, reusedMessageId: false },
  }
  const detail = `${context.from.address} is a verified agent and ${how} ${from.address} as its author`
  return { decision, entry: { step: 'authority', outcome: 'forwarded', detail } }
}

// Those in the text, the outermost first.
function candidatesIn(mail: ParsedMail, before: readonly string[]): Candidate[] {
  const forwarded = readForwarded(mail)
  return forwarded.map((one, depth) => ({
    from: one.from,
    how: 'forwards a mail whose text names',
    mail: forwardedMail(mail, one),
    above: joined([...before, ...forwarded.slice(0, depth + 1).map(({ above }) => above)]),
  }))
}

// The one mail that it has as a file, and those in its text. Which of several is meant is not known.
async function candidatesOfFile(mail: ParsedMail, { readMail }: Reading): Promise<Candidate[]> {
  const [file, ...others] = findAttachedMails(mail)
  if (file === undefined || others.length > 0) return []
  const inner = await readMail(file.content)
  const forwarded = attachedMail(mail, file, inner)
  const own =
    inner.from === null
      ? []
      : [{ from: inner.from, how: 'attaches a mail that names', mail: forwarded, above: joined([mail.replyText]) }]
  return [...own, ...candidatesIn(forwarded, [mail.replyText])]
}

const joined = (words: readonly string[]): string =>
  words
    .map((one) => one.trim())
    .filter((one) => one !== '')
    .join('\n\n')

async function findCustomer(
  candidates: readonly Candidate[],
  inbox: FoundInbox,
  lookup: Lookup,
): Promise<Candidate | null> {
  for (const candidate of candidates) if (await isCustomer(candidate.from.address, inbox, lookup)) return candidate
  return null
}

async function isCustomer(address: string, inbox: FoundInbox, lookup: Lookup): Promise<boolean> {
  if (isTokenAddress(address) || inbox.ownAddresses.some((own) => isSameAddress(own, address))) return false
  const question = { accountId: inbox.account.id, conversationId: null, address: address.toLowerCase() }
  return (await lookup.findSpeaker(question)).agentId === null
}
