// Deletes a contact completely: conversations with messages and files, their messages in other conversations, and (as
// work after the commit) the raw bytes of all their mail, including mail that became no message, and exports that name
// them.

import { type Pool, queryOne, type Tx, withDeadlockRetry } from '../../db/pool.ts'
import { enqueue } from '../../queue/work.ts'
import { removePictureOf } from '../files/pictures.ts'
import { lockContacts } from '../locked-contacts.ts'
import { undoMergesOf } from '../merging/undo-merge.ts'
import { eraseMessages, removeConversations } from './erase-messages.ts'
import { forgetEvents } from './forget-events.ts'

/** Deletes; false if there is no such contact. */
export async function deleteContact(
  { pool, wake }: { readonly pool: Pool; readonly wake: () => void },
  accountId: number,
  contactId: number,
): Promise<boolean> {
  const done = await withDeadlockRetry(pool, async (tx) => {
    await lockContacts(tx, { accountId, contactIds: [contactId], contactId })
    // Their messages move back and are deleted with their conversations.
    await undoMergesOf(tx, 'contact_id', contactId)
    const contact = await queryOne<{ email: string | null; additional_emails: string[] }>(
      tx,
      'select email, additional_emails from contacts where account_id = $1 and id = $2',
      [accountId, contactId],
    )
    if (contact === null) return false
    const inboundEmailIds = await findMail(tx, contactId)
    const messageIds = await findWrittenElsewhere(tx, contactId)
    await eraseMessages(tx, messageIds)
    const conversationIds = await removeConversations(tx, 'contact_id', contactId)
    await removePictureOf(tx, contactId)
    await tx.query('delete from contacts where id = $1', [contactId])
    await forgetEvents(tx, { accountId, contactId, messageIds, conversationIds })
    const addresses = [contact.email, ...contact.additional_emails].filter((address) => address !== null)
    await enqueue(tx, [{ kind: 'forget-transfers', key: null, payload: { accountId } }])
    if (inboundEmailIds.length + addresses.length > 0)
      await enqueue(tx, [{ kind: 'erase-mail', key: null, payload: { accountId, inboundEmailIds, addresses } }])
    return true
  })
  if (done) wake()
  return done
}

const writtenSql = `(c.contact_id = $1 or (m.sender_type = 'contact' and m.sender_id = $1))`

async function findMail(tx: Tx, contactId: number): Promise<number[]> {
  const { rows } = await tx.query<{ id: number }>(
    `
      select m.inbound_email_id as id
      from messages m
      join conversations c on c.id = m.conversation_id
      where m.inbound_email_id is not null and ${writtenSql}
    `,
    [contactId],
  )
  return rows.map((row) => row.id)
}

async function findWrittenElsewhere(tx: Tx, contactId: number): Promise<number[]> {
  const { rows } = await tx.query<{ id: number }>(
    `
      select m.id
      from conversation_contacts p
      join messages m on m.conversation_id = p.conversation_id
      where p.contact_id = $1 and m.sender_type = 'contact' and m.sender_id = $1
      order by m.id
    `,
    [contactId],
  )
  return rows.map((row) => row.id)
}
