// Mails a one-time link to the address that it proves. Automatic mail (RFC 3834): its reverse-path is null. The link is
// made here, so that its code is in the mail and nowhere else; a repeated mail has a second link, and either works.

import { randomUUID } from 'node:crypto'

import { type Pool, queryOne } from '../db/pool.ts'
import { linkTo } from '../links.ts'
import { oneLine } from '../mail/compose.ts'
import type { WorkPayloads } from '../queue/work.ts'
import { composeAutomaticMail, installationSender } from './automatic-mail.ts'
import { renderCard } from './layout/card.ts'
import type { Bodies } from './layout/html.ts'
import type { DeliveryOptions } from './send-reply.ts'
import { type Say, type Words, wordsFor } from './words/words.ts'

type LinkWork = WorkPayloads['send-link']

interface Kind {
  readonly minutes: number
  /** The path of the link: /login signs in, /confirm does not. */
  readonly path: 'confirm' | 'login'
  readonly texts: 'link.signIn' | 'link.confirm' | 'link.invite'
}

const day = 1_440

const kinds: Readonly<Record<LinkWork['purpose'] | 'sign-in', Kind>> = {
  'sign-in': { minutes: 15, path: 'login', texts: 'link.signIn' },
  'confirm-user-email': { minutes: day, path: 'confirm', texts: 'link.confirm' },
  'accept-invitation': { minutes: 7 * day, path: 'login', texts: 'link.invite' },
}

/** Sends a sign-in link to the owner of the address, if there is one. Throws `MailError`. */
export async function sendLoginLink(options: DeliveryOptions, { email }: { readonly email: string }): Promise<void> {
  const code = await options.createLoginCode(email)
  if (code === null) return
  const words = await readWords(options.pool, { email, accountId: null })
  await sendMail(options, words, { ...kinds['sign-in'], email, code, account: '' })
}

/** Sends one mail. Throws `MailError`. */
export async function sendLink(options: DeliveryOptions, work: LinkWork): Promise<void> {
  const kind = kinds[work.purpose]
  const account = await queryOne<{ name: string }>(options.pool, 'select name from accounts where id = $1', [
    work.accountId,
  ])
  if (work.accountId !== null && account === null) return
  const expiresAt = new Date(Date.now() + kind.minutes * 60_000)
  const code = await options.createLink({ ...work, expiresAt })
  const words = await readWords(options.pool, work)
  await sendMail(options, words, { ...kind, email: work.email, code, account: plainName(account?.name ?? '') })
}

// The language of the person who has the address, else of the account, else of an account of that person.
async function readWords(
  pool: Pool,
  { email, accountId }: { readonly email: string; readonly accountId: number | null },
): Promise<Words> {
  const row = await queryOne<{ own: string | null; account: string | null }>(
    pool,
    `select
       max(u.ui_settings ->> 'locale') as own,
       coalesce(
         (select locale from accounts where id = $2),
         (array_agg(a.locale order by a.id) filter (where a.id is not null))[1]
       ) as account
     from users u
     left join account_users m on m.user_id = u.id
     left join accounts a on a.id = m.account_id
     where u.email = $1 or u.unconfirmed_email = $1`,
    [email, accountId],
  )
  return wordsFor(row?.own, row?.account)
}

export interface LinkMail extends Kind {
  readonly email: string
  readonly code: string
  readonly account: string
}

async function sendMail(options: DeliveryOptions, words: Words, mail: LinkMail): Promise<void> {
  await options.send(
    composeAutomaticMail(options, {
      sender: installationSender(options),
      to: mail.email,
      subject: words.say(`${mail.texts}.subject`),
      ...renderLink(words, mail, options.publicUrl),
      id: `link/${randomUUID()}`,
      isBulk: false,
    }),
  )
}

/** Both bodies of the mail. Never throws. */
export function renderLink({ say, language }: Words, mail: LinkMail, publicUrl: string): Bodies {
  const text = say(`${mail.texts}.text`, { email: mail.email, account: mail.account })
  const url = linkTo(publicUrl, `/${mail.path}/${mail.code}`)
  return renderCard({
    language,
    from: 'Rethread',
    color: null,
    preheader: text,
    sections: [
      [
        { kind: 'title', text: say(`${mail.texts}.subject`) },
        { kind: 'text', text },
        { kind: 'button', label: say(`${mail.texts}.button`), text: '', url },
        { kind: 'quiet', text: validity(say, mail.minutes) },
      ],
    ],
  })
}

function validity(say: Say, minutes: number): string {
  if (minutes < day) return say('link.until.minutes', { count: String(minutes) })
  return minutes === day ? say('link.until.day') : say('link.until.days', { count: String(minutes / day) })
}

// The name of an account is untrusted text: nothing in it becomes a link.
function plainName(name: string): string {
  return oneLine(name.replace(/[^\p{L}\p{N} &'-]/gu, ' ')).slice(0, 80)
}
