// Visibility of mail for visitors. A visitor's session sees mail only from addresses that it proved to read, and
// messages after such mail only if replies go to an address that it proved (SQL function mail_authors).

import { isEmailSql } from '../../contracts/channels.ts'
import { type Sql, statement } from '../../db/pool.ts'

const authorsSql = statement(`select m.id,
    m.message_type <> 'incoming' as "isAnswer",
    r.email as recipient,
    mail_authors(m.conversation_id, m.id, m.message_type) as authors
  from messages m
    join inboxes i on i.id = m.inbox_id
    join channels ch on ch.id = i.channel_id and not ${isEmailSql}
    join conversation_recipients r on r.conversation_id = m.conversation_id
  where m.id = any($1)`)

/** Facts that decide which visitors may read a message. */
export interface MailTies {
  /** Not an incoming message. */
  readonly isAnswer: boolean
  /** The recipient of the conversation's replies, in lower case. */
  readonly recipient: string | null
  /** Addresses in lower case; '' for none. */
  readonly authors: readonly string[]
}

/** The mail ties of those messages that are in inboxes of visitors, by id. */
export async function readMailTies(sql: Sql, messageIds: readonly number[]): Promise<ReadonlyMap<number, MailTies>> {
  if (messageIds.length === 0) return new Map()
  const { rows } = await sql.query<MailTies & { id: number }>(authorsSql([messageIds]))
  return new Map(rows.map(({ id, ...ties }) => [id, ties]))
}

/** True if a visitor who proved these addresses may read the message. Never throws. */
export function mayReadMail(provenEmails: readonly string[], ties: MailTies | null | undefined): boolean {
  if (ties === null || ties === undefined) return true
  if (ties.isAnswer && ties.recipient !== null && provenEmails.includes(ties.recipient)) return true
  return ties.authors.every((author) => provenEmails.includes(author))
}
