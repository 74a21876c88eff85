// One-time sign-in links: made by a command or the first start, mailed on request, or sent with an invitation. Reading
// one changes nothing, as mail scanners open links, too.

import { inTransaction, type Pool, queryOne, type Sql, type Tx, withDeadlockRetry } from '../../db/pool.ts'
import { mailboxKey } from '../../mail/address.ts'
import { enqueue } from '../../queue/work.ts'
import { takeOf } from '../automatic-budget.ts'
import { consumeLink, createLink, findLink, type Link } from '../links/one-time-links.ts'
import { acceptInvitation } from '../people/invitations.ts'
import { keepPassword } from './passwords.ts'
import { type Device, type NewSession, openSession } from './sessions.ts'

/** The user whom a link signs in. */
export interface LinkOwner {
  readonly userId: number
  readonly email: string
  readonly name: string
  /** The account of the invitation; null = it is not an invitation. */
  readonly accountName: string | null
}

interface Made {
  readonly code: string
  readonly email: string
  readonly expiresAt: Date
}

const purposes: readonly string[] = ['sign-in', 'accept-invitation']

type Who = { readonly userId: number } | { readonly email: string } | { readonly first: true }

/** Makes a link for a user who may sign in, valid for some minutes. Null: there is no such user. */
export async function createLoginLink(sql: Sql, who: Who, minutes: number): Promise<Made | null> {
  const [condition, value] = conditionOf(who)
  const user = await queryOne<{ id: number; email: string }>(
    sql,
    `select id, email from users where ${condition} and confirmed_at is not null order by id limit 1`,
    [value],
  )
  if (user === null) return null
  const expiresAt = new Date(Date.now() + minutes * 60_000)
  const code = await createLink(sql, {
    purpose: 'sign-in',
    subjectId: user.id,
    email: user.email,
    accountId: null,
    expiresAt,
  })
  return { code, email: user.email, expiresAt }
}

function conditionOf(who: Who): [condition: string, value: number | string] {
  if ('userId' in who) return ['id = $1::int', who.userId]
  return 'email' in who ? ['email = $1::text', who.email.trim().toLowerCase()] : ['type = $1::text', 'SuperAdmin']
}

/** Minutes for which a link is good that was asked for by mail or by command. */
export const loginMinutes = 15
const mailsAnHour = { most: 5, seconds: 3_600, count: 1 }

/** The code of a link to be mailed; null: the address is unknown or cannot receive mail, or too many were sent. */
export function createMailedCode(pool: Pool, email: string): Promise<string | null> {
  return inTransaction(pool, async (tx) => {
    const known = await queryOne(tx, 'select 1 from users where email = $1 and confirmed_at is not null', [email])
    if (known === null || email.endsWith('.invalid')) return null
    if (!(await takeOf(tx, `login link to ${mailboxKey(email)}`, mailsAnHour))) return null
    return (await createLoginLink(tx, { email }, loginMinutes))?.code ?? null
  })
}

export function createLoginLinks({ pool, wake }: { readonly pool: Pool; readonly wake: () => void }) {
  return {
    /**
     * Mails a link to the owner of the address, if there is one. Takes as long, and writes as much, for an unknown
     * address.
     */
    async mailLoginLink(email: string): Promise<void> {
      await enqueue(pool, [{ kind: 'send-login-link', key: null, payload: { email: email.trim().toLowerCase() } }])
      wake()
    },

    createLoginLink: (who: { readonly userId: number } | { readonly email: string }, minutes: number) =>
      createLoginLink(pool, who, minutes),

    /** The user whom the link would sign in; null = none any more. */
    async askLoginLink(code: string): Promise<LinkOwner | null> {
      const link = await findLink(pool, code)
      return link === null || !purposes.includes(link.purpose) ? null : findOwner(pool, link)
    },

    /** Consumes the link, accepts the invitation if it is one, and begins a session: all or nothing, once. */
    signInByLink: (code: string, device: Device): Promise<NewSession | null> =>
      withDeadlockRetry(pool, async (tx) => {
        const link = await consumeLink(tx, code, purposes)
        if (link === null || !(await mayEnter(tx, link))) return null
        return openSession(tx, { userId: link.subjectId, beganBy: 'link' }, device)
      }),

    /** As `signInByLink`, with a new password, of which this is the hash. */
    resetByLink: (code: string, hash: string, device: Device): Promise<NewSession | null> =>
      withDeadlockRetry(pool, async (tx) => {
        const link = await consumeLink(tx, code, purposes)
        if (link === null || !(await mayEnter(tx, link))) return null
        await keepPassword(tx, { userId: link.subjectId, hash, currentSession: null })
        return openSession(tx, { userId: link.subjectId, beganBy: 'link' }, device)
      }),
  }
}

// A link to an old address does not sign in.
function findOwner(sql: Sql, { subjectId, email, accountId, purpose }: Link): Promise<LinkOwner | null> {
  return queryOne<LinkOwner & Record<string, unknown>>(
    sql,
    `select u.id as "userId", u.email, u.name, a.name as "accountName"
     from users u
     left join account_users m on m.user_id = u.id and m.account_id = $3
     left join accounts a on a.id = m.account_id
     where u.id = $1
       and u.email = $2
       and case when $4 then a.id is not null else u.confirmed_at is not null end`,
    [subjectId, email, accountId, purpose === 'accept-invitation'],
  )
}

async function mayEnter(tx: Tx, link: Link): Promise<boolean> {
  if (link.purpose === 'accept-invitation') return acceptInvitation(tx, link)
  return (await findOwner(tx, link)) !== null
}
