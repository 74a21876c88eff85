// A message written by an agent, or by a client of an Api inbox: the row, its files, its effects on the conversation
// and the mail it causes, in one transaction (states S4 and S5).

import { isApi } from '../../contracts/channels.ts'
import { type Pool, queryOne, type Tx, withDeadlockRetry } from '../../db/pool.ts'
import { MailError } from '../../errors.ts'
import type { AutomaticMailLimits } from '../automatic-budget.ts'
import { endDraft } from '../drafts/drafts.ts'
import { storeAttachments } from '../files/store-attachments.ts'
import { newDelivery } from '../life-line/advance.ts'
import { refuseMerged } from '../locked-conversation.ts'
import { refuse } from '../records/problem.ts'
import { findWritten, noteWritten, type RetryGuard } from '../retries/retry-guards.ts'
import { admitAutomatic, type Withheld } from './automatic-message.ts'
import { noteBeforeSend } from './cancel-send.ts'
import { insertMessage, type MessageConversation } from './insert-message.ts'
import { noteMentions } from './mentions.ts'
import { checkNewMessage, type NewMessage } from './new-message.ts'
import { noteIncoming } from './note-incoming.ts'
import { isHumanReply, noteOutgoing, replyingBot } from './note-outgoing.ts'
import { type MailConversation, type MailDispatch, mailDispatchOf, queueMail, recipientColumns } from './queue-mail.ts'
import { settleRecipients } from './recipients.ts'
import { readReplyRecipients } from './reply-recipients.ts'

export interface WrittenMessage {
  /** 0 where it was withheld. */
  readonly messageId: number
  /** True if a mail was queued: wake the sender after the commit. */
  readonly queued: boolean
  /** Why a machine's message was not written; null = it was. */
  readonly withheld: Withheld | null
}

type Conversation = MessageConversation & MailConversation & { readonly blocked: boolean }

/** Further inputs of writing. */
export type WriteOptions = Pick<
  WriteDeps,
  'replyDomain' | 'continuityDelayMs' | 'messagesPerMinute' | 'automaticMail' | 'ownAddresses'
> & {
  readonly message: NewMessage
}

/** Writes a message in the caller's transaction, which holds the conversation until its end. */
export async function writeMessage(tx: Tx, conversationId: number, options: WriteOptions): Promise<WrittenMessage> {
  const checked = checkNewMessage(options.message)
  const message = { ...checked, contentAttributes: await settleRecipients(tx, checked, options.replyDomain) }
  const conversation = await lockConversation(tx, conversationId, options.replyDomain)
  refuseAsContact(message, conversation)
  await guardAgainstFlood(tx, conversationId, options.messagesPerMinute ?? usualPerMinute)
  const dispatch = mailDispatchOf(conversation, message)
  const queued = dispatch !== null
  const { withheld, isNeutral } = await admitAutomatic(tx, {
    conversation,
    message,
    dispatch,
    limits: options.automaticMail,
  })
  if (withheld !== null) return { messageId: 0, queued: false, withheld }
  const attributes = await attributesOf(tx, conversation, {
    message,
    dispatch,
    isNeutral,
    ownAddresses: options.ownAddresses,
  })
  const { id: messageId, created_at: at } = await insertMessage(tx, conversation, {
    ...message,
    contentAttributes: attributes,
  })
  if (message.attachments.length > 0)
    await storeAttachments(tx, { accountId: conversation.account_id, messageId }, message.attachments)
  const sendAfterMs = message.sendAfterMs ?? 0
  if (dispatch === 'continuity' || sendAfterMs > 0) await noteBeforeSend(tx, { conversationId, messageId })
  await noteInConversation(tx, conversation, { message, messageId, at })
  if (dispatch !== null)
    await queueMail(tx, dispatch, { conversationId, messageId, delayMs: options.continuityDelayMs, sendAfterMs })
  return { messageId, queued, withheld: null }
}

// A visitor writes as the contact; a client writes as a contact only if it is the channel.
function refuseAsContact({ messageType, author }: NewMessage, { channel_type: channelType }: Conversation): void {
  if (messageType === 'incoming' && author !== null && !isApi(channelType))
    throw refuse('Incoming messages are only allowed in Api inboxes')
}

interface Leaving {
  readonly message: NewMessage
  readonly dispatch: MailDispatch
  readonly isNeutral: boolean
  readonly ownAddresses: WriteDeps['ownAddresses']
}

async function attributesOf(
  tx: Tx,
  { id }: Conversation,
  { message, dispatch, isNeutral, ownAddresses }: Leaving,
): Promise<NewMessage['contentAttributes']> {
  return {
    ...(await withExternalReplyId(tx, id, message.contentAttributes)),
    ...(dispatch === 'at-once' ? await copiesOf(tx, id, { message, ownAddresses }) : {}),
    ...(dispatch === null
      ? {}
      : {
          delivery: {
            ...newDelivery(dispatch === 'at-once' ? message.sendAfterMs : 0),
            ...(isNeutral ? { neutral: true } : {}),
          },
        }),
  }
}

// A person's message without named recipients goes to the reply recipients; an automatic message goes to the contact
// alone.
async function copiesOf(
  tx: Tx,
  conversationId: number,
  { message, ownAddresses = [] }: Pick<Leaving, 'message' | 'ownAddresses'>,
): Promise<NewMessage['contentAttributes']> {
  if (message.hasNoRecipients !== true || !isHumanReply(message)) return {}
  const { cc } = await readReplyRecipients(tx, conversationId, ownAddresses)
  return cc.length === 0 ? {} : { cc_emails: cc.map(({ email }) => email) }
}

async function noteInConversation(
  tx: Tx,
  conversation: Conversation,
  { message, messageId, at }: { readonly message: NewMessage; readonly messageId: number; readonly at: Date },
): Promise<void> {
  const { id: conversationId, account_id: accountId, inbox_id: inboxId } = conversation
  if ((message.endsDraftOf ?? null) !== null) await endDraft(tx, conversationId, message.endsDraftOf ?? 0)
  if (message.private && message.content !== null)
    await noteMentions(tx, {
      conversationId,
      accountId,
      inboxId,
      messageId,
      content: message.content,
      authorId: userOf(message),
    })
  if (message.messageType === 'incoming')
    await noteIncoming(tx, conversation, { at, messageId, length: message.content?.length ?? 0 })
  else await noteOutgoing(tx, conversationId, { at, humanReply: isHumanReply(message), botId: replyingBot(message) })
}

function userOf({ author }: NewMessage): number | null {
  return author?.type === 'user' ? author.id : null
}

// Locked first and read afterwards: after a wait for a merge of its contact, the new contact is read.
async function lockConversation(tx: Tx, id: number, replyDomain: string): Promise<Conversation> {
  const locked = await queryOne<{ merged_into_id: number | null }>(
    tx,
    'select merged_into_id from conversations where id = $1 for no key update',
    [id],
  )
  await refuseMerged(tx, locked?.merged_into_id ?? null)
  const row = await queryOne<Conversation>(
    tx,
    `select c.id,
       c.account_id,
       c.inbox_id,
       c.contact_id,
       c.uuid,
       ch.channel_type,
       ch.settings as channel_settings,
       a.settings as account_settings,
       a.features,
       coalesce(a.domain, $2) as domain,
       ct.blocked,
       ${recipientColumns}
     from conversations c
       join conversation_recipients r on r.conversation_id = c.id
       join inboxes i on i.id = c.inbox_id
       join channels ch on ch.id = i.channel_id
       join accounts a on a.id = c.account_id
       join contacts ct on ct.id = c.contact_id
     where c.id = $1`,
    [id, replyDomain],
  )
  if (row === null) throw new MailError('not-found', `conversation ${String(id)} is gone`)
  return row
}

const usualPerMinute = 200

// A faulty client cannot fill a conversation. Mail is neither limited nor counted: a contact may answer many messages.
async function guardAgainstFlood(tx: Tx, conversationId: number, most: number): Promise<void> {
  const row = await queryOne<{ lately: number }>(
    tx,
    `
      select count(*)::int as lately
      from (
        select created_at, inbound_email_id from messages where conversation_id = $1 order by id desc limit $2
      ) m
      where m.inbound_email_id is null and m.created_at > now() - interval '1 minute'
    `,
    [conversationId, most],
  )
  if ((row?.lately ?? 0) >= most)
    throw new MailError(
      'rate-limited',
      `more than ${String(most)} messages a minute in conversation ${String(conversationId)}`,
      { publicMessage: 'Too many messages' },
    )
}

// A client names the answered message by our id; mail threads by its Message-ID.
async function withExternalReplyId(
  tx: Tx,
  conversationId: number,
  attributes: NewMessage['contentAttributes'],
): Promise<NewMessage['contentAttributes']> {
  const answered = Number(attributes['in_reply_to'])
  if (!Number.isInteger(answered) || answered <= 0 || answered > 2_147_483_647) return attributes
  const row = await queryOne<{ source_id: string | null }>(
    tx,
    'select source_id from messages where id = $1 and conversation_id = $2',
    [answered, conversationId],
  )
  return row?.source_id ? { ...attributes, in_reply_to_external_id: row.source_id } : attributes
}

/** External dependencies of writing. */
export interface WriteDeps {
  readonly pool: Pool
  /** Reply domain of accounts without one of their own. */
  readonly replyDomain: string
  /** How long a mail of another channel than email waits for more, in ms. */
  readonly continuityDelayMs: number
  /** Most messages that clients may write in one conversation in a minute. */
  readonly messagesPerMinute?: number
  /** How much mail that no person wrote may leave. */
  readonly automaticMail?: AutomaticMailLimits
  /** The request that writes the message, by its Idempotency-Key and echo id: its retry finds the message. */
  readonly guards?: readonly RetryGuard[]
  /** Addresses that our own mail comes from, with or without a name: no recipients of a reply. */
  readonly ownAddresses?: readonly string[]
  /** Called after a commit that queued mail. */
  readonly wake: () => void
}

// After the commit, so a later fault does not repeat the notice.
function refusal(withheld: Withheld, conversationId: number): MailError {
  return withheld === 'loop'
    ? new MailError('forbidden', `machines talk to each other in conversation ${String(conversationId)}`, {
        publicMessage: 'Automatic answers are stopped in this conversation until a person has written',
      })
    : new MailError('rate-limited', `the budget of automatic mail is used up, conversation ${String(conversationId)}`, {
        publicMessage: 'Too much automatic mail was sent to this address, try again later',
      })
}

// The conversation is held before the guards are read: of two requests at once with the same guard, the second finds
// the first's message.
async function writeOnce(
  tx: Tx,
  conversationId: number,
  { guards = [], ...options }: WriteOptions & Pick<WriteDeps, 'guards'>,
): Promise<WrittenMessage> {
  if (guards.length === 0) return writeMessage(tx, conversationId, options)
  await tx.query('select 1 from conversations where id = $1 for no key update', [conversationId])
  const known = await findWritten(tx, guards, 'message')
  if (known !== null) return { messageId: known, queued: false, withheld: null }
  const written = await writeMessage(tx, conversationId, options)
  if (written.withheld === null) await noteWritten(tx, guards, { messageId: written.messageId })
  return written
}

/**
 * Writes one message and queues its mail, all or nothing; answers its id. Throws `MailError('malformed')` with a
 * sentence for people.
 */
export async function createMessage(deps: WriteDeps, conversationId: number, message: NewMessage): Promise<number> {
  const written = await withDeadlockRetry(deps.pool, (tx) => writeOnce(tx, conversationId, { ...deps, message }))
  if (written.queued) deps.wake()
  if (written.withheld !== null) throw refusal(written.withheld, conversationId)
  return written.messageId
}
