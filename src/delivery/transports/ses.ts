// Amazon SES (POST /v2/email/outbound-emails, Content.Raw), signed with AWS Signature Version 4. SES replaces our
// Message-ID by its own, which is noted on the message; everything else of the header stays. The reverse-path is SES's.

import { AwsClient } from 'aws4fetch'

import type { TransportSettings } from '../../contracts/transport-settings.ts'
import type { GuardedPost } from '../../http-client/guarded-post.ts'
import type { Route } from '../transport.ts'
import { type Json, requestApi, textAt } from './api.ts'
import { buildMime } from './mime.ts'
import { isRefusedFor } from './verify.ts'

/** Errors with status 400 that are about our account: https://docs.aws.amazon.com/ses/latest/APIReference-V2/. */
const accountTypes = /AccountSuspended|SendingPaused|LimitExceeded|MailFromDomainNotVerified|TooManyRequests|Throttling/

/** A route by the API of Amazon SES. */
export function createSes(settings: TransportSettings, post: GuardedPost): Route {
  const { user: accessKeyId, password: secretAccessKey, host: region, options } = settings
  const base = options['api'] ?? `https://email.${region}.amazonaws.com`
  const server = new URL(base).hostname
  const client = new AwsClient({ accessKeyId, secretAccessKey, region, service: 'ses' })
  const send = async (content: Json, timeoutMs?: number): Promise<Json> => {
    const url = new URL('/v2/email/outbound-emails', base).href
    const body = JSON.stringify(content)
    const signed = await client.sign(url, { method: 'POST', body, headers: { 'content-type': 'application/json' } })
    const { answer } = await requestApi(post, {
      url,
      headers: Object.fromEntries(signed.headers),
      body,
      isAccountFault: (_status, said) =>
        accountTypes.test(`${textAt(said, '__type') ?? ''} ${textAt(said, 'message') ?? ''}`),
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
    })
    return answer
  }
  return {
    server,
    handOver: async (mail) => {
      const set = options['configuration_set']
      const answer = await send({
        Destination: { ToAddresses: mail.envelope.to },
        Content: { Raw: { Data: (await buildMime(mail)).toString('base64') } },
        ...(mail.key === undefined ? {} : { EmailTags: [{ Name: 'rethread', Value: mail.key }] }),
        ...(set === undefined ? {} : { ConfigurationSetName: set }),
      })
      const id = textAt(answer, 'MessageId')
      const domain = region === 'us-east-1' ? 'email.amazonses.com' : `${region}.amazonses.com`
      const renamed = id === null ? {} : { messageId: `${id}@${domain}` }
      return { server, response: 'accepted', queueId: id, refused: [], ...renamed }
    },
    verify: async (timeoutMs) => {
      // A mail without content: 400 where the key is right, 403 where it is not.
      await isRefusedFor(400, send({}, timeoutMs))
      return `${server} accepts the key`
    },
    close: () => undefined,
  }
}
