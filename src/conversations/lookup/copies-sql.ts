// Other envelopes of a mail without a Message-ID that became a message. The same recipients again are no copy, but a
// second mail with the same words, as alarms are.

import { queryOne, statement, type Tx } from '../../db/pool.ts'
import { conversationColumns } from './lookup-sql.ts'

/** A mail without a Date as well could be a second one with the same words: after this time it is. */
const undatedMinutes = 10
/** How long a sender tries again (RFC 5321 §4.5.4.1), and more. */
const datedDays = 7

const sorted = (recipients: string): string => `array(select distinct lower(r) from unnest(${recipients}) r order by 1)`

// `i` is a copy of a mail with this key and these recipients.
const isCopy = (key: string, recipients: string, isDated: string): string => `
  i.content_key = ${key}
    and ${sorted('i.recipients')} <> ${sorted(recipients)}
    and i.received_at > now() - case
      when ${isDated} then interval '${String(datedDays)} days'
      else interval '${String(undatedMinutes)} minutes'
    end
`

const fromMessages = `
  from inbound_emails i
    join messages m on m.id = i.message_db_id
    join conversations c on c.id = m.conversation_id
    join accounts a on a.id = c.account_id
`

/** Parameters: the domain, the content key in hex, the recipients, and whether the mail has a date. */
export const copiesSql = statement(`
  select m.id as message_id, ${conversationColumns}
  ${fromMessages}
  where ${isCopy(`decode($2, 'hex')`, '$3::text[]', '$4::boolean')}
  order by i.id desc
  limit 50
`)

/** Where a mail is to be appended: one of both. */
export interface CopyTarget {
  readonly conversationId: number | null
  readonly inboxId: number | null
}

/**
 * Waits for other envelopes of the mail that are appended at the same moment; true if one of them is in the target
 * now.
 */
export async function lockCopies(
  tx: Tx,
  { inboundEmailId, isDated }: { readonly inboundEmailId: number; readonly isDated: boolean },
  { conversationId, inboxId }: CopyTarget,
): Promise<boolean> {
  const own = await queryOne(
    tx,
    `select pg_advisory_xact_lock(hashtextextended(encode(content_key, 'hex'), 0))
     from inbound_emails
     where id = $1 and content_key is not null`,
    [inboundEmailId],
  )
  if (own === null) return false
  const copy = await queryOne(
    tx,
    `select 1
     ${fromMessages}
     join inbound_emails o on o.id = $1
     where ${isCopy('o.content_key', 'o.recipients', '$4::boolean')}
       and (c.id = $2::int or c.inbox_id = $3::int)
     limit 1`,
    [inboundEmailId, conversationId, inboxId, isDated],
  )
  return copy !== null
}
