// A webhook's receiver: takes what is posted, checks its signature as a receiver would, and answers what the test says.

import { createHmac, timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Posted {
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly text: string
  /** Tests look into it freely. */
  readonly body: any
}

export type Receiver = Awaited<ReturnType<typeof startReceiver>>

export async function startReceiver() {
  const posted: Posted[] = []
  const behaviour = {
    answer: (_post: Posted, response: ServerResponse): void => void response.writeHead(200).end('ok'),
  }
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString('utf8')
      const one = { path: request.url ?? '', headers: request.headers, text, body: JSON.parse(text) as unknown }
      posted.push(one)
      behaviour.answer(one, response)
    })
  })
  server.listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const origin = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`
  return {
    origin,
    posted,
    /** How it answers from now on; default: 200. */
    answerWith(answer: (typeof behaviour)['answer']) {
      behaviour.answer = answer
    },
    at: (path: string) => posted.filter((one) => one.path === path),
    async stop() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** As Chatwoot's documentation tells receivers to: HMAC-SHA256 of "timestamp.body", no older than five minutes. */
export function isGenuine({ headers, text }: Posted, secret: string): boolean {
  const timestamp = String(headers['x-chatwoot-timestamp'])
  const expected = Buffer.from(
    `sha256=${createHmac('sha256', secret).update(timestamp).update('.').update(text).digest('hex')}`,
  )
  const given = Buffer.from(String(headers['x-chatwoot-signature']))
  return (
    expected.length === given.length &&
    timingSafeEqual(expected, given) &&
    Math.abs(Date.now() / 1000 - Number(timestamp)) < 300
  )
}
