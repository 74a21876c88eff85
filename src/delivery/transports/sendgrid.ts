// SendGrid (POST /v3/mail/send): fields in place of a raw message. SendGrid builds the MIME parts, sets its own
// reverse-path and takes Message-ID, In-Reply-To and References from `headers`. A mail that is sent once more to some
// recipients names only these.

import type { TransportSettings } from '../../contracts/transport-settings.ts'
import type { GuardedPost } from '../../http-client/guarded-post.ts'
import { oneLine } from '../../mail/compose.ts'
import type { OutgoingMail, Route } from '../transport.ts'
import { type Json, requestApi } from './api.ts'
import { headersOf, recipientsOf } from './fields.ts'
import { isRefusedFor } from './verify.ts'

/** A route by the API of SendGrid. */
export function createSendgrid({ host: key, options }: TransportSettings, post: GuardedPost): Route {
  const isEu = options['region'] === 'eu'
  const base = options['api'] ?? (isEu ? 'https://api.eu.sendgrid.com' : 'https://api.sendgrid.com')
  const server = new URL(base).hostname
  const send = (body: Json, timeoutMs?: number) =>
    requestApi(post, {
      url: new URL('/v3/mail/send', base).href,
      headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
      body: JSON.stringify(body),
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
    })
  return {
    server,
    handOver: async (mail) => {
      const { header } = await send(bodyOf(mail))
      return { server, response: 'accepted', queueId: header('x-message-id'), refused: [] }
    },
    verify: async (timeoutMs) => {
      // A mail without fields: 400 where the key is right, 401 where it is not.
      await isRefusedFor(400, send({}, timeoutMs))
      return `${server} accepts the key`
    },
    close: () => undefined,
  }
}

function bodyOf(mail: OutgoingMail): Json {
  const { to, cc, bcc } = recipientsOf(mail)
  const listed = (name: string, emails: readonly string[]): Json =>
    emails.length === 0 ? {} : { [name]: emails.map((email) => ({ email })) }
  return {
    personalizations: [{ ...listed('to', to), ...listed('cc', cc), ...listed('bcc', bcc) }],
    from: personOf(mail.from),
    ...(mail.replyTo === null ? {} : { reply_to: personOf(mail.replyTo) }),
    subject: mail.subject,
    content: [
      { type: 'text/plain', value: mail.text },
      { type: 'text/html', value: mail.html },
    ],
    headers: headersOf(mail),
    ...(mail.attachments.length === 0 ? {} : { attachments: mail.attachments.map(fileOf) }),
    ...(mail.key === undefined ? {} : { custom_args: { rethread: mail.key } }),
    tracking_settings: { click_tracking: { enable: false }, open_tracking: { enable: false } },
  }
}

function personOf({ name, address }: OutgoingMail['from']): Json {
  return { email: address, ...(name === '' ? {} : { name: oneLine(name) }) }
}

function fileOf({ filename, contentType, content, contentId }: OutgoingMail['attachments'][number]): Json {
  const inline =
    contentId === undefined ? { disposition: 'attachment' } : { disposition: 'inline', content_id: contentId }
  return { content: content.toString('base64'), type: contentType, filename, ...inline }
}
