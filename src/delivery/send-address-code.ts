// Mails a code to the address of an inbox, for a member of its account to enter
// (conversations/domains/inbox-address.ts). The code is made here: it is in the mail, and as a hash in the database,
// and nowhere else. Automatic mail (RFC 3834).

import { randomUUID } from 'node:crypto'

import { hashAddressCode, newAddressCode } from '../mail/address-code.ts'
import type { WorkPayloads } from '../queue/work.ts'
import { composeAutomaticMail, installationSender } from './automatic-mail.ts'
import { renderBodies } from './render.ts'
import type { DeliveryOptions } from './send-reply.ts'

const hours = 24

/** Sends one mail; nothing when the inbox has another address now, or is confirmed. Throws `MailError`. */
export async function sendAddressCode(
  options: DeliveryOptions,
  { inboxId, email }: WorkPayloads['send-address-code'],
): Promise<void> {
  const code = newAddressCode()
  const { rowCount } = await options.pool.query(
    `update channels set
       email_code_hash = $3,
       email_code_expires_at = now() + $4 * interval '1 hour',
       email_code_attempts = 0
     where id = (select channel_id from inboxes where id = $1) and email = $2 and email_confirmed_at is null`,
    [inboxId, email, hashAddressCode(code), hours],
  )
  if (rowCount === 0) return
  await options.send(
    composeAutomaticMail(options, {
      sender: installationSender(options),
      to: email,
      subject: 'A code to confirm this address',
      ...renderBodies(
        `Somebody wants to receive the mail for ${email} in an inbox. To allow this, enter this code ` +
          `there:\n\n${code}\n\nIt is good for ${String(hours)} hours. If you did not expect this mail, do not ` +
          'pass the code on.',
        [],
      ),
      id: `code/${randomUUID()}`,
      isBulk: false,
    }),
  )
}
