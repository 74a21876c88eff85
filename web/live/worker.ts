// The event stream of a browser: one for all its tabs, as HTTP/1.1 allows six connections to a host. It runs as a
// SharedWorker, and ends with its last tab.

import type { Request, StreamMessage } from './protocol'
import { openStream, type Stream } from './stream'

// TypeScript has the types of workers or those of pages, not both in one project.
declare const self: {
  addEventListener: (name: 'connect', listener: (event: MessageEvent) => void) => void
}

interface Account {
  readonly stream: Stream
  readonly ports: Set<MessagePort>
  state: StreamMessage
}

const accounts = new Map<number, Account>()

function listen(port: MessagePort, accountId: number): void {
  leave(port)
  const known = accounts.get(accountId)
  if (known !== undefined) {
    known.ports.add(port)
    port.postMessage(known.state)
    return
  }
  const ports = new Set([port])
  const stream = openStream(accountId, (message) => {
    const account = accounts.get(accountId)
    if (account !== undefined && message.kind === 'state') account.state = message
    for (const one of ports) one.postMessage(message)
  })
  accounts.set(accountId, { stream, ports, state: { kind: 'state', state: 'online' } })
}

function leave(port: MessagePort): void {
  for (const [accountId, { stream, ports }] of accounts) {
    ports.delete(port)
    if (ports.size > 0) continue
    stream.close()
    accounts.delete(accountId)
  }
}

self.addEventListener('connect', (event) => {
  const [port] = event.ports
  if (port === undefined) return
  port.addEventListener('message', ({ data }: MessageEvent<Request>) => {
    if (data.kind === 'listen') listen(port, data.accountId)
    else leave(port)
  })
  port.start()
})
