// Finds the author of a mail whose From names none of its writers: a contact form that writes as no-reply@ or as our
// own address, and a group or list that puts its own address into From. Another field then names the author, who is
// never verified (docs/adr/0046). Also finds the address at which an ordinary author wants answers (RFC 5322 §3.6.2).

import type { TraceEntry } from '../contracts/trace.ts'
import { addressKey, isEmailAddress, isSameAddress, stripTag } from '../mail/address.ts'
import { readMailboxes } from '../mail/header/address-list.ts'
import { readFieldValues } from '../mail/header/split-head.ts'
import type { Mailbox, ParsedMail } from '../mail/parsed-mail.ts'
import { isTokenAddress } from '../mail/reply-address.ts'
import type { Destination } from './destination.ts'
import { isListAddress } from './lists.ts'
import type { InboxFacts, Lookup } from './lookup.ts'
import { isOwnDomain } from './own-domain.ts'

export interface Origin {
  /** Of From, or of another field. */
  readonly author: Mailbox | null
  /** The field that names the author; null: From. */
  readonly namedIn: OtherField | null
  /** From is an address of an inbox of the account. */
  readonly isFromInbox: boolean
  /** Reply-To of an author in From, if it is another address; null: none. */
  readonly answersTo: string | null
  readonly entries: readonly TraceEntry[]
}

interface OtherField {
  readonly field: string
  /** From is at a domain of the inbox: the company decides who writes there. */
  readonly isCompany: boolean
}

interface Named {
  readonly field: string
  readonly mailbox: Mailbox
}

/** One look-up for all addresses. Throws only when it does. */
export async function findOrigin(mail: ParsedMail, destination: Destination, lookup: Lookup): Promise<Origin> {
  const { from } = mail
  if (from === null) return { author: null, namedIn: null, isFromInbox: false, answersTo: null, entries: [] }
  const named = readNamed(mail)
  const found = await lookup.findInboxes(keysOf([from.address, ...named.map(({ mailbox }) => mailbox.address)]))
  const own = ownAddresses(destination, found)
  const isFromInbox = isAmong(own, from.address)
  const others = named.filter(
    ({ mailbox: { address } }) =>
      isEmailAddress(address) &&
      !isSameAddress(address, from.address) &&
      !isAmong(own, address) &&
      !isTokenAddress(address) &&
      !isUnanswered(address),
  )
  const disguise = await findDisguise(mail, { from, own, isFromInbox, others, destination }, lookup)
  const chosen = disguise === null ? undefined : others.find(({ field }) => disguise.fields.includes(field))
  if (disguise === null || chosen === undefined)
    return { author: from, namedIn: null, isFromInbox, ...findAnswersTo(mail, others) }
  const { mailbox, field } = chosen
  return {
    author: { ...mailbox, name: mailbox.name === '' ? nameBefore(from.name) : mailbox.name },
    namedIn: { field, isCompany: disguise.isCompany },
    isFromInbox,
    answersTo: null,
    entries: [
      {
        step: 'speaker',
        outcome: 'author-not-in-from',
        detail: `${from.address} ${disguise.detail}; the author is ${mailbox.address}, named in ${field}`,
      },
    ],
  }
}

// Where an author who is in From wants answers. Automatic mail is not answered.
function findAnswersTo(mail: ParsedMail, others: readonly Named[]): Pick<Origin, 'answersTo' | 'entries'> {
  const replyTo = others.find(({ field }) => field === 'reply-to')?.mailbox.address
  const from = mail.from?.address ?? ''
  if (
    replyTo === undefined ||
    mail.automation !== 'person' ||
    mail.replyTo.some(({ address }) => isSameAddress(address, from))
  )
    return { answersTo: null, entries: [] }
  const detail = `Reply-To asks for answers at ${replyTo}`
  return { answersTo: addressKey(replyTo), entries: [{ step: 'speaker', outcome: 'reply-to', detail }] }
}

const originalFields = ['x-original-from', 'reply-to', 'x-original-sender'] as const

// A field that appears twice says nothing: programs disagree on which one counts.
function readNamed(mail: ParsedMail): Named[] {
  return originalFields.flatMap((field) => {
    const values = readFieldValues(mail.headers, field)
    if (values.length !== 1) return []
    const mailboxes = field === 'reply-to' ? mail.replyTo : readMailboxes(values[0] ?? '')
    return mailboxes.slice(0, maxNamed).map((mailbox) => ({ field, mailbox }))
  })
}

/** Looked at in one field. */
const maxNamed = 10

interface Disguise {
  /** In order of certainty. */
  readonly fields: readonly string[]
  readonly isCompany: boolean
  readonly detail: string
}

interface Suspect {
  readonly from: Mailbox
  readonly own: readonly string[]
  readonly isFromInbox: boolean
  readonly others: readonly Named[]
  readonly destination: Destination
}

// Why From is not the author; null: it is.
async function findDisguise(mail: ParsedMail, suspect: Suspect, lookup: Lookup): Promise<Disguise | null> {
  const { from, own, isFromInbox, others, destination } = suspect
  const isCompany = isFromInbox || isOwnDomain(own, from.address)
  // What the owner of a reply address is worth may not be claimed by a field that any server writes.
  if (others.length === 0 || (!isCompany && destination.token !== null)) return null
  const known = describe(mail, suspect)
  if (known !== null) return { ...known, isCompany }
  if (!isCompany || !isForCustomer(suspect) || (await isAgent(from.address, destination, lookup))) return null
  return { fields: ['reply-to'], isCompany, detail: 'is an address at a domain of the inbox' }
}

function describe(mail: ParsedMail, { from, isFromInbox }: Suspect): Omit<Disguise, 'isCompany'> | null {
  if (isFromInbox) return { fields: originalFields, detail: 'is an address of an inbox' }
  if (isListAddress(mail, from.address) || isRewritten(mail, from))
    return { fields: originalFields, detail: 'is the address of a group or list' }
  return isUnanswered(from.address) ? { fields: ['reply-to'], detail: 'takes no answers' } : null
}

function isForCustomer({ own, others }: Suspect): boolean {
  const replyTo = others.filter(({ field }) => field === 'reply-to')
  return replyTo.length > 0 && !replyTo.some(({ mailbox }) => isOwnDomain(own, mailbox.address))
}

// Google Groups and Mailman, for domains whose DMARC policy forbids them to keep From.
function isRewritten(mail: ParsedMail, from: Mailbox): boolean {
  return /\s(?:via|über|через|par le biais de|por medio de)\s/iu.test(from.name) && has(mail, 'x-original-from')
}

const has = (mail: ParsedMail, name: string): boolean => readFieldValues(mail.headers, name).length > 0

const unanswered = new RegExp(
  '(?:^|[-_.+])(?:(?:no|do[-_.]?not|don[-_.]?t)[-_.]?(?:reply|respond|answer)|ne[-_.]?pas[-_.]?repondre' +
    '|(?:nicht|keine)[-_.]?antwort(?:en)?|n[aã]o[-_.]?respond(?:a|er)|no[-_.]?(?:responder|responda|contestar)' +
    '|non[-_.]?rispondere|niet[-_.]?(?:beantwoorden|reageren)|nie[-_.]?odpowiadaj|svara?[-_.]?(?:ej|inte|ikke))' +
    '(?:$|[-_.+\\d])',
  'iu',
)

function isUnanswered(address: string): boolean {
  return unanswered.test(address.slice(0, address.lastIndexOf('@')))
}

// "'Ines Holm' via Support" → "Ines Holm"
function nameBefore(name: string): string {
  const [before = '', ...rest] = name.split(/\s(?:via|über|через|par le biais de|por medio de)\s/iu)
  return rest.length === 0 ? '' : before.replace(/^['"‘“]+|['"’”]+$/gu, '').trim()
}

function keysOf(addresses: readonly string[]): string[] {
  return [...new Set(addresses.flatMap((address) => [addressKey(address), addressKey(stripTag(address))]))]
}

function ownAddresses({ account, inbox }: Destination, found: readonly InboxFacts[]): string[] {
  const inboxes = [...found.filter((one) => one.account.id === account?.id), ...(inbox === null ? [] : [inbox])]
  return [...new Set(inboxes.flatMap(({ address, ownAddresses: all }) => [address, ...all].map(addressKey)))]
}

function isAmong(own: readonly string[], address: string): boolean {
  return keysOf([address]).some((key) => own.includes(key))
}

async function isAgent(address: string, { account }: Destination, lookup: Lookup): Promise<boolean> {
  if (account === null) return false
  const facts = await lookup.findSpeaker({
    accountId: account.id,
    conversationId: null,
    address: address.toLowerCase(),
  })
  return facts.agentId !== null
}
