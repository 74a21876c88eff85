// Where the MTAs send what is not for us: bounces to senders, and mail for people elsewhere. An SMTP server that
// takes everything, but refuses the recipients that it is given.

import { once } from 'node:events'
import type { AddressInfo } from 'node:net'

import { SMTPServer } from 'smtp-server'

export interface Sunk {
  readonly from: string
  readonly to: readonly string[]
  readonly text: string
}

/** `unknown`: recipients that do not exist. */
export async function startSink({ unknown = [] }: { readonly unknown?: readonly string[] } = {}) {
  const taken: Sunk[] = []
  const server = new SMTPServer({
    disabledCommands: ['AUTH', 'STARTTLS'],
    logger: false,
    onRcptTo: ({ address }, _session, done) => {
      const refusal = Object.assign(new Error('5.1.1 no such user'), { responseCode: 550 })
      done(unknown.includes(address) ? refusal : null)
    },
    onData: (stream, { envelope }, done) => {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => {
        taken.push({
          from: envelope.mailFrom === false ? '' : envelope.mailFrom.address,
          to: envelope.rcptTo.map(({ address }) => address),
          text: Buffer.concat(chunks).toString('latin1'),
        })
        done()
      })
    },
  })
  server.listen(0, '127.0.0.1')
  await once(server.server, 'listening')
  return {
    port: (server.server.address() as AddressInfo).port,
    taken,
    stop: () =>
      new Promise<void>((resolve) => {
        server.close(() => {
          resolve()
        })
      }),
  }
}
