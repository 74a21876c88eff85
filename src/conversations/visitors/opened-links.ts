// The registry of one-time links: each purpose with its action. A new purpose is a line here, and its mail one in
// delivery/send-link.ts.

import { type Pool, queryOne, type Sql, type Tx, withDeadlockRetry } from '../../db/pool.ts'
import type { LinkOutcome, LinkQuestion } from '../links/link-page.ts'
import { consumeLink, findLink, type Link, type LinkPurpose } from '../links/one-time-links.ts'
import { askStop, stopAnswer } from '../messages/stop-answer.ts'
import { acceptInvitation } from '../people/invitations.ts'
import { confirmAddress } from '../people/user-address.ts'
import { proveAddress } from './prove-address.ts'

interface Deps {
  readonly pool: Pool
  /** INBOUND_EMAIL_DOMAIN. */
  readonly replyDomain: string
}

interface Purpose {
  /** Its texts: `confirm.title`, `confirm.ask`, `confirm.button`, `confirm.done`. */
  readonly texts: 'confirm' | 'invite' | 'chat'
  /** Runs in the transaction that consumes the link; false = the link has no effect any more. */
  readonly action: (tx: Tx, link: Link, deps: Deps) => Promise<boolean>
}

const purposes: Readonly<Partial<Record<LinkPurpose, Purpose>>> = {
  'confirm-user-email': {
    texts: 'confirm',
    action: (tx, link, { replyDomain }) => confirmAddress(tx, link, replyDomain),
  },
  'accept-invitation': { texts: 'invite', action: (tx, link) => acceptInvitation(tx, link) },
  'prove-contact-address': {
    texts: 'chat',
    action: (tx, { subjectId, email }) => proveAddress(tx, subjectId, email),
  },
}

// The language of the person who has the address, else of the account.
const aboutSql = `
  select
    coalesce(a.name, '') as name,
    a.locale as "accountLocale",
    (select u.ui_settings ->> 'locale' from users u where u.email = $2 or u.unconfirmed_email = $2 limit 1) as locale
  from (select 1) one
  left join accounts a on a.id = $1`

async function readPage(sql: Sql, link: Link) {
  const row = await queryOne<{ name: string; accountLocale: string | null; locale: string | null }>(sql, aboutSql, [
    link.accountId,
    link.email,
  ])
  return {
    account: row?.name ?? '',
    page: {
      reader: { locales: [row?.locale ?? null, row?.accountLocale ?? null], timeZone: 'UTC' },
      conversation: null,
    },
  }
}

/** Shows and performs the action of a link. */
export function createOpenedLinks(deps: Deps) {
  return {
    /** The action that the link would perform; null = none. Changes nothing: mail scanners open links, too. */
    async askLink(code: string): Promise<LinkQuestion | null> {
      const link = await findLink(deps.pool, code)
      if (link === null) return null
      if (link.purpose === 'stop-answer') return askStop(deps.pool, link)
      const texts = purposes[link.purpose]?.texts
      if (texts === undefined) return null
      const { account, page } = await readPage(deps.pool, link)
      return {
        ...page,
        title: { id: `${texts}.title` },
        sentences: [{ id: `${texts}.ask`, values: { email: link.email, account } }],
        button: { id: `${texts}.button` },
      }
    },

    /**
     * Consumes the link and performs its action, both or neither, once. The link that stops an answer is not consumed:
     * it has an effect while the answer waits, and says afterwards what became of it. Null: it is not valid any more.
     */
    openLink: (code: string): Promise<LinkOutcome | null> =>
      withDeadlockRetry(deps.pool, async (tx) => {
        const found = await findLink(tx, code)
        if (found?.purpose === 'stop-answer') return stopAnswer(tx, found)
        const link = await consumeLink(tx, code, Object.keys(purposes))
        const purpose = link === null ? undefined : purposes[link.purpose]
        if (link === null || purpose === undefined || !(await purpose.action(tx, link, deps))) return null
        const { page } = await readPage(tx, link)
        return { ...page, done: true, title: { id: 'done' }, sentences: [{ id: `${purpose.texts}.done` }], words: null }
      }),
  }
}
