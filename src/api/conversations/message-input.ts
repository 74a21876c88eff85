// A message as a client writes it: JSON or form, files, recipients, attributes as an object or as JSON text.

import { isEmail } from '../../contracts/channels.ts'
import { type MessageAuthor, type NewMessage, parseAddresses } from '../../conversations/messages/new-message.ts'
import { type ConversationRow, type Json, type MessageType, messageTypes } from '../../conversations/records/rows.ts'
import type { MemberOrBot } from '../access/auth.ts'
import { cleanText } from '../input/clean.ts'
import { unprocessable } from '../input/fault.ts'
import { anyField, filledText, flag, list, object, recordId, text } from '../input/fields.ts'
import { isParameters } from '../input/parameters.ts'
import type { UploadedFile } from '../request/multipart.ts'
import type { Given } from '../request/route.ts'
import { parseTime } from './parse-time.ts'

export const messageFields = {
  content: text,
  message_type: filledText,
  private: flag,
  content_type: filledText,
  content_attributes: object,
  template_params: object,
  campaign_id: filledText,
  external_created_at: filledText,
  source_id: filledText,
  cc_emails: list,
  bcc_emails: list,
  to_emails: list,
  /** The writer's draft. */
  draft: flag,
  undo_seconds: filledText,
  /** The older name of `undo_seconds`. */
  send_after_seconds: filledText,
  send_at: filledText,
  /** AgentBot, with `sender_id`: the message is written in the name of this bot. */
  sender_type: filledText,
  sender_id: recordId,
  /** Files as parts of a form, or the `blob_id`s of files that were uploaded before. */
  attachments: anyField,
}

const recipientFields = ['to_emails', 'cc_emails', 'bcc_emails'] as const

interface Written {
  readonly given: Given<typeof messageFields>
  readonly files: readonly UploadedFile[]
  /** Null: the contact. */
  readonly by: Pick<MemberOrBot, 'user' | 'bot'> | null
}

/** The message that a request describes. Throws 422 with a sentence. */
export function parseNewMessage(written: Written, channelType: ConversationRow['channelType']): NewMessage {
  const fields = written.given
  return {
    content: fields.content ?? null,
    messageType: parseMessageType(fields.message_type),
    private: fields.private ?? false,
    contentType: fields.content_type ?? 'text',
    contentAttributes: {
      ...fields.content_attributes,
      ...(fields.external_created_at === undefined ? {} : { external_created_at: fields.external_created_at }),
      ...(isEmail(channelType) ? parseRecipients(fields) : {}),
    },
    additionalAttributes: parseAdditional(fields),
    sourceId: fields.source_id ?? null,
    attachments: parseFiles(written),
    endsDraftOf: drafterOf(written),
    sendAfterMs: parseSendAfter(fields, channelType),
    hasNoRecipients: !namesRecipients(fields),
    author: written.by === null ? null : authorOf(written.by),
  }
}

function drafterOf({ given, by }: Written): number | null {
  return given.draft === true ? (by?.user?.id ?? null) : null
}

// An empty list means: no recipients besides the conversation's.
function namesRecipients(fields: Given<typeof messageFields>): boolean {
  return recipientFields.some((name) => (fields[name] ?? fields.content_attributes?.[name]) !== undefined)
}

function authorOf({ user, bot }: Pick<MemberOrBot, 'user' | 'bot'>): MessageAuthor {
  return user === null ? { type: 'agent_bot', id: bot?.id ?? 0 } : { type: 'user', id: user.id }
}

function parseMessageType(name = 'outgoing'): MessageType {
  const type = messageTypes.find((known, number) => known === name || String(number) === name)
  if (type === undefined) throw unprocessable(`'${name}' is not a valid message_type`)
  return type
}

function parseRecipients(fields: {
  readonly cc_emails?: string[] | undefined
  readonly bcc_emails?: string[] | undefined
  readonly to_emails?: string[] | undefined
}): Json {
  return {
    cc_emails: parseAddresses(fields.cc_emails ?? []),
    bcc_emails: parseAddresses(fields.bcc_emails ?? []),
    to_emails: parseAddresses(fields.to_emails ?? []),
  }
}

const maxSeconds = 120
const maxDays = 366

const waitFields = ['undo_seconds', 'send_after_seconds', 'send_at'] as const

// For the seconds in which the writer can cancel it, or until a time that the writer chooses.
function parseSendAfter(
  fields: Pick<Given<typeof messageFields>, (typeof waitFields)[number]>,
  channelType: ConversationRow['channelType'],
): number {
  const [name, ...others] = waitFields.filter((field) => fields[field] !== undefined)
  if (name === undefined) return 0
  const [other] = others
  if (other !== undefined) throw unprocessable(`Name ${name} or ${other}, and not both`)
  const { send_at: at } = fields
  if (name !== 'send_at') {
    const given = (fields[name] ?? '').trim()
    const wait = /^\d{1,3}$/.test(given) ? Number(given) : Infinity
    if (wait > maxSeconds) throw unprocessable(`${name} must be a whole number from 0 to ${String(maxSeconds)}`)
    return wait * 1_000
  }
  if (at === undefined) return 0
  if (!isEmail(channelType)) throw unprocessable('send_at works in email inboxes only')
  const wait = parseTime('send_at', at).getTime() - Date.now()
  if (wait > maxDays * 86_400_000) throw unprocessable('send_at is more than a year away')
  return Math.max(wait, 0)
}

function parseAdditional(fields: {
  readonly campaign_id?: string | undefined
  readonly template_params?: Json | undefined
}): Json {
  return {
    ...(fields.campaign_id === undefined ? {} : { campaign_id: fields.campaign_id }),
    ...(fields.template_params === undefined ? {} : { template_params: fields.template_params }),
  }
}

// A form may send a list as a map with numbers for keys.
function listOf(given: unknown): unknown[] {
  if (Array.isArray(given)) return given
  return isParameters(given) ? Object.values(given) : [given]
}

function parseFiles({ given, files }: Written): NewMessage['attachments'] {
  const named = given.attachments
  const ids = listOf(named).filter((id) => id !== undefined && id !== null && id !== '')
  const sentBefore = ids.map((id) => ({ upload: String(id) }))
  const withForm = files
    // A form whose file field was left empty sends a nameless file of no bytes.
    .filter((file) => file.filename !== '' || file.bytes.length > 0)
    .filter((file) => /^(message\[)?attachments\]?(\[\w*\])*$/.test(file.field))
    .map((file) => ({
      fileName: cleanText(file.filename),
      contentType: cleanText(file.contentType),
      bytes: file.bytes,
    }))
  return [...withForm, ...sentBefore]
}
