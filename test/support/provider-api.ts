// The API of a provider that sends mail, as TRANSPORTS may name one by `api=`: keeps what is posted, and answers as the
// test says.

import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface ApiPost {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

/** `drop`: cuts the connection once the request is there; `hang`: never answers. */
export type Script =
  'drop' | 'hang' | { readonly status: number; readonly body?: unknown; readonly headers?: Record<string, string> }

/** Answers with `usual` unless `script` has something for the next requests. */
export async function startProviderApi(usual: Exclude<Script, string>) {
  const posts: ApiPost[] = []
  const script: Script[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      posts.push({ path: request.url ?? '', headers: request.headers, body: Buffer.concat(chunks) })
      const next = script.shift() ?? usual
      if (next === 'drop') request.socket.destroy()
      if (next === 'drop' || next === 'hang') return
      response.writeHead(next.status, { 'content-type': 'application/json', ...next.headers })
      response.end(next.body === undefined ? '' : JSON.stringify(next.body))
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    posts,
    script,
    stop: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
