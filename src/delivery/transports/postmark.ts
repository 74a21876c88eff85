// Postmark (POST /email): fields in place of a raw message. Our Message-ID stays (`X-PM-KeepID`), and so do
// In-Reply-To, References and the reply address; Postmark builds the MIME parts and sets its own reverse-path. A mail
// that is sent once more to some recipients names only these.

import type { TransportSettings } from '../../contracts/transport-settings.ts'
import type { GuardedPost } from '../../http-client/guarded-post.ts'
import { addressKey } from '../../mail/address.ts'
import { type OutgoingMail, type Refusal, type Route, TransportError } from '../transport.ts'
import { type Json, requestApi, textAt } from './api.ts'
import { headersOf, mailboxOf, recipientsOf } from './fields.ts'
import { isRefusedFor } from './verify.ts'

/** Error codes about our account, server or sender: https://postmarkapp.com/developer/api/overview#error-codes. */
const accountCodes = [10, 400, 401, 405, 412, 413, 429, 500, 701, 1225, 1226, 1235]
/** The recipient is on Postmark's list of inactive addresses. */
const inactive = 406

/** A route by the API of Postmark. */
export function createPostmark({ host: token, options }: TransportSettings, post: GuardedPost): Route {
  const base = options['api'] ?? 'https://api.postmarkapp.com'
  const server = new URL(base).hostname
  const send = (body: Json, timeoutMs?: number) =>
    requestApi(post, {
      url: new URL('/email', base).href,
      headers: { 'content-type': 'application/json', 'x-postmark-server-token': token },
      body: JSON.stringify(body),
      isAccountFault: (_status, { ErrorCode: code }) =>
        accountCodes.includes(Number(code)) || Number(code) === inactive,
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
    })
  return {
    server,
    handOver: async (mail) => {
      const { answer } = await send(bodyOf(mail, options['stream'] ?? 'outbound')).catch((error: unknown) => {
        if (isInactive(error)) return { answer: { Message: error.message, ErrorCode: inactive } }
        throw error
      })
      const response = textAt(answer, 'Message') ?? 'OK'
      const isRefused = answer['ErrorCode'] === inactive
      const refused = isRefused || /inactive/i.test(response) ? inactiveOf(mail, response, isRefused) : []
      const queueId = textAt(answer, 'MessageID')
      return { server, response: isRefused ? null : response, queueId, refused }
    },
    verify: async (timeoutMs) => {
      // A mail without fields: 422 where the token is right, 401 where it is not.
      await isRefusedFor(422, send({}, timeoutMs))
      return `${server} accepts the token`
    },
    close: () => undefined,
  }
}

function isInactive(error: unknown): error is TransportError {
  return error instanceof TransportError && error.reach === 'answered' && /inactive/i.test(error.message)
}

// Postmark names them in its sentence: "Found inactive addresses: a@example.com, b@example.com."
function inactiveOf(mail: OutgoingMail, sentence: string, isWhole: boolean): Refusal[] {
  const named = new Set(
    (sentence.match(/[^\s,;:<>"]+@[^\s,;:<>"]+/g) ?? []).map((one) => addressKey(one.replace(/\.$/, ''))),
  )
  const refused = mail.envelope.to.filter((email) => isWhole || named.has(addressKey(email)))
  return refused.map((email) => ({ email, status: '5.0.0', detail: sentence.slice(0, 500), isFinal: true }))
}

function bodyOf(mail: OutgoingMail, stream: string): Json {
  const { to, cc, bcc } = recipientsOf(mail)
  const headers = { ...headersOf(mail), 'X-PM-KeepID': 'true' }
  return {
    From: mailboxOf(mail.from),
    To: to.join(', '),
    ...(cc.length === 0 ? {} : { Cc: cc.join(', ') }),
    ...(bcc.length === 0 ? {} : { Bcc: bcc.join(', ') }),
    ...(mail.replyTo === null ? {} : { ReplyTo: mailboxOf(mail.replyTo) }),
    Subject: mail.subject,
    TextBody: mail.text,
    HtmlBody: mail.html,
    Headers: Object.entries(headers).map(([Name, Value]) => ({ Name, Value })),
    Attachments: mail.attachments.map(({ filename, contentType, content, contentId }) => ({
      Name: filename,
      ContentType: contentType,
      Content: content.toString('base64'),
      ...(contentId === undefined ? {} : { ContentID: `cid:${contentId}` }),
    })),
    ...(mail.key === undefined ? {} : { Metadata: { rethread: mail.key } }),
    MessageStream: stream,
    TrackOpens: false,
    TrackLinks: 'None',
  }
}
