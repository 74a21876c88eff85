// The facts for a mail to a contact or a notice to an agent, read in a few queries when its work runs.

import { queryOne, type Sql } from '../db/pool.ts'
import { hasInbound, isActive, isByMachine, isOnlyClaimed } from '../db/rules.ts'

export interface OutgoingFacts {
  readonly messageId: number
  readonly sourceId: string | null
  readonly content: string
  readonly messageType: string
  readonly isPrivate: boolean
  /** Written by no person: a template, a rule, a bot. */
  readonly isAutomatic: boolean
  readonly attributes: Readonly<Record<string, unknown>>
  readonly status: string
  readonly conversation: {
    readonly id: number
    readonly uuid: string
    readonly displayId: number
    readonly subject: string | null
    readonly publicMessages: number
  }
  readonly account: {
    readonly id: number
    readonly name: string
    readonly domain: string
    readonly supportEmail: string | null
    readonly locale: string
    readonly inboundEmails: boolean
    readonly active: boolean
  }
  readonly contact: { readonly id: number; readonly name: string; readonly email: string | null }
  /** The recipient of the conversation's replies. */
  readonly recipient: {
    /** Null: unknown. */
    readonly email: string | null
    /** An unproven visitor named the address: mail to it has the agent's words only, and no text of the visitor. */
    readonly isUnverified: boolean
    /** The contact of that address; null if there is none. */
    readonly contactId: number | null
  }
  /** The visitor's session that named the recipient and has not proven it; null for none. */
  readonly unprovenSessionId: number | null
  readonly inbox: {
    readonly id: number
    readonly name: string
    /** `#rrggbb`; null for none. */
    readonly mailColor: string | null
    readonly businessName: string | null
    readonly senderNameType: string
    readonly email: string | null
    /** True if the address is known to be the account's: mail leaves from no other. */
    readonly isConfirmed: boolean
  }
  readonly agentName: string | null
  /** The name of the transport that the inbox or the account has chosen; null: the default. */
  readonly transport: string | null
}

interface Row {
  id: number
  source_id: string | null
  content: string | null
  message_type: string
  private: boolean
  automatic: boolean
  content_attributes: Record<string, unknown>
  status: string
  conversation_id: number
  uuid: string
  display_id: number
  subject: string | null
  public_messages: number
  account_id: number
  account_name: string
  domain: string
  support_email: string | null
  locale: string
  inbound_emails: boolean
  active: boolean
  contact_id: number
  contact_name: string
  contact_email: string | null
  unproven_session_id: number | null
  recipient_email: string | null
  recipient_claimed: boolean | null
  recipient_contact_id: number | null
  inbox_id: number
  inbox_name: string
  mail_color: string | null
  business_name: string | null
  sender_name_type: string
  channel_email: string | null
  email_confirmed: boolean
  agent_name: string | null
  transport: string | null
}

const sql = `select m.id,
    m.source_id,
    m.content,
    m.message_type,
    m.private,
    ${isByMachine('m')} as automatic,
    m.content_attributes,
    m.status,
    c.id as conversation_id,
    c.uuid,
    c.display_id,
    c.additional_attributes ->> 'mail_subject' as subject,
    (select count(*) from (
      select 1 from messages p
      where p.conversation_id = c.id and not p.private and p.message_type <> 'activity'
      limit 2
    ) few) as public_messages,
    a.id as account_id,
    a.name as account_name,
    coalesce(a.domain, $2) as domain,
    a.support_email,
    a.locale,
    ${hasInbound('a')} as inbound_emails,
    ${isActive('a')} as active,
    k.id as contact_id,
    k.name as contact_name,
    k.email as contact_email,
    (
      select p.id from contact_inboxes p
      where p.id = c.contact_inbox_id
        and p.key_issued
        and p.claims ->> 'email' = r.email
        and r.email <> all (p.proven_emails)
    ) as unproven_session_id,
    r.email as recipient_email,
    ${isOnlyClaimed('r')} as recipient_claimed,
    r.owner_id as recipient_contact_id,
    i.id as inbox_id,
    i.name as inbox_name,
    i.mail_color,
    i.business_name,
    i.sender_name_type,
    ch.email as channel_email,
    ch.email_confirmed_at is not null as email_confirmed,
    coalesce(u.display_name, u.name, s.display_name, s.name) as agent_name,
    coalesce(i.transport, a.transport) as transport
  from messages m
    join conversations c on c.id = m.conversation_id
    join conversation_recipients r on r.conversation_id = c.id
    join accounts a on a.id = m.account_id
    join contacts k on k.id = c.contact_id
    join inboxes i on i.id = m.inbox_id
    join channels ch on ch.id = i.channel_id
    left join users u on m.sender_type = 'user' and u.id = m.sender_id
    left join users s on s.id = c.assignee_id
  where m.id = $1`

/** Null when the message is gone. */
export async function readOutgoing(db: Sql, messageId: number, defaultDomain: string): Promise<OutgoingFacts | null> {
  const row = await queryOne<Row>(db, sql, [messageId, defaultDomain])
  if (row === null) return null
  return {
    messageId: row.id,
    sourceId: row.source_id,
    content: row.content ?? '',
    messageType: row.message_type,
    isPrivate: row.private,
    isAutomatic: row.automatic,
    attributes: row.content_attributes,
    status: row.status,
    conversation: {
      id: row.conversation_id,
      uuid: row.uuid,
      displayId: row.display_id,
      subject: row.subject,
      publicMessages: row.public_messages,
    },
    account: {
      id: row.account_id,
      name: row.account_name,
      domain: row.domain,
      supportEmail: row.support_email,
      locale: row.locale,
      inboundEmails: row.inbound_emails,
      active: row.active,
    },
    contact: { id: row.contact_id, name: row.contact_name, email: row.contact_email },
    recipient: {
      email: row.recipient_email,
      isUnverified: row.recipient_claimed ?? false,
      contactId: row.recipient_contact_id,
    },
    unprovenSessionId: row.unproven_session_id,
    inbox: {
      id: row.inbox_id,
      name: row.inbox_name,
      mailColor: row.mail_color,
      businessName: row.business_name,
      senderNameType: row.sender_name_type,
      email: row.channel_email,
      isConfirmed: row.email_confirmed,
    },
    agentName: row.agent_name,
    transport: row.transport,
  }
}

/** The last mail of the conversation that came in before this message: the one that is answered. */
export async function readParent(
  db: Sql,
  facts: OutgoingFacts,
): Promise<{ messageId: string; references: string[] } | null> {
  const answered = Number(facts.attributes['in_reply_to'] ?? 0)
  const row = await queryOne<{ source_id: string; refs: string[] | null }>(
    db,
    `
      select m.source_id, m.content_attributes #> '{email,references}' as refs
      from messages m
      where m.conversation_id = $1
        and m.id < $2
        and m.source_id is not null
        and not m.private
        and m.content_type = 'incoming_email'
        and m.message_type = 'incoming'
        -- Its Message-ID is that of the agent who forwarded it.
        and m.content_attributes -> 'forwarded_by' is null
      order by m.id = $3 desc, m.id desc
      limit 1
    `,
    [
      facts.conversation.id,
      facts.messageId,
      Number.isInteger(answered) && answered > 0 && answered < 2 ** 31 ? answered : 0,
    ],
  )
  return row === null
    ? null
    : {
        messageId: row.source_id,
        references: Array.isArray(row.refs) ? row.refs.filter((id) => typeof id === 'string') : [],
      }
}

export interface AttachedFile {
  readonly filename: string
  readonly contentType: string
  readonly size: number
  readonly token: string
  /** Under which the HTML of the agent's own mail shows it; null for none. */
  readonly contentId: string | null
}

/** The message's attachments; their bytes are read one by one. */
export async function readAttached(db: Sql, messageId: number): Promise<(AttachedFile & { readonly id: number })[]> {
  const { rows } = await db.query<{
    id: number
    file_name: string | null
    content_type: string | null
    byte_size: number
    token: string
    content_id: string | null
  }>(
    `
      select id, file_name, content_type, byte_size, token, content_id
      from attachments
      where message_id = $1 and blob_sha256 is not null
      order by id
    `,
    [messageId],
  )
  return rows.map((row) => ({
    id: row.id,
    filename: row.file_name ?? `attachment-${String(row.id)}`,
    contentType: row.content_type ?? 'application/octet-stream',
    size: row.byte_size,
    token: row.token,
    contentId: row.content_id,
  }))
}

export async function readBytes(db: Sql, attachmentId: number): Promise<Buffer> {
  const row = await queryOne<{ bytes: Buffer }>(
    db,
    'select b.bytes from attachments a join blobs b on b.sha256 = a.blob_sha256 where a.id = $1',
    [attachmentId],
  )
  return row?.bytes ?? Buffer.alloc(0)
}
