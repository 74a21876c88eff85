// Reply addresses for mail that an account sends itself, through its own provider: answers to it arrive in the
// conversation, as answers to our own mail do.

import { queryOne } from '../../db/pool.ts'
import { hasInbound, isKnown } from '../../db/rules.ts'
import { conversationRoot } from '../../mail/compose.ts'
import { formatReplyAddress } from '../../mail/reply-address.ts'
import { issueReplyToken, type TokenOptions } from '../reply-tokens.ts'

export interface ReplyAddressRequest {
  readonly accountId: number
  readonly conversationId: number
  /** To whom the mail goes: this contact, or this address in lower case; neither = the conversation's recipient. */
  readonly contactId: number | null
  readonly email: string | null
  /** For how many days at least the address is to be valid; null = REPLY_TOKEN_EXPIRES_DAYS. */
  readonly days: number | null
}

export interface ReplyAddress {
  readonly address: string
  readonly email: string
  readonly contactId: number
  readonly expiresAt: Date
  /** The conversation's Message-ID, without <>. */
  readonly root: string
}

/** Why there is none. */
export type NoReplyAddress = 'no-contact' | 'no-address' | 'unknown-address' | 'agent' | 'feature-off'

export function createReplyAddresses({ replyDomain, ...options }: TokenOptions & { readonly replyDomain: string }) {
  return {
    /** The reply address of one recipient of a conversation: the same one each time, until it expires. */
    async issue(request: ReplyAddressRequest): Promise<ReplyAddress | NoReplyAddress> {
      const facts = await queryOne<Facts>(options.pool, factsSql, [
        request.conversationId,
        replyDomain,
        request.contactId,
        request.email,
      ])
      if (facts === null) return 'no-contact'
      if (!facts.inbound) return 'feature-off'
      if (facts.email === null) return 'no-address'
      if (facts.isAgent) return 'agent'
      if (request.email !== null && !facts.isKnown) return 'unknown-address'
      const { token, expiresAt } = await issueReplyToken(
        { ...options, expiresDays: request.days ?? options.expiresDays },
        {
          accountId: request.accountId,
          conversationId: request.conversationId,
          role: 'contact',
          contactId: facts.contactId,
          userId: null,
          messageId: null,
          email: facts.email,
        },
      )
      return {
        address: formatReplyAddress(token, facts.domain),
        email: facts.email,
        contactId: facts.contactId,
        expiresAt,
        root: conversationRoot({ accountId: request.accountId, uuid: facts.uuid }, facts.domain),
      }
    },
  }
}

interface Facts {
  readonly uuid: string
  readonly domain: string
  readonly inbound: boolean
  readonly email: string | null
  readonly contactId: number
  readonly isAgent: boolean
  /** The address is a contact's. */
  readonly isKnown: boolean
}

// A recipient who is not a contact yet writes for the conversation's contact, as in our own mail.
const factsSql = `
  select
    c.uuid,
    coalesce(a.domain, $2) as domain,
    ${hasInbound('a')} as inbound,
    meant.email,
    coalesce(known.contact_id, named.id, c.contact_id) as "contactId",
    exists (
      select 1 from acting_members m where m.account_id = c.account_id and m.email = meant.email
    ) as "isAgent",
    known.contact_id is not null as "isKnown"
  from conversations c
  join accounts a on a.id = c.account_id
  join conversation_recipients r on r.conversation_id = c.id
  left join contacts named on named.id = $3 and named.account_id = c.account_id
  cross join lateral (
    select lower(coalesce($4, case when $3::int is null then r.email else named.email end)) as email
  ) meant
  left join contact_addresses known on known.account_id = c.account_id
    and known.email = meant.email
    and ${isKnown('known')}
  where c.id = $1 and ($3::int is null or named.id is not null)
`
