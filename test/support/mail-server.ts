// An SMTP server as OUTBOUND_SMTP_URL may name one: keeps accepted mail, and refuses commands on request.

import { once } from 'node:events'
import type { AddressInfo, Socket } from 'node:net'

import { SMTPServer } from 'smtp-server'

export interface Taken {
  readonly from: string
  readonly to: readonly string[]
  readonly text: string
  readonly raw: Buffer
}

/**
 * Refuses the next mails at `at` with the replies given, in order; takes all others. DROP: it cuts the connection after
 * the data of a mail. `refusals` are for recipients, each time. With a certificate it offers STARTTLS.
 */
export async function startMailServer(certificate?: { readonly cert: Buffer; readonly key: Buffer }) {
  const tries: Taken[] = []
  const taken: Taken[] = []
  const replies: { at: 'MAIL' | 'RCPT' | 'DATA' | 'DROP'; code: number }[] = []
  const refusals = new Map<string, { readonly code: number; readonly says: string }>()
  const secured: boolean[] = []
  const sockets = new Set<Socket>()
  const refuse = (at: string) => {
    if (replies[0]?.at !== at) return null
    const code = replies.shift()?.code ?? 0
    return Object.assign(new Error('scripted'), { responseCode: code })
  }
  const server = new SMTPServer({
    disabledCommands: certificate === undefined ? ['AUTH', 'STARTTLS'] : ['AUTH'],
    ...certificate,
    logger: false,
    onMailFrom: (_address, _session, done) => {
      done(refuse('MAIL'))
    },
    onRcptTo: ({ address }, _session, done) => {
      const scripted = refusals.get(address)
      if (scripted === undefined) done(refuse('RCPT'))
      else done(Object.assign(new Error(scripted.says), { responseCode: scripted.code }))
    },
    onData: (stream, { envelope, secure }, done) => {
      secured.push(secure)
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => {
        const raw = Buffer.concat(chunks)
        const mail = {
          raw,
          from: envelope.mailFrom === false ? '' : envelope.mailFrom.address,
          to: envelope.rcptTo.map(({ address }) => address),
          text: unfold(raw.toString('utf8')),
        }
        tries.push(mail)
        if (refuse('DROP') !== null) {
          for (const socket of sockets) socket.destroy()
          return
        }
        const refusal = refuse('DATA')
        if (refusal === null) taken.push(mail)
        done(refusal)
      })
    },
  })
  // Clients that die cut their connections.
  server.on('error', () => undefined)
  server.server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  server.listen(0, '127.0.0.1')
  await once(server.server, 'listening')
  return {
    url: `smtp://127.0.0.1:${String((server.server.address() as AddressInfo).port)}`,
    tries,
    taken,
    /** Of each try: it came over TLS. */
    secured,
    replies,
    refusals,
    stop: () =>
      new Promise<void>((resolve) => {
        server.close(() => {
          resolve()
        })
        // Of clients that keep their connection for the next mail.
        for (const socket of sockets) socket.destroy()
      }),
  }
}

const unfold = (text: string) => text.replace(/\r\n[ \t]+/g, ' ')

export const messageIdOf = ({ text }: Taken): string | undefined => /^Message-ID: <(.+)>\r$/m.exec(text)?.[1]
