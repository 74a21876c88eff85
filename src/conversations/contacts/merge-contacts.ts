// Two contacts become one: the base keeps what it has and takes over what only the other had; everything that was the other's is the base's.

import { inPatientTransaction, type Pool, type Tx } from '../../db/pool.ts'
import { recordEvent } from '../events/performer.ts'
import { holdContacts } from './hold-contacts.ts'
import { maxAttributes } from '../save.ts'

export interface Merging {
  readonly accountId: number
  readonly baseId: number
  readonly mergeeId: number
}

/** Merges, and tells of it; false when one of the two is not there. Two merges at once follow one another. */
export function mergeContacts(pool: Pool, merging: Merging): Promise<boolean> {
  return inPatientTransaction(pool, async (tx) => {
    const { accountId, baseId, mergeeId } = merging
    if ((await holdContacts(tx, { accountId, contactIds: [baseId, mergeeId], contactId: mergeeId })) !== 2) return false
    await moveAll(tx, merging)
    const { rows } = await tx.query<Record<string, unknown>>(
      'delete from contacts where id = $1 returning email, phone_number, identifier, additional_emails, name, avatar_url, labels, additional_attributes, custom_attributes, last_activity_at, blocked',
      [mergeeId],
    )
    const [mergee = {}] = rows
    await fill(tx, baseId, mergee)
    await recordEvent(tx, { accountId, name: 'contact_merged', contactId: baseId })
    return true
  })
}

// Whatever has a foreign key to the mergee goes over before it goes; what both have, the base has.
async function moveAll(tx: Tx, { baseId, mergeeId }: Merging): Promise<void> {
  const values = [baseId, mergeeId]
  await tx.query('update contact_inboxes set contact_id = $1, updated_at = now() where contact_id = $2', values)
  await tx.query('update conversations set contact_id = $1, updated_at = now() where contact_id = $2', values)
  await tx.query('insert into conversation_contacts (conversation_id, contact_id) select conversation_id, $1 from conversation_contacts where contact_id = $2 on conflict do nothing', values)
  await tx.query('delete from conversation_contacts p using conversations c where p.contact_id = $1 and c.id = p.conversation_id and c.contact_id = $1', [baseId])
  await tx.query(`update messages set sender_id = $1 where sender_type = 'contact' and sender_id = $2`, values)
  await tx.query('update contact_notes set contact_id = $1 where contact_id = $2', values)
  // A conversation that both took part in may have a token of each: both stay good, for the one that is left.
  await tx.query('update reply_tokens set contact_id = $1 where contact_id = $2', values)
}

// Visitors can become one with a contact again and again: what would be too much stays away.
function taking(column: string, others: string): string {
  return `case when length((${others}::jsonb || ${column})::text) <= ${String(maxAttributes)} then ${others}::jsonb || ${column} else ${column} end`
}

async function fill(tx: Tx, baseId: number, mergee: Readonly<Record<string, unknown>>): Promise<void> {
  await tx.query(
    `update contacts set email = coalesce(email, $2), phone_number = coalesce(phone_number, $3), identifier = coalesce(identifier, $4),
       additional_emails = array(select distinct e from unnest(additional_emails || $5::text[] || case when email is not null and $2::text is not null and email <> $2 then array[$2::text] else '{}' end) as e where e is distinct from coalesce(email, $2)),
       name = case when name = '' then coalesce($6, '') else name end, avatar_url = coalesce(avatar_url, $7), labels = array(select distinct l from unnest(labels || $8::text[]) as l order by l),
       additional_attributes = ${taking('additional_attributes', '$9')}, custom_attributes = ${taking('custom_attributes', '$10')}, last_activity_at = greatest(last_activity_at, $11), updated_at = now()
     where id = $1`,
    [
      baseId,
      mergee['email'],
      mergee['phone_number'],
      mergee['identifier'],
      mergee['additional_emails'] ?? [],
      mergee['name'],
      mergee['avatar_url'],
      mergee['labels'] ?? [],
      JSON.stringify(mergee['additional_attributes'] ?? {}),
      JSON.stringify(mergee['custom_attributes'] ?? {}),
      mergee['last_activity_at'],
    ],
  )
}
