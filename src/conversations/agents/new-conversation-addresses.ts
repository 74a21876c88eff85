// Addresses at which agents begin conversations by mail, `new+<token>@domain`: one of a member in an inbox, made when
// the member asks for it. The token is stored as reply tokens are. It does not expire, because it stands in address
// books and is never enough to write as the agent; it ends when it is replaced, and with the membership
// (docs/adr/0053-new-conversations-by-mail.md).

import { randomBytes } from 'node:crypto'

import { type Pool, queryOne, type Sql } from '../../db/pool.ts'
import { hasInbound, seesInbox } from '../../db/rules.ts'
import { formatNewAddress } from '../../mail/reply-address.ts'
import { hashToken, tokenOf } from '../reply-tokens.ts'

interface Member {
  readonly accountId: number
  readonly userId: number
}

interface Options {
  readonly pool: Pool
  readonly secretKey: Buffer
  /** INBOUND_EMAIL_DOMAIN. */
  readonly replyDomain: string
}

export interface NewConversationAddress {
  readonly inboxId: number
  readonly address: string
}

export function createNewConversationAddresses({ pool, secretKey, replyDomain }: Options) {
  const toAddress = ({ inboxId, nonce, domain }: Stored): NewConversationAddress => ({
    inboxId,
    address: formatNewAddress(tokenOf(secretKey, nonce), domain),
  })
  return {
    /** Those that the member has made, for inboxes that they see. */
    async listAddresses({ accountId, userId }: Member): Promise<NewConversationAddress[]> {
      const { rows } = await pool.query<Stored>(
        `select
           n.inbox_id as "inboxId",
           n.nonce,
           coalesce(a.domain, $3) as domain
         from new_conversation_addresses n
         join accounts a on a.id = n.account_id
         join account_users m on m.account_id = n.account_id and m.user_id = n.user_id
         where n.account_id = $1
           and n.user_id = $2
           and ${seesInbox('m', 'n.inbox_id')}
         order by n.inbox_id`,
        [accountId, userId, replyDomain],
      )
      return rows.map(toAddress)
    },

    /** Makes the member's address, or another one: the address before it is unknown at once. */
    async makeAddress({ accountId, userId }: Member, inboxId: number): Promise<NewConversationAddress | 'feature-off'> {
      const nonce = randomBytes(32)
      const stored = await queryOne<Stored>(
        pool,
        `insert into new_conversation_addresses as n (inbox_id, user_id, account_id, nonce, token_hash)
         select i.id, m.user_id, a.id, $4::bytea, $5::bytea
         from accounts a
         join inboxes i on i.account_id = a.id and i.id = $2
         join account_users m on m.account_id = a.id and m.user_id = $3
         where a.id = $1
           and ${hasInbound('a')}
         on conflict (inbox_id, user_id) do update set
           nonce = excluded.nonce,
           token_hash = excluded.token_hash,
           created_at = now()
         returning
           n.inbox_id as "inboxId",
           n.nonce,
           (select coalesce(o.domain, $6) from accounts o where o.id = n.account_id) as domain`,
        [accountId, inboxId, userId, nonce, hashToken(secretKey, tokenOf(secretKey, nonce)), replyDomain],
      )
      return stored === null ? 'feature-off' : toAddress(stored)
    },

    /** Ends the member's address; false if there is none. */
    async removeAddress({ accountId, userId }: Member, inboxId: number): Promise<boolean> {
      const { rowCount } = await pool.query(
        'delete from new_conversation_addresses where account_id = $1 and user_id = $2 and inbox_id = $3',
        [accountId, userId, inboxId],
      )
      return rowCount === 1
    },
  }
}

interface Stored {
  readonly inboxId: number
  readonly nonce: Buffer
  readonly domain: string
}

/** Ends the addresses of members for inboxes that they do not see any more. */
export async function endUnseenAddresses(sql: Sql, accountId: number): Promise<void> {
  await sql.query(
    `delete from new_conversation_addresses n
     using account_users m
     where n.account_id = $1
       and m.account_id = n.account_id
       and m.user_id = n.user_id
       and not ${seesInbox('m', 'n.inbox_id')}`,
    [accountId],
  )
}
