// Domains under which reply addresses were issued. A row of reply_domains says until when mail to one is accepted:
// the current domain's row is renewed while it is in use, a former one runs out with the last address that was issued
// under it (migration former_domains).

import { inTransaction, pipelined, type Pool, queryOne, type Sql } from '../../db/pool.ts'

export interface ReplyDomain {
  readonly domain: string
  /** Null: the installation's. */
  readonly accountId: number | null
  readonly isCurrent: boolean
  readonly acceptedUntil: Date
}

export interface FormerAddress {
  readonly email: string
  readonly inboxId: number
  readonly acceptedUntil: Date
}

/**
 * Notes that this process issues addresses under `domain`, and how long they are good; renews the domains of
 * accounts. Every process does so at its start and again each hour: processes with different settings accept each
 * other's addresses.
 */
export async function noteReplyDomains(
  pool: Pool,
  { domain, expiresDays }: { readonly domain: string; readonly expiresDays: number },
): Promise<void> {
  await inTransaction(pool, (tx) =>
    pipelined({
      days: tx.query(
        `insert into installation (name, value) values ('reply_token_expires_days', $1::text)
         on conflict (name) do update set value = excluded.value`,
        [String(expiresDays)],
      ),
      own: tx.query(`${renewSql} select $1, null::int, ${expiry('$2')} ${onConflict}`, [domain, expiresDays]),
      ofAccounts: tx.query(
        `${renewSql} select domain, id, ${expiry('$1')} from accounts where domain is not null order by id ` +
          onConflict,
        [expiresDays],
      ),
    }),
  )
}

const renewSql = 'insert into reply_domains as kept (domain, account_id, expires_at)'
const expiry = (days: string): string => `now() + ${days}::float8 * interval '1 day'`
const onConflict = `on conflict (domain, (coalesce(account_id, 0))) do update set
  expires_at = greatest(kept.expires_at, excluded.expires_at)`

/** Deletes expired domains; returns how many. */
export async function sweepReplyDomains(sql: Sql): Promise<number> {
  const domains = await sql.query('delete from reply_domains where expires_at <= now()')
  const addresses = await sql.query('delete from former_inbox_addresses where expires_at <= now()')
  return (domains.rowCount ?? 0) + (addresses.rowCount ?? 0)
}

export function createReplyDomains({ pool, replyDomain }: { readonly pool: Pool; readonly replyDomain: string }) {
  const list = async (where: string, values: readonly unknown[]): Promise<ReplyDomain[]> => {
    const { rows } = await pool.query<ReplyDomain>(
      `select
         r.domain,
         r.account_id as "accountId",
         coalesce(r.domain = a.domain, r.account_id is null and r.domain = $1) as "isCurrent",
         r.expires_at as "acceptedUntil"
       from reply_domains r
         left join accounts a on a.id = r.account_id
       where r.expires_at > now() and (${where})
       order by r.account_id nulls last, 3 desc, r.domain`,
      [replyDomain, ...values],
    )
    return rows
  }
  return {
    /** An account's own, and those of the installation, which every account has besides. */
    listOfAccount: (accountId: number): Promise<ReplyDomain[]> =>
      list('r.account_id = $2 or r.account_id is null', [accountId]),

    /** All of them, those of accounts included. */
    listAll: (): Promise<ReplyDomain[]> => list('true', []),

    /** Ends the acceptance of a former domain; null = the installation's. Returns the outcome. */
    async remove(accountId: number | null, domain: string): Promise<'removed' | 'unknown' | 'in-use'> {
      const row = await queryOne<{ in_use: boolean }>(
        pool,
        `select
           coalesce(r.domain = a.domain, r.account_id is null and r.domain = $3) as in_use
         from reply_domains r
           left join accounts a on a.id = r.account_id
         where r.domain = $1 and r.account_id is not distinct from $2::int`,
        [domain.toLowerCase(), accountId, replyDomain],
      )
      if (row === null) return 'unknown'
      if (row.in_use) return 'in-use'
      const values = [domain.toLowerCase(), accountId]
      await pool.query(
        'delete from reply_domains where domain = $1 and account_id is not distinct from $2::int',
        values,
      )
      return 'removed'
    },

    /** Former addresses of an account's inboxes. */
    async listAddresses(accountId: number): Promise<FormerAddress[]> {
      const { rows } = await pool.query<FormerAddress>(
        `select email, inbox_id as "inboxId", expires_at as "acceptedUntil"
         from former_inbox_addresses
         where account_id = $1 and expires_at > now()
         order by email`,
        [accountId],
      )
      return rows
    },

    /** Ends the acceptance of a former address of an inbox; false: there is none like it. */
    async removeAddress(accountId: number, email: string): Promise<boolean> {
      const { rowCount } = await pool.query('delete from former_inbox_addresses where account_id = $1 and email = $2', [
        accountId,
        email.toLowerCase(),
      ])
      return rowCount === 1
    },
  }
}

export interface Outdated {
  readonly accountId: number
  readonly inboxId: number
  readonly name: string
  readonly email: string
  readonly domain: string
}

/** Inboxes whose address is at a former domain of the installation, with their domain now. */
export async function findOutdatedInboxes(sql: Sql, replyDomain: string): Promise<Outdated[]> {
  const { rows } = await sql.query<Outdated>(
    `select
       i.account_id as "accountId",
       i.id as "inboxId",
       i.name,
       ch.email,
       coalesce(a.domain, $1) as domain
     from channels ch
       join inboxes i on i.channel_id = ch.id
       join accounts a on a.id = i.account_id
     where ch.email_confirmed_at is not null
       and split_part(ch.email, '@', 2) <> $1
       and exists (select 1 from reply_domains r where r.account_id is null and r.domain = split_part(ch.email, '@', 2))
     order by i.id`,
    [replyDomain],
  )
  return rows
}
