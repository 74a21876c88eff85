// Sends the mail of a message again. One that no server took is retried under its Message-ID; one that somebody got, or
// that goes to other recipients, is a new message: mail clients hide a second mail with the same Message-ID.

import { isEmail } from '../../contracts/channels.ts'
import { queryOne, type Tx, withDeadlockRetry } from '../../db/pool.ts'
import { addressKey } from '../../mail/address.ts'
import { recipientsOf } from '../life-line/advance.ts'
import { deliveryOf } from '../life-line/record-delivery.ts'
import { isDue, isFailed, isReached, readState } from '../life-line/states.ts'
import type { Json, MessageType } from '../records/rows.ts'
import { findWritten, noteWritten } from '../retries/retry-guards.ts'
import { keepFiles } from './cancel-send.ts'
import { retryIn } from './change-message.ts'
import { type WriteDeps, writeMessage } from './create-message.ts'
import type { MessageAuthor, NewMessage } from './new-message.ts'

export interface Recipients {
  readonly to_emails: readonly string[]
  readonly cc_emails: readonly string[]
  readonly bcc_emails: readonly string[]
}

export interface SendAgain {
  readonly conversationId: number
  readonly messageId: number
  readonly author: MessageAuthor
  /** Null: those who did not get it, or all if everybody did. */
  readonly recipients: Recipients | null
}

/**
 * waiting: it has not left yet; sent-again: it was, before; unclear: only Bcc recipients did not get it, and a new mail
 * needs somebody in To.
 */
export type NotAgain = 'gone' | 'not-mailed' | 'waiting' | 'sent-again' | 'unclear' | 'other-channel'

/** The id of the message that is sent: the same, or a new one; or why none is. Throws as `createMessage` does. */
export async function sendAgain(deps: WriteDeps, wanted: SendAgain): Promise<number | NotAgain> {
  const outcome = await withDeadlockRetry(deps.pool, (tx) => again(tx, deps, wanted))
  if (typeof outcome === 'number') deps.wake()
  return outcome
}

interface Original {
  readonly status: string
  readonly message_type: MessageType
  readonly private: boolean
  readonly content: string | null
  readonly content_type: string
  readonly content_attributes: Json
  readonly channel_type: string
  readonly recipient: string | null
}

async function again(tx: Tx, deps: WriteDeps, wanted: SendAgain): Promise<number | NotAgain> {
  const { guards = [] } = deps
  await tx.query('select 1 from conversations where id = $1 for no key update', [wanted.conversationId])
  const written = guards.length === 0 ? null : await findWritten(tx, guards, 'message')
  if (written !== null) return written
  const original = await readOriginal(tx, wanted)
  if (original === null) return 'gone'
  const refusal = refusalOf(original, wanted)
  if (refusal !== null) return refusal
  if (wanted.recipients === null && isNeverTaken(original)) {
    const outcome = await retryIn(tx, wanted, deps)
    return outcome === 'queued' ? wanted.messageId : 'not-mailed'
  }
  return writeAgain(tx, deps, { original, wanted })
}

async function writeAgain(
  tx: Tx,
  deps: WriteDeps,
  { original, wanted }: { readonly original: Original; readonly wanted: SendAgain },
): Promise<number | NotAgain> {
  const { guards = [] } = deps
  if (!isEmail(original.channel_type)) return 'other-channel'
  const recipients = wanted.recipients ?? missedBy(original)
  if (recipients === null) return 'unclear'
  const message = await newMessageOf(tx, original, { ...wanted, recipients })
  const { messageId } = await writeMessage(tx, wanted.conversationId, { ...deps, message })
  await link(tx, wanted.messageId, messageId)
  if (guards.length > 0) await noteWritten(tx, guards, { messageId })
  return messageId
}

function readOriginal(tx: Tx, { conversationId, messageId }: SendAgain): Promise<Original | null> {
  return queryOne<Original & Record<string, unknown>>(
    tx,
    `select m.status,
       m.message_type,
       m.private,
       m.content,
       m.content_type,
       m.content_attributes,
       ch.channel_type,
       r.email as recipient
     from messages m
       join conversation_recipients r on r.conversation_id = m.conversation_id
       join inboxes i on i.id = m.inbox_id
       join channels ch on ch.id = i.channel_id
     where m.id = $1 and m.conversation_id = $2
     for update of m`,
    [messageId, conversationId],
  )
}

function refusalOf(original: Original, { recipients }: SendAgain): NotAgain | null {
  const { content_attributes: attributes, message_type: type } = original
  const isMail = (type === 'outgoing' || type === 'template') && !original.private && 'delivery' in attributes
  if (!isMail || attributes['deleted'] === true) return 'not-mailed'
  const { state = '' } = deliveryOf(attributes)
  if (isDue(readState(state))) return 'waiting'
  return recipients === null && 'sent_again_as' in attributes ? 'sent-again' : null
}

function isNeverTaken({ status, content_attributes: attributes }: Original): boolean {
  const delivery = deliveryOf(attributes)
  const isTaken = recipientsOf(delivery).some(({ state }) => isReached(state) || state === 'bounced')
  return status === 'failed' && !isTaken
}

// Those who did not get it keep their place; somebody must stand in To.
function missedBy({ content_attributes: attributes, recipient }: Original): Recipients | null {
  const missed = recipientsOf(deliveryOf(attributes)).filter(({ state }) => isFailed(state))
  const keys = new Set(missed.flatMap(({ email }) => (email === null ? [] : [addressKey(email)])))
  const wanted = (list: readonly string[]): string[] =>
    keys.size === 0 ? [...list] : list.filter((email) => keys.has(addressKey(email)))
  const named = listAt(attributes, 'to_emails')
  const to = wanted(named.length === 0 && recipient !== null ? [recipient] : named)
  const cc = wanted(listAt(attributes, 'cc_emails'))
  const bcc = wanted(listAt(attributes, 'bcc_emails'))
  if (to.length > 0) return { to_emails: to, cc_emails: cc, bcc_emails: bcc }
  if (cc.length > 0) return { to_emails: cc, cc_emails: [], bcc_emails: bcc }
  return bcc.length === 1 ? { to_emails: bcc, cc_emails: [], bcc_emails: [] } : null
}

function listAt(attributes: Json, name: string): readonly string[] {
  const list: unknown = attributes[name]
  return Array.isArray(list) ? list.filter((entry): entry is string => typeof entry === 'string') : []
}

async function newMessageOf(
  tx: Tx,
  original: Original,
  { messageId, author, recipients }: SendAgain & { readonly recipients: Recipients },
): Promise<NewMessage> {
  const { in_reply_to: answered } = original.content_attributes
  return {
    content: original.content,
    messageType: 'outgoing',
    private: false,
    contentType: 'text',
    contentAttributes: { ...recipients, ...(answered === undefined ? {} : { in_reply_to: answered }) },
    additionalAttributes: {},
    sourceId: null,
    attachments: (await keepFiles(tx, messageId)).map((upload) => ({ upload })),
    author,
  }
}

async function link(tx: Tx, from: number, to: number): Promise<void> {
  await tx.query(
    `update messages set
       updated_at = now(),
       content_attributes = content_attributes || case
         when id = $1 then jsonb_build_object('sent_again_as', $2::int)
         else jsonb_build_object('sent_again_from', $1::int)
       end
     where id in ($1, $2)`,
    [from, to],
  )
}
