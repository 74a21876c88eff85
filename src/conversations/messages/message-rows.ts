// Messages with their authors and attachments, however many, in five queries.

import type { Db, Prisma } from '../../db/client.ts'
import { readEmailAttributes } from '../append/email-attributes.ts'
import { agentInclude, toAgentBotRow, toAgentRow, toContactRow, toJson } from '../row-mapping.ts'
import type { MessageRow, MessageSender } from '../rows.ts'

type MessageRecord = Prisma.MessageModel
type AttachmentRecord = Prisma.AttachmentModel

/** The messages of one account that `query` names, in its order. A constant number of queries. */
export async function readMessages(db: Db, accountId: number, query: Omit<Prisma.MessageFindManyArgs, 'include' | 'select'>): Promise<MessageRow[]> {
  const records = await db.message.findMany({ ...query, where: { ...query.where, accountId } })
  if (records.length === 0) return []
  const [attachments, authors] = await Promise.all([
    // Pictures shown inside the text are not listed.
    db.attachment.findMany({ where: { messageId: { in: records.map((record) => record.id) }, inline: false }, orderBy: { id: 'asc' } }),
    readAuthors(db, accountId, records),
  ])
  return records.map((record) =>
    toMessageRow(
      record,
      attachments.filter((attachment) => attachment.messageId === record.id),
      authors,
    ),
  )
}

type Authors = ReadonlyMap<string, MessageSender>
const authorKey = (record: MessageRecord): string => `${record.senderType ?? ''} ${String(record.senderId)}`

async function readAuthors(db: Db, accountId: number, records: readonly MessageRecord[]): Promise<Authors> {
  const idsOf = (type: string) => [...new Set(records.filter((record) => record.senderType === type).map((record) => record.senderId ?? 0))]
  const [userIds, contactIds, botIds] = [idsOf('user'), idsOf('contact'), idsOf('agent_bot')]
  const [users, contacts, bots] = await Promise.all([
    userIds.length === 0 ? [] : db.user.findMany({ where: { id: { in: userIds } }, include: agentInclude(accountId) }),
    contactIds.length === 0 ? [] : db.contact.findMany({ where: { id: { in: contactIds }, accountId } }),
    botIds.length === 0 ? [] : db.agentBot.findMany({ where: { id: { in: botIds }, accountId } }),
  ])
  return new Map<string, MessageSender>([
    ...users.map((user) => [`user ${String(user.id)}`, { type: 'user', ...toAgentRow(user, accountId) }] as const),
    ...bots.map((bot) => [`agent_bot ${String(bot.id)}`, { type: 'agent_bot', ...toAgentBotRow(bot) }] as const),
    ...contacts.map((contact) => [`contact ${String(contact.id)}`, { type: 'contact', ...toContactRow(contact) }] as const),
  ])
}

function toMessageRow(record: MessageRecord, attachments: readonly AttachmentRecord[], authors: Authors): MessageRow {
  return {
    ...record,
    contentAttributes: readEmailAttributes(toJson(record.contentAttributes)),
    additionalAttributes: toJson(record.additionalAttributes),
    sender: authors.get(authorKey(record)) ?? null,
    attachments,
  }
}
