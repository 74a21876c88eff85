// The daily mail about held mail: to administrators about all of their account, to agents about mail for their inboxes.
// It is automatic mail (RFC 3834), at most one a day for each person, and only to confirmed members.

import { inTransaction, type Pool, queryOne } from '../db/pool.ts'
import { isActive, visibleInboxes } from '../db/rules.ts'
import { linkTo } from '../links.ts'
import { maskReplyAddresses } from '../mail/reply-address.ts'
import { accountSender, composeAutomaticMail, notificationSettingsUrl, recipientInId } from './automatic-mail.ts'
import { renderCard } from './layout/card.ts'
import type { Bodies } from './layout/html.ts'
import { plainWords } from './notice-author.ts'
import type { DeliveryOptions } from './send-reply.ts'
import { type Words, wordsFor } from './words/words.ts'

interface Account {
  readonly name: string
  readonly domain: string | null
  readonly support_email: string | null
  readonly locale: string
}

interface Recipient {
  readonly user_id: number
  readonly email: string
  readonly locale: string | null
  /** Null: all of the account. */
  readonly inbox_ids: readonly number[] | null
}

interface Held {
  readonly count: number
  readonly from_address: string | null
  readonly subject: string | null
  readonly reason: string | null
}

const maxShown = 10

const recipientsSql = `
  select
    m.user_id,
    m.email,
    u.ui_settings ->> 'locale' as locale,
    ${visibleInboxes('m', 'm.user_id', 'm.account_id')} as inbox_ids
  from acting_members m
  join users u on u.id = m.user_id
  left join notification_settings s on s.account_id = m.account_id and s.user_id = m.user_id
  where m.account_id = $1
    and m.email not like '%.invalid'
    and (s.email_flags is null or 'email_held_mail' = any(s.email_flags))
  order by m.user_id`

const heldSql = `
  select count(*) over ()::int as count, from_address, subject, reason
  from (
    select id, from_address, subject, reason
    from inbound_emails
    where account_id = $1
      and status in ('held', 'failed')
      and erased_at is null
      and ($2::int[] is null or inbox_id = any($2))
    order by id desc
    limit 1000
  ) newest
  order by id desc
  limit ${String(maxShown)}`

/** Sends to each member what they see of it; nothing to those who see none. Throws `MailError`. */
export async function notifyHeldDigest(
  options: DeliveryOptions,
  work: { readonly accountId: number; readonly day: string },
): Promise<void> {
  const account = await queryOne<Account>(
    options.pool,
    `select name, domain, support_email, locale from accounts a where id = $1 and ${isActive('a')}`,
    [work.accountId],
  )
  if (account === null) return
  const { rows: recipients } = await options.pool.query<Recipient>(recipientsSql, [work.accountId])
  for (const recipient of recipients) {
    const { rows } = await options.pool.query<Held>(heldSql, [work.accountId, recipient.inbox_ids])
    if (
      rows.length > 0 &&
      (await mayNotify(options.pool, `held digest of ${String(work.accountId)} to ${recipient.email}`))
    )
      await send(options, { ...work, account, recipient, held: rows })
  }
}

// A retry of the same work mails only those whom the first attempt did not reach.
async function mayNotify(pool: Pool, key: string): Promise<boolean> {
  return inTransaction(pool, async (tx) => {
    const { rowCount } = await tx.query(
      `insert into automatic_mail as kept (key, started_at, used) values ($1, clock_timestamp(), 1)
       on conflict (key) do update set started_at = clock_timestamp(), used = 1
       where kept.started_at <= clock_timestamp() - interval '20 hours'`,
      [key],
    )
    return rowCount === 1
  })
}

export interface Digest {
  readonly accountId: number
  readonly day: string
  readonly account: Account
  readonly recipient: Recipient
  readonly held: readonly Held[]
}

/** Both bodies of a digest. Never throws. */
export function renderDigest(
  { say, language }: Words,
  { held, account, accountId }: Digest,
  publicUrl: string,
): Bodies {
  const count = held[0]?.count ?? 0
  const items = held.map(({ from_address: from, subject, reason }) => {
    const author = plainWords(maskReplyAddresses(from ?? say('digest.noAuthor')))
    const words = plainWords(maskReplyAddresses(subject ?? ''))
    return `${author}: ${words === '' ? say('digest.noSubject') : words} (${reason ?? 'held'})`
  })
  const more = count > held.length ? [say('attachments.more', { count: String(count - held.length) })] : []
  const title = titleOf({ say, language }, count)
  const url = linkTo(publicUrl, `/app/accounts/${String(accountId)}/held`)
  return renderCard({
    language,
    from: plainWords(account.name),
    color: null,
    preheader: items.join(' · '),
    sections: [
      [
        { kind: 'title', text: title },
        { kind: 'items', items: [...items, ...more] },
        { kind: 'button', label: say('digest.open'), text: say('digest.open'), url },
      ],
      [{ kind: 'quiet', text: say('digest.often') }],
    ],
    footer: {
      text: say('settings.reason'),
      label: say('settings.change'),
      url: notificationSettingsUrl(publicUrl, accountId),
    },
  })
}

/** No more are counted. */
const maxCounted = 1_000

function titleOf({ say, language }: Words, count: number): string {
  if (count === 1) return say('digest.title.one')
  return count >= maxCounted
    ? say('digest.title.many', { count: new Intl.NumberFormat(language).format(maxCounted) })
    : say('digest.title', { count: String(count) })
}

async function send(options: DeliveryOptions, digest: Digest): Promise<void> {
  const { account, recipient, accountId, day, held } = digest
  const count = held[0]?.count ?? 0
  const words = wordsFor(recipient.locale, account.locale)
  await options.send(
    composeAutomaticMail(options, {
      sender: accountSender({
        name: account.name,
        domain: account.domain ?? options.defaultDomain,
        supportEmail: account.support_email,
      }),
      to: recipient.email,
      subject: count === 1 ? words.say('digest.subject.one') : words.say('digest.subject', { count: String(count) }),
      ...renderDigest(words, digest, options.publicUrl),
      id: `held-digest/${String(accountId)}/${day}/${recipientInId(recipient.email)}`,
      isBulk: true,
      list: {
        label: `held.account-${String(accountId)}`,
        settingsUrl: notificationSettingsUrl(options.publicUrl, accountId),
      },
    }),
  )
}
