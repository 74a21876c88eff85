// The header of an outgoing mail, so that its answer finds the conversation (RFC 5322 §3.6.4). Pure.

/** Facts of one outgoing message; ids without <>. */
export interface Outgoing {
  readonly conversation: {
    readonly uuid: string
    readonly accountName: string
    readonly accountId: number
    readonly subject: string | null
    readonly publicMessages: number
  }
  /** The mail that this one answers. */
  readonly parent: { readonly messageId: string; readonly references: readonly string[] } | null
  readonly domain: string
  /** A subject of the message's own wins as it is. */
  readonly ownSubject: string | null
  /** Of a conversation without a subject; absent: in English. */
  readonly noSubject?: string
}

export interface ThreadHeaders {
  readonly inReplyTo: string
  readonly references: readonly string[]
  readonly subject: string
}

// The first marks the start of the thread, the last its end; more only makes headers that relays refuse.
const maxReferences = 20

/** The Message-ID that represents a conversation: mail that refers to it belongs there. Without <>. */
export function conversationRoot(conversation: { accountId: number; uuid: string }, domain: string): string {
  return `account/${String(conversation.accountId)}/conversation/${conversation.uuid}@${domain}`
}

/** In-Reply-To, References and Subject. Never throws. */
export function composeThread(outgoing: Outgoing): ThreadHeaders {
  const { conversation, parent, domain } = outgoing
  const root = conversationRoot(conversation, domain)
  const inReplyTo = parent !== null && isSafeId(parent.messageId) ? parent.messageId : root
  const chain = [...new Set([...(parent?.references ?? []), inReplyTo])].filter(isSafeId)
  const references = chain.length <= maxReferences ? chain : [...chain.slice(0, 1), ...chain.slice(1 - maxReferences)]
  return { inReplyTo, references, subject: subjectOf(outgoing) }
}

// Ids come from other people's mail; they must not end a header line.
function isSafeId(id: string): boolean {
  return /^[^\s<>]+$/.test(id) && oneLine(id) === id
}

function subjectOf({ conversation, ownSubject, noSubject }: Outgoing): string {
  if (ownSubject !== null && ownSubject.trim() !== '') return oneLine(ownSubject)
  if (conversation.subject === null || conversation.subject.trim() === '')
    return oneLine(noSubject ?? `Your conversation with ${conversation.accountName}`)
  const subject = oneLine(conversation.subject)
  return conversation.publicMessages > 1 && !/^re:/i.test(subject) ? `Re: ${subject}` : subject
}

/** Text for a header field: no line breaks, no control characters. Never throws. */
export function oneLine(text: string): string {
  return Array.from(text, (character) => (character < ' ' || character === '\u007f' ? ' ' : character))
    .join('')
    .replace(/ {2,}/g, ' ')
    .trim()
    .slice(0, 998)
}

/** `Anna from Acme` (friendly) or `Acme` (professional); `friendly` puts the two names together. Never throws. */
export function senderName(names: {
  readonly agent: string | null
  readonly business: string
  readonly style: string
  readonly friendly?: (agent: string, business: string) => string
}): string {
  const business = oneLine(names.business)
  return names.style === 'friendly' && names.agent !== null && names.agent !== ''
    ? (names.friendly ?? english)(oneLine(names.agent), business)
    : business
}

const english = (agent: string, business: string): string => `${agent} from ${business}`
