// Resend (POST /emails): fields in place of a raw message. Our Message-ID is the idempotency key, so that a mail whose
// answer was lost is not sent twice within a day. Resend builds the MIME parts and sends through Amazon SES, which may
// replace the Message-ID; In-Reply-To, References and the reply address stay.

import { createHash } from 'node:crypto'

import type { TransportSettings } from '../../contracts/transport-settings.ts'
import type { GuardedPost } from '../../http-client/guarded-post.ts'
import type { OutgoingMail, Route } from '../transport.ts'
import { type Json, requestApi, textAt } from './api.ts'
import { headersOf, mailboxOf, recipientsOf } from './fields.ts'
import { isRefusedFor } from './verify.ts'

/** A route by the API of Resend. */
export function createResend({ host: key, options }: TransportSettings, post: GuardedPost): Route {
  const base = options['api'] ?? 'https://api.resend.com'
  const server = new URL(base).hostname
  const send = (body: Json, headers: Readonly<Record<string, string>>, timeoutMs?: number) =>
    requestApi(post, {
      url: new URL('/emails', base).href,
      headers: { 'content-type': 'application/json', authorization: `Bearer ${key}`, ...headers },
      body: JSON.stringify(body),
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
    })
  return {
    server,
    handOver: async (mail) => {
      const { answer } = await send(bodyOf(mail), { 'idempotency-key': keyOf(mail) })
      return { server, response: 'accepted', queueId: textAt(answer, 'id'), refused: [] }
    },
    verify: async (timeoutMs) => {
      // A mail without fields: 422 where the key is right, 401 or 403 where it is not.
      await isRefusedFor(422, send({}, {}, timeoutMs))
      return `${server} accepts the key`
    },
    close: () => undefined,
  }
}

// The same mail to those who are still to get it is another one.
function keyOf({ messageId, envelope }: OutgoingMail): string {
  const recipients = createHash('sha256')
    .update([...envelope.to].sort().join('\n'))
    .digest('hex')
    .slice(0, 16)
  return `${messageId.replace(/[^\x21-\x7e]/g, '').slice(0, 230)}/${recipients}`
}

function bodyOf(mail: OutgoingMail): Json {
  const { to, cc, bcc } = recipientsOf(mail)
  return {
    from: mailboxOf(mail.from),
    to,
    ...(cc.length === 0 ? {} : { cc }),
    ...(bcc.length === 0 ? {} : { bcc }),
    ...(mail.replyTo === null ? {} : { reply_to: mailboxOf(mail.replyTo) }),
    subject: mail.subject,
    text: mail.text,
    html: mail.html,
    headers: headersOf(mail),
    ...(mail.attachments.length === 0
      ? {}
      : {
          attachments: mail.attachments.map(({ filename, contentType, content, contentId }) => ({
            filename,
            content: content.toString('base64'),
            content_type: contentType,
            ...(contentId === undefined ? {} : { content_id: contentId }),
          })),
        }),
    ...(mail.key === undefined ? {} : { tags: [{ name: 'rethread', value: mail.key }] }),
  }
}
