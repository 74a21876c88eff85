// Deletes content of conversations: a message that a person filed by hand, everything of a mail that is incinerated,
// whole conversations.

import { queryOne, type Tx } from '../../db/pool.ts'
import { removeBlobs } from '../files/blobs.ts'
import { undoMergesOf } from '../merging/undo-merge.ts'
import { forgetWords } from './forget-events.ts'

/** Removes the message of an inbound email with its attachments; false when there is none. The conversation stays. */
export async function removeMessageOf(tx: Tx, inboundEmailId: number): Promise<boolean> {
  const row = await lockMessageOf(tx, inboundEmailId)
  if (row === null) return false
  await removeAttachments(tx, row.id)
  await tx.query('delete from messages where id = $1', [row.id])
  await tx.query(
    `
      update conversations c
      set last_incoming_at = (
        select max(created_at) from messages m where m.conversation_id = c.id and m.message_type = 'incoming'
      )
      where id = $1
    `,
    [row.conversation_id],
  )
  return true
}

/**
 * Removes the conversation that an inbound email began, with that message; false, and nothing is removed, if anything
 * else has happened in it.
 */
export async function removeConversationOf(tx: Tx, inboundEmailId: number): Promise<boolean> {
  const row = await lockMessageOf(tx, inboundEmailId)
  if (row === null) return true
  const other = await queryOne(
    tx,
    `select 1
     from messages
     where conversation_id = $1 and id <> $2 and message_type <> 'activity'
     union all
     select 1
     from events
     where conversation_id = $1 and performer is not null
     limit 1`,
    [row.conversation_id, row.id],
  )
  if (other !== null) return false
  await removeConversations(tx, 'id', row.conversation_id)
  return true
}

/** Empties messages so that nothing of their mail is left; the empty messages stay in their conversations. */
export async function eraseMessages(tx: Tx, ids: readonly number[]): Promise<void> {
  await emptyMessages(tx, ids)
  await tx.query(`update messages set source_id = null, additional_attributes = '{}' where id = any($1)`, [ids])
}

/**
 * Empties messages as Chatwoot shows deleted ones, and removes their text from events; their thread still finds them by
 * Message-ID.
 */
export async function emptyMessages(
  tx: Tx,
  ids: readonly number[],
  marks: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  for (const id of ids) await removeAttachments(tx, id)
  await tx.query(
    `
      update messages
      set
        content = 'This message was deleted',
        processed_message_content = 'This message was deleted',
        content_type = 'text',
        content_attributes = $2::jsonb,
        updated_at = now()
      where id = any($1)
    `,
    [ids, JSON.stringify({ deleted: true, ...marks })],
  )
  await forgetWords(tx, ids)
  await tx.query('delete from message_words where message_id = any($1)', [ids])
}

/** Empties the message of an inbound email, as Chatwoot shows a deleted one; the empty message stays. */
export async function eraseMessageOf(tx: Tx, inboundEmailId: number): Promise<void> {
  // A notice that has not left repeats the words of the mail.
  await tx.query(`delete from work where kind = 'notify-commands' and payload ->> 'inboundEmailId' = $1`, [
    String(inboundEmailId),
  ])
  const row = await lockMessageOf(tx, inboundEmailId)
  if (row === null) return
  await eraseMessages(tx, [row.id])
  // The mail that began a conversation gave it its subject.
  await tx.query(
    `update conversations set additional_attributes = additional_attributes - 'mail_subject' - 'in_reply_to'
     where id = $1 and not exists (select 1 from messages where conversation_id = $1 and id < $2)`,
    [row.conversation_id, row.id],
  )
}

// The conversation is locked first, as in appending; files are locked after it. This order prevents deadlocks.
async function lockMessageOf(tx: Tx, inboundEmailId: number): Promise<{ id: number; conversation_id: number } | null> {
  await tx.query(
    `
      select 1
      from conversations
      where id = (select conversation_id from messages where inbound_email_id = $1)
      for no key update
    `,
    [inboundEmailId],
  )
  return queryOne(tx, 'select id, conversation_id from messages where inbound_email_id = $1 for update', [
    inboundEmailId,
  ])
}

// The bytes go with the last attachment that has them.
async function removeAttachments(tx: Tx, messageId: number): Promise<void> {
  const { rows } = await tx.query<{ blob_sha256: Buffer | null }>(
    'delete from attachments where message_id = $1 returning blob_sha256',
    [messageId],
  )
  await removeBlobs(
    tx,
    rows.flatMap((row) => (row.blob_sha256 === null ? [] : [row.blob_sha256])),
  )
}

/**
 * Deletes all conversations of a contact, an inbox or an account, or the one that is named, with their messages and
 * files; answers their ids.
 */
export async function removeConversations(
  tx: Tx,
  owner: 'id' | 'contact_id' | 'inbox_id' | 'account_id',
  id: number,
): Promise<number[]> {
  if (owner === 'id' || owner === 'contact_id') await undoMergesOf(tx, owner, id)
  // Events of other conversations that name one of these are changed so that they no longer do.
  await tx.query(
    `
      select 1
      from conversations
      where id in (
        select id
        from conversations
        where ${owner} = $1
        union
        select l.id
        from conversations l
        join conversations c on c.id = l.linked_to_id
        where c.${owner} = $1
      )
      order by id
      for update
    `,
    [id],
  )
  const { rows: files } = await tx.query<{ hash: Buffer }>(
    `
      select distinct a.blob_sha256 as hash
      from conversations c
      join messages m on m.conversation_id = c.id
      join attachments a on a.message_id = m.id
      where c.${owner} = $1 and a.blob_sha256 is not null
    `,
    [id],
  )
  const { rows } = await tx.query<{ id: number }>(`delete from conversations where ${owner} = $1 returning id`, [id])
  await removeBlobs(
    tx,
    files.map(({ hash }) => hash),
  )
  return rows.map((row) => row.id)
}
