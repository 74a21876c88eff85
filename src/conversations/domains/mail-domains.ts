// The domains of mail: of reply addresses, of the addresses in From, and of the agents' own mailboxes.

import type { Sql } from '../../db/pool.ts'
import { isActive } from '../../db/rules.ts'

export interface MailDomains {
  /** At most `most` of each, in the order of the alphabet. */
  readonly reply: readonly string[]
  readonly sending: readonly string[]
  readonly agents: readonly string[]
}

interface Asked {
  /** INBOUND_EMAIL_DOMAIN. */
  readonly replyDomain: string
  /** MAILER_SENDER_EMAIL. */
  readonly senderEmail: string | null
  /** Null: of all active accounts. */
  readonly accountId: number | null
  readonly most: number
}

/** Throws when the database does not answer. */
export async function readMailDomains(sql: Sql, asked: Asked): Promise<MailDomains> {
  const { rows } = await sql.query<{ kind: keyof MailDomains; domain: string }>(domainsSql, [
    asked.replyDomain,
    asked.senderEmail,
    asked.accountId,
    asked.most,
  ])
  const of = (kind: keyof MailDomains): string[] => rows.filter((row) => row.kind === kind).map(({ domain }) => domain)
  return { reply: of('reply'), sending: of('sending'), agents: of('agents') }
}

// An inbox without an address sends as its account, the installation, or notifications@ the reply domain
// (src/delivery/send-reply.ts).
const domainsSql = `
  with chosen as (
    select
      a.id,
      coalesce(a.domain, $1) as reply_domain,
      coalesce(a.support_email, $2, 'notifications@' || coalesce(a.domain, $1)) as sender
    from accounts a
    where ${isActive('a')}
      and ($3::int is null or a.id = $3)
  ),
  addresses as (
    select 'sending' as kind, coalesce(ch.email, c.sender) as address
    from chosen c
    left join channels ch on ch.account_id = c.id and ch.email_confirmed_at is not null
    union all
    select 'sending', sender from chosen
    union all
    select 'agents', m.email
    from acting_members m
    join chosen c on c.id = m.account_id
  ),
  domains as (
    select 'reply' as kind, reply_domain as domain from chosen
    union
    select 'reply', $1 where $3::int is null
    union
    select kind, lower(substring(address from '@([^@>\\s]+)>?\\s*$')) from addresses
  )
  select kind, domain
  from (
    select kind, domain, row_number() over (partition by kind order by domain) as place
    from domains
    where domain is not null
      and domain not like '%.invalid'
  ) numbered
  where place <= $4
  order by kind, domain`
