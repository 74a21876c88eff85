// Sends a canary (src/store/canaries.ts): a mail to the installation itself, through the outgoing transport. It is
// automatic mail with a null reverse-path, so that no server answers it. And the alarm, to the installation's
// administrators, when canaries do not come back.

import { MailError } from '../errors.ts'
import { linkTo } from '../links.ts'
import { composeAutomaticMail, installationSender, recipientInId } from './automatic-mail.ts'
import { renderCard } from './layout/card.ts'
import type { DeliveryOptions } from './send-reply.ts'

/** The field that a canary has to bring back. */
export const canaryField = 'X-Rethread-Canary'

type Options = Pick<DeliveryOptions, 'pool' | 'send' | 'handOver' | 'senderEmail' | 'defaultDomain' | 'publicUrl'>

/** The server's answer. Throws `MailError` when it does not take the mail. */
export async function sendCanary(
  options: Options,
  { to, id, proof }: { readonly to: string; readonly id: string; readonly proof: string },
): Promise<string> {
  const text = 'Rethread sends this mail to itself, to see that mail leaves and comes back.'
  const mail = composeAutomaticMail(options, {
    sender: installationSender(options),
    to,
    subject: 'Canary',
    text,
    html: `<p>${text}</p>`,
    id: `canary/${id}`,
    isBulk: false,
  })
  const headers = { ...mail.headers, [canaryField]: proof }
  const { response, refused } = await options.handOver({ ...mail, headers })
  if (response === null) throw new MailError('forbidden', refused[0]?.detail ?? 'the recipient was refused')
  return response
}

const titles = {
  failing: 'Mail does not make the round trip',
  recovered: 'Mail makes the round trip again',
} as const

const meanings = {
  failing:
    'Customers may not get your answers, or their replies may not arrive. "rethread doctor --dns" looks for the ' +
    'cause. You get one more mail when a canary is back in time.',
  recovered: 'The last canary came back in time. Look whether customers wrote to you in other ways meanwhile.',
} as const

/** One mail to each administrator of the installation. Throws `MailError`. */
export async function notifyCanary(
  options: Options,
  { state, says, id }: { readonly state: 'failing' | 'recovered'; readonly says: string; readonly id: string },
): Promise<void> {
  const { rows } = await options.pool.query<{ email: string }>(
    `select email
     from users
     where type = 'SuperAdmin'
       and confirmed_at is not null
       and email not like '%.invalid'
     order by id`,
  )
  const url = linkTo(options.publicUrl, '/')
  const bodies = renderCard({
    language: 'en',
    from: 'Rethread',
    color: null,
    preheader: says,
    sections: [
      [
        { kind: 'title', text: titles[state] },
        { kind: 'text', text: `The last canary was ${says}.` },
        { kind: 'text', text: meanings[state] },
        { kind: 'quiet', text: `Installation: ${url}` },
      ],
    ],
  })
  for (const { email } of rows)
    await options.send(
      composeAutomaticMail(options, {
        sender: installationSender(options),
        to: email,
        subject: titles[state],
        ...bodies,
        id: `canary-${state}/${id}/${recipientInId(email)}`,
        isBulk: false,
      }),
    )
}
