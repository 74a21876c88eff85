// Mailgun: raw mail (POST /v3/<domain>/messages.mime). mailgun.js makes the request and reads the answer; it is sent by
// our own guarded client (docs/adr/0011). Message-ID, header fields and the reply address stay as they are; Mailgun
// sets its own reverse-path.

import Mailgun from 'mailgun.js'

import type { TransportSettings } from '../../contracts/transport-settings.ts'
import type { GuardedPost } from '../../http-client/guarded-post.ts'
import type { Route } from '../transport.ts'
import { type Json, requestApi, textAt } from './api.ts'
import { buildMime } from './mime.ts'
import { isRefusedFor } from './verify.ts'

/** What `messages.create` hands to its transport. */
interface MimeData {
  readonly to: readonly string[]
  readonly message: Buffer
  readonly 'v:rethread'?: string
}

/** A route by the API of Mailgun. */
export function createMailgun({ user: key, host: domain, options }: TransportSettings, post: GuardedPost): Route {
  const base = options['api'] ?? (options['region'] === 'eu' ? 'https://api.eu.mailgun.net' : 'https://api.mailgun.net')
  const server = new URL(base).hostname
  const headers = { authorization: `Basic ${Buffer.from(`api:${key}`).toString('base64')}` }
  const { messages } = new Mailgun(FormData).client({ username: 'api', key, url: base })
  const request = {
    postWithFD: async (path: string, data: MimeData): Promise<{ status: number; body: Json }> => {
      const { body, contentType } = await encode(data)
      const url = new URL(path, base).href
      const { answer } = await requestApi(post, { url, headers: { ...headers, 'content-type': contentType }, body })
      return { status: 200, body: answer }
    },
  }
  const client = Object.assign(messages, { request })
  return {
    server,
    handOver: async (mail) => {
      const tracked = mail.key === undefined ? {} : { 'v:rethread': mail.key }
      const answer = (await client.create(domain, {
        to: [...mail.envelope.to],
        message: await buildMime(mail),
        ...tracked,
      })) as unknown as Json
      return {
        server,
        response: textAt(answer, 'message') ?? 'accepted',
        queueId: textAt(answer, 'id')?.replace(/^<|>$/g, '') ?? null,
        refused: [],
      }
    },
    verify: async (timeoutMs) => {
      // A message without its fields: 400 where the key is right, 401 where it is not.
      const url = new URL(`/v3/${encodeURIComponent(domain)}/messages`, base).href
      await isRefusedFor(400, requestApi(post, { url, headers, body: '', timeoutMs }))
      return `${server} accepts the key for ${domain}`
    },
    close: () => undefined,
  }
}

async function encode({ to, message, ...rest }: MimeData): Promise<{ body: Buffer; contentType: string }> {
  const form = new FormData()
  for (const one of to) form.append('to', one)
  form.append('message', new Blob([new Uint8Array(message)], { type: 'message/rfc822' }), 'message.mime')
  if (rest['v:rethread'] !== undefined) form.append('v:rethread', rest['v:rethread'])
  const encoded = new Response(form)
  const contentType = encoded.headers.get('content-type') ?? ''
  return { body: Buffer.from(await encoded.arrayBuffer()), contentType }
}
