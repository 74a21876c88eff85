// Mails a one-time link to the address that it proves. Automatic mail (RFC 3834): its reverse-path is null. The link is
// made here, so that its code is in the mail and nowhere else; a repeated mail has a second link, and either works.

import { randomUUID } from 'node:crypto'

import { queryOne } from '../db/pool.ts'
import { linkTo } from '../links.ts'
import { oneLine } from '../mail/compose.ts'
import type { WorkPayloads } from '../queue/work.ts'
import { composeAutomaticMail, installationSender } from './automatic-mail.ts'
import type { DeliveryOptions } from './send-reply.ts'

type LinkWork = WorkPayloads['send-link']

interface Kind {
  readonly minutes: number
  /** The path of the link: /login signs in, /confirm does not. */
  readonly path: 'confirm' | 'login'
  readonly subject: string
  readonly text: (facts: { readonly email: string; readonly account: string }) => string
}

const day = 1_440

const kinds: Readonly<Record<LinkWork['purpose'] | 'sign-in', Kind>> = {
  'sign-in': {
    minutes: 15,
    path: 'login',
    subject: 'Your link to sign in',
    text: ({ email }) =>
      `Somebody asked for a link to sign in as ${email}. If that was you, open it. Otherwise nothing happens.`,
  },
  'confirm-user-email': {
    minutes: day,
    path: 'confirm',
    subject: 'Confirm your address',
    text: ({ email }) =>
      `Somebody asked to use ${email} for their account. If that was you, confirm it here. Otherwise nothing happens.`,
  },
  'accept-invitation': {
    minutes: 7 * day,
    path: 'login',
    subject: 'You are invited',
    text: ({ account }) =>
      `You are invited to work in the account "${account}". Accept and sign in here. If you do not want to, ` +
      'nothing happens.',
  },
}

/** Sends a sign-in link to the owner of the address, if there is one. Throws `MailError`. */
export async function sendLoginLink(options: DeliveryOptions, { email }: { readonly email: string }): Promise<void> {
  const code = await options.createLoginCode(email)
  if (code !== null) await sendMail(options, { ...kinds['sign-in'], email, code, account: '' })
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
  await sendMail(options, { ...kind, email: work.email, code, account: plainName(account?.name ?? '') })
}

interface LinkMail extends Kind {
  readonly email: string
  readonly code: string
  readonly account: string
}

async function sendMail(options: DeliveryOptions, { email, code, account, ...kind }: LinkMail): Promise<void> {
  const url = linkTo(options.publicUrl, `/${kind.path}/${code}`)
  const words = kind.text({ email, account })
  const until = `The link is good for ${inWords(kind.minutes)}, once.`
  await options.send(
    composeAutomaticMail(options, {
      sender: installationSender(options),
      to: email,
      subject: kind.subject,
      text: `${words}\n\n${url}\n\n${until}\n`,
      html:
        `<!doctype html><html><body><p>${escape(words)}</p><p><a href="${escape(url)}">${escape(url)}</a></p>` +
        `<p>${until}</p></body></html>`,
      id: `link/${randomUUID()}`,
      isBulk: false,
    }),
  )
}

function inWords(minutes: number): string {
  if (minutes < day) return `${String(minutes)} minutes`
  return minutes === day ? 'one day' : `${String(minutes / day)} days`
}

// The name of an account is untrusted text: nothing in it becomes a link.
function plainName(name: string): string {
  return oneLine(name.replace(/[^\p{L}\p{N} &'-]/gu, ' ')).slice(0, 80)
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${String(character.charCodeAt(0))};`)
}
