// Validation of a new message before anything is written, so that a refusal leaves nothing behind.

import { toComposed } from '../../db/json.ts'
import { addressKey, isEmailAddress } from '../../mail/address.ts'
import type { NewAttachment, SentBefore } from '../files/new-file.ts'
import { refuse } from '../records/problem.ts'
import type { Json, MessageType } from '../records/rows.ts'
import { keepContent } from './content-kinds.ts'

export interface MessageAuthor {
  readonly type: 'user' | 'agent_bot'
  readonly id: number
}

export interface NewMessage {
  readonly content: string | null
  readonly messageType: MessageType
  readonly private: boolean
  readonly contentType: string
  readonly contentAttributes: Json
  readonly additionalAttributes: Json
  /** Another system's id of the message. Mail of an email inbox gets a generated Message-ID instead. */
  readonly sourceId: string | null
  readonly attachments: readonly (NewAttachment | SentBefore)[]
  /** Its author named no recipients: those of a reply get it (reply-recipients.ts). */
  readonly hasNoRecipients?: boolean
  /** The author of the draft. */
  readonly endsDraftOf?: number | null
  /** How long its mail waits before it leaves, in ms; default: not at all. */
  readonly sendAfterMs?: number
  /** The agent or bot who writes, null for ourselves; an incoming message is the contact's all the same. */
  readonly author: MessageAuthor | null
}

/** To the contact: a template is outgoing, too. */
export function isOutgoing({ messageType }: Pick<NewMessage, 'messageType'>): boolean {
  return messageType === 'outgoing' || messageType === 'template'
}

/**
 * No person wrote the outgoing message: a template, a bot or a rule did. `isByMachine` of db/rules asks the same of a
 * stored message; a test compares the two.
 */
export function isByMachine({
  messageType,
  author,
  contentAttributes,
}: Pick<NewMessage, 'messageType' | 'author' | 'contentAttributes'>): boolean {
  const isByRule = ![undefined, null, ''].includes(contentAttributes['automation_rule_id'] as string | null | undefined)
  return messageType === 'template' || author?.type !== 'user' || isByRule
}

/** Automatic public message. */
export function templateMessage(content: string, contentType: 'text' | 'input_email' = 'text'): NewMessage {
  return {
    content,
    contentType,
    messageType: 'template',
    private: false,
    contentAttributes: {},
    additionalAttributes: {},
    sourceId: null,
    attachments: [],
    author: null,
  }
}

const maxContent = 150_000
const maxAttachments = 15
// An index row holds no more than a few times this.
const maxSourceIdBytes = 600
// Attributes that only Rethread sets.
const reserved = new Set(['delivery', 'deleted', 'external_error', 'sent_again_as', 'sent_again_from'])

/**
 * The message without the attributes that only Rethread sets. Throws `MailError('malformed')` with a sentence for
 * people.
 */
export function checkNewMessage(message: NewMessage): NewMessage {
  if ((message.content ?? '').length > maxContent)
    throw refuse(`Validation failed: Content is too long (maximum is ${String(maxContent)} characters)`)
  if (message.attachments.length > maxAttachments)
    throw refuse('Validation failed: Attachments exceeded maximum allowed')
  if (Buffer.byteLength(message.sourceId ?? '') > maxSourceIdBytes)
    throw refuse(`Validation failed: Source is too long (maximum is ${String(maxSourceIdBytes)} bytes)`)
  const attributes = Object.fromEntries(
    Object.entries(message.contentAttributes).filter(([name]) => !reserved.has(name)),
  )
  const kept = keepContent(message.contentType, {
    content: message.content,
    attributes,
    files: message.attachments.length,
  })
  if ('problem' in kept) throw refuse(kept.problem)
  return {
    ...message,
    content: message.content === null ? null : toComposed(message.content),
    contentType: kept.contentType,
    contentAttributes: kept.attributes,
  }
}

/**
 * The addresses in a list divided by `,` `;` or lines, without names, each once in whatever case. Throws 422 "Invalid
 * email address".
 */
export function parseAddresses(list: readonly string[]): string[] {
  const parts = list
    .flatMap((text) => text.replace(/"[^"]*"/g, '').split(/[,;\n]/))
    .map((part) => part.trim())
    .filter((part) => part !== '')
  const addresses = parts.map((part) => /^[^<>]*<([^<>]+)>$/.exec(part)?.[1]?.trim() ?? part.replace(/\s+/g, ''))
  if (!addresses.every(isEmailAddress)) throw refuse('Invalid email address')
  return [...new Map(addresses.toReversed().map((address) => [addressKey(address), address])).values()].reverse()
}
