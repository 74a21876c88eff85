// How a conversation and its messages are named on the screen.

import type { Conversation, Message } from '../api/client'

type Attributes = Readonly<Record<string, unknown>>

/** The subject of the mail that began it, or null. */
export function subjectOf({
  additional_attributes: attributes,
}: Pick<Conversation, 'additional_attributes'>): string | null {
  const { mail_subject: subject } = attributes as Attributes
  return typeof subject === 'string' && subject.trim() !== '' ? subject : null
}

/** The contact's name; else the address. */
export function contactName({ meta }: Pick<Conversation, 'meta'>): string {
  return meta.sender.name || meta.sender.email || meta.sender.phone_number || '–'
}

/** The words of a message on one line, without Markdown's signs. */
export function preview(message: Pick<Message, 'content' | 'content_attributes'>): string {
  const { deleted } = message.content_attributes as Attributes
  if (deleted === true) return ''
  return (message.content ?? '')
    .replace(/^\s*(?:>|#{1,6} |[-*] |\d+\. )/gm, '')
    .replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/[*_`~]{1,3}(\S[^*_`~]*?\S|\S)[*_`~]{1,3}/g, '$1')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, 200)
}

export const messageTypes = { incoming: 0, outgoing: 1, activity: 2, template: 3 } as const
