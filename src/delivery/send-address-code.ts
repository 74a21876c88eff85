// Mails a code to the address of an inbox, for a member of its account to enter
// (conversations/domains/inbox-address.ts). The code is made here: it is in the mail, and as a hash in the database,
// and nowhere else. Automatic mail (RFC 3834).

import { randomUUID } from 'node:crypto'

import { queryOne } from '../db/pool.ts'
import { hashAddressCode, newAddressCode } from '../mail/address-code.ts'
import type { WorkPayloads } from '../queue/work.ts'
import { composeAutomaticMail, installationSender } from './automatic-mail.ts'
import { renderCard } from './layout/card.ts'
import type { Bodies } from './layout/html.ts'
import type { DeliveryOptions } from './send-reply.ts'
import { type Words, wordsFor } from './words/words.ts'

const hours = 24

/** Sends one mail; nothing when the inbox has another address now, or is confirmed. Throws `MailError`. */
export async function sendAddressCode(
  options: DeliveryOptions,
  { inboxId, email }: WorkPayloads['send-address-code'],
): Promise<void> {
  const code = newAddressCode()
  const channel = await queryOne<{ locale: string }>(
    options.pool,
    `update channels c set
       email_code_hash = $3,
       email_code_expires_at = now() + $4 * interval '1 hour',
       email_code_attempts = 0
     from accounts a
     where c.id = (select channel_id from inboxes where id = $1)
       and a.id = c.account_id
       and c.email = $2
       and c.email_confirmed_at is null
     returning a.locale`,
    [inboxId, email, hashAddressCode(code), hours],
  )
  if (channel === null) return
  const words = wordsFor(channel.locale)
  await options.send(
    composeAutomaticMail(options, {
      sender: installationSender(options),
      to: email,
      subject: words.say('code.subject'),
      ...renderCode(words, { email, code }),
      id: `code/${randomUUID()}`,
      isBulk: false,
    }),
  )
}

/** Both bodies of the mail. Never throws. */
export function renderCode({ say, language }: Words, mail: { readonly email: string; readonly code: string }): Bodies {
  const ask = say('code.ask', { email: mail.email })
  return renderCard({
    language,
    from: 'Rethread',
    color: null,
    preheader: ask,
    sections: [
      [
        { kind: 'title', text: say('code.subject') },
        { kind: 'text', text: ask },
        { kind: 'code', text: mail.code },
        { kind: 'quiet', text: say('code.until', { hours: String(hours) }) },
      ],
    ],
  })
}
