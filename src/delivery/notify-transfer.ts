// Notifies the requester of an import or export of its result, with a link to the file. Automatic mail (RFC 3834).

import { queryOne } from '../db/pool.ts'
import { linkTo } from '../links.ts'
import { accountSender, composeAutomaticMail } from './automatic-mail.ts'
import { renderBodies } from './render.ts'
import type { DeliveryOptions } from './send-reply.ts'

interface Facts {
  readonly direction: string
  readonly status: string
  readonly processed: number
  readonly created: number
  readonly changed: number
  readonly refused: number
  readonly error: string | null
  readonly token: string
  readonly email: string
  readonly account_id: number
  readonly account: string
  readonly domain: string | null
  readonly support_email: string | null
}

/** Sends one mail; nothing if the requester has left the account. Throws `MailError`. */
export async function notifyTransfer(options: DeliveryOptions, transferId: number): Promise<void> {
  const facts = await queryOne<Facts>(
    options.pool,
    `
      select
        t.direction,
        t.status,
        t.processed_records as processed,
        t.created_records as created,
        t.changed_records as changed,
        t.refused_records as refused,
        t.error,
        t.token,
        u.email,
        a.id as account_id,
        a.name as account,
        a.domain,
        a.support_email
      from data_transfers t
      join accounts a on a.id = t.account_id
      join acting_members u on u.account_id = a.id and u.user_id = t.user_id
      where t.id = $1
    `,
    [transferId],
  )
  if (facts === null) return
  await options.send(
    composeAutomaticMail(options, {
      sender: accountSender({
        name: facts.account,
        domain: facts.domain ?? options.defaultDomain,
        supportEmail: facts.support_email,
      }),
      to: facts.email,
      subject: `${facts.direction === 'import' ? 'Contact import' : 'Contact export'} ${facts.status}`,
      ...renderBodies(textOf(facts, { transferId, publicUrl: options.publicUrl }), []),
      id: `transfer/${String(transferId)}`,
      isBulk: false,
    }),
  )
}

function textOf(
  facts: Facts,
  { transferId, publicUrl }: { readonly transferId: number; readonly publicUrl: string },
): string {
  if (facts.error !== null) return facts.error
  if (facts.direction === 'export')
    return (
      `The contacts of ${facts.account} (${String(facts.processed)}) are ready for seven days: ` +
      linkTo(publicUrl, `/contact-exports/${facts.token}/contacts.csv`)
    )
  const { processed, created, changed, refused } = facts
  const refusedPath = `/api/v1/accounts/${String(facts.account_id)}/contacts/imports/${String(transferId)}/refused.csv`
  const done = [
    `Rows read: ${String(processed)}.`,
    `Contacts created: ${String(created)}, updated: ${String(changed)}.`,
    `Rows refused: ${String(refused)}.`,
  ].join(' ')
  return facts.refused === 0
    ? done
    : `${done}\n\nThe refused rows, each with its reasons: ` +
        `${linkTo(publicUrl, refusedPath)} (with your access token)`
}
