// Answers routing's questions about conversations in plain SQL, a few queries for a whole group of mails. It has the
// shape of routing/lookup; app.ts passes it.

import { toSearchedText } from '../../db/json.ts'
import { queryOne, type Sql } from '../../db/pool.ts'
import { readOwnMessageId } from '../../mail/header/message-id.ts'
import { type CommandQuestion, resolveCommands } from '../commands/resolve-commands.ts'
import { markMessage } from '../message-mark.ts'
import { hashToken } from '../reply-tokens.ts'
import { batchLookups } from './batch-lookups.ts'
import { copiesSql } from './copies-sql.ts'
import { type AccountLookupRow, accountOf, type ConversationLookupRow, conversationOf } from './lookup-rows.ts'
import {
  begunSql,
  conversationIds,
  inboxesSql,
  messageQuestions,
  messagesSql,
  newAddressesSql,
  type NewAddressRow,
  ownIds,
  speakerQuestions,
  speakersSql,
  type ThreadRow,
  threadsSql,
  type TokenRow,
  tokensSql,
} from './lookup-sql.ts'

const ownConversationId =
  /^account\/\d+\/conversation\/([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})@/i

export interface LookupOptions {
  readonly sql: Sql
  /** INBOUND_EMAIL_DOMAIN: the reply domain of accounts that set none. */
  readonly defaultDomain: string
  readonly secretKey: Buffer
}

/** Answers routing's questions. A function a question; each joins what is asked at the same moment. */
export function createLookup(options: LookupOptions) {
  const { sql, defaultDomain } = options
  const speakers = askSpeakers(sql)
  const messages = askMessages(sql)
  return {
    sharedDomain: defaultDomain,
    findTokens: askTokens(options),
    findInboxes: askInboxes(options),
    findNewAddresses: askNewAddresses(options),
    findThreads: askThreads(options),
    findSpeaker: async (question: { accountId: number; conversationId: number | null; address: string }) => {
      const [row] = await speakers([JSON.stringify([question.accountId, question.conversationId, question.address])])
      return {
        agentId: row?.agent_id ?? null,
        contactId: row?.contact_id ?? null,
        takesPart: row?.takes_part ?? false,
        isBlocked: row?.is_blocked ?? false,
      }
    },
    findCopies: async (mail: { contentKey: string; recipients: readonly string[]; isDated: boolean }) => {
      const { rows } = await sql.query<ConversationLookupRow & { message_id: number }>(
        copiesSql([defaultDomain, mail.contentKey, mail.recipients, mail.isDated]),
      )
      return rows.map((row) => ({ messageId: row.message_id, conversation: conversationOf(row) }))
    },
    resolveCommands: (question: CommandQuestion) => resolveCommands({ sql, replyDomain: defaultDomain }, question),
    findRecipients: (messageId: number) => findRecipients(sql, messageId),
    findMessage: async (conversationId: number, sourceId: string) => {
      const [row] = await messages([`${String(conversationId)} ${sourceId}`])
      return row ?? null
    },
    findBegun: (inboxId: number, sourceId: string) =>
      queryOne<{ id: number; digest: string | null }>(sql, begunSql, [inboxId, sourceId]),
    isOwnDomain: async (domain: string) => {
      const { rows } = await sql.query(
        `select 1 where $1::text = $2
         union all select 1 from accounts where domain = $1
         union all select 1 from reply_domains where domain = $1 and expires_at > now()
         limit 1`,
        [domain, defaultDomain],
      )
      return rows.length > 0
    },
  }
}

// The recipients of the message's mail; before it was sent, its intended recipients.
async function findRecipients(sql: Sql, messageId: number): Promise<string[]> {
  const { rows } = await sql.query<{ sent: unknown; matching: unknown[]; contact: string | null }>(
    `
      select
        m.content_attributes #> '{delivery,to}' as sent,
        array[m.content_attributes -> 'to_emails',
        m.content_attributes -> 'cc_emails',
        m.content_attributes -> 'bcc_emails'] as matching,
        r.email as contact
      from messages m
      join conversation_recipients r on r.conversation_id = m.conversation_id
      where m.id = $1
    `,
    [messageId],
  )
  const [row] = rows
  const known = Array.isArray(row?.sent) ? row.sent : [...(row?.matching ?? []).flat(), row?.contact]
  return known.filter((address): address is string => typeof address === 'string')
}

function askTokens({ sql, defaultDomain, secretKey }: LookupOptions) {
  return batchLookups(
    async (wanted: readonly string[]) => {
      const byHash = new Map(wanted.map((token) => [hashToken(secretKey, token).toString('hex'), token]))
      const { rows } = await sql.query<TokenRow>(
        tokensSql([defaultDomain, [...byHash.keys()].map((hex) => Buffer.from(hex, 'hex'))]),
      )
      return rows.map((row) => ({
        token: byHash.get(row.token_hash.toString('hex')) ?? '',
        role: row.role,
        state: row.state,
        conversation: conversationOf(row),
        contactId: row.token_contact_id,
        userId: row.user_id,
        messageId: row.message_id,
        email: row.email,
      }))
    },
    (row) => row.token,
  )
}

function askNewAddresses({ sql, defaultDomain, secretKey }: LookupOptions) {
  return batchLookups(
    async (wanted: readonly string[]) => {
      const byHash = new Map(wanted.map((token) => [hashToken(secretKey, token).toString('hex'), token]))
      const { rows } = await sql.query<NewAddressRow>(
        newAddressesSql([defaultDomain, [...byHash.keys()].map((hex) => Buffer.from(hex, 'hex'))]),
      )
      return rows.map((row) => ({
        token: byHash.get(row.token_hash.toString('hex')) ?? '',
        userId: row.user_id,
        inbox: {
          id: row.id,
          name: row.name,
          address: row.email,
          ownAddresses: row.own_addresses,
          account: accountOf(row),
        },
      }))
    },
    (row) => row.token,
  )
}

function askInboxes({ sql, defaultDomain }: LookupOptions) {
  return batchLookups(
    async (addresses: readonly string[]) => {
      const { rows } = await sql.query<
        AccountLookupRow & {
          id: number
          name: string
          email: string | null
          forward_to_email: string | null
          own_addresses: string[]
        }
      >(inboxesSql([defaultDomain, addresses]))
      return rows.flatMap((row) =>
        [row.email, row.forward_to_email].flatMap((address) =>
          address === null
            ? []
            : [{ id: row.id, name: row.name, address, ownAddresses: row.own_addresses, account: accountOf(row) }],
        ),
      )
    },
    (row) => row.address,
  )
}

function askThreads({ sql, defaultDomain, secretKey }: LookupOptions) {
  return batchLookups(
    async (ids: readonly string[]) => {
      const named = ids.flatMap((id) =>
        (ownConversationId.exec(id) ?? []).slice(1).map((uuid) => ({ source_id: id, uuid })),
      )
      const own = ids.flatMap((id) =>
        [readOwnMessageId(id)]
          .filter((read) => read !== null)
          .filter(({ mark, messageId }) => mark === null || mark === markMessage(secretKey, messageId))
          .map(({ uuid, messageId }) => ({ source_id: id, uuid, message_id: messageId })),
      )
      const { rows } = await sql.query<ThreadRow>(
        threadsSql([defaultDomain, ids, ...conversationIds.values(named), ...ownIds.values(own)]),
      )
      return rows.map((row) => ({
        sourceId: row.source_id,
        messageId: row.message_id,
        outgoing: row.outgoing,
        conversation: conversationOf(row),
      }))
    },
    (row) => row.sourceId,
  )
}

function askSpeakers(sql: Sql) {
  return batchLookups(
    async (keys: readonly string[]) => {
      const questions = keys.map((key) => {
        const [accountId, conversationId, address] = JSON.parse(key) as [number, number | null, string]
        return { key, account_id: accountId, conversation_id: conversationId, address: toSearchedText(address) }
      })
      const { rows } = await sql.query<{
        key: string
        agent_id: number | null
        contact_id: number | null
        takes_part: boolean
        is_blocked: boolean
      }>(speakersSql(speakerQuestions.values(questions)))
      return rows
    },
    (row) => row.key,
  )
}

function askMessages(sql: Sql) {
  return batchLookups(
    async (keys: readonly string[]) => {
      const questions = keys.map((key) => {
        const end = key.indexOf(' ')
        return { conversation_id: Number(key.slice(0, end)), source_id: key.slice(end + 1) }
      })
      const { rows } = await sql.query<{ key: string; id: number; digest: string | null }>(
        messagesSql(messageQuestions.values(questions)),
      )
      return rows
    },
    (row) => row.key,
  )
}
