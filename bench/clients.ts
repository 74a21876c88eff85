// Clients over bare sockets, one mail after the other on a kept connection, so that what is measured is the service.

import { connect, type Socket } from 'node:net'

import type { Service } from './service.ts'

/** Sends one mail and resolves with the answer: yes, or later; throws on any other. */
export type SendMail = (mail: Buffer) => Promise<'accepted' | 'deferred'>
export interface Client {
  readonly send: SendMail
  readonly close: () => void
}

export const transports = {
  relay: (service: Service) => relayClient(service),
  lmtp: (service: Service) => dialogueClient(service, { port: service.ports.lmtp, greeting: 'LHLO bench' }),
  smtp: (service: Service) => dialogueClient(service, { port: service.ports.smtp, greeting: 'EHLO bench' }),
} as const
export type TransportName = keyof typeof transports

async function relayClient(service: Service): Promise<Client> {
  const socket = connect(service.ports.http, '127.0.0.1').setNoDelay()
  const answers = createReader(socket, (text) => {
    const end = text.indexOf('\r\n\r\n')
    const length = Number(/^content-length: *(\d+)/im.exec(text.slice(0, Math.max(end, 0)))?.[1] ?? 0)
    return end === -1 || text.length < end + 4 + length ? null : end + 4 + length
  })
  const head =
    `POST /ingress/relay HTTP/1.1\r\nHost: bench\r\nContent-Type: message/rfc822\r\nAuthorization: Basic ` +
    `${Buffer.from(`actionmailbox:${service.password}`).toString('base64')}\r\nX-Envelope-From: ` +
    `jane@example.com\r\nX-Envelope-To: ${service.replyAddress}\r\n`
  await Promise.resolve()
  return {
    send: async (mail) => {
      socket.write(Buffer.concat([Buffer.from(`${head}Content-Length: ${String(mail.length)}\r\n\r\n`), mail]))
      return readAnswer(await answers(), 'HTTP/1.1 20', /^HTTP\/1.1 (?:429|503|507)/)
    },
    close: () => socket.destroy(),
  }
}

async function dialogueClient(
  service: Service,
  how: { readonly port: number; readonly greeting: string },
): Promise<Client> {
  const socket = connect(how.port, '127.0.0.1').setNoDelay()
  const answers = createReader(socket, (text) => {
    const last = /^\d{3} .*\r\n/m.exec(text)
    return last === null ? null : last.index + last[0].length
  })
  const say = async (line: string | Buffer, expected: string): Promise<void> => {
    socket.write(line)
    expectStart(await answers(), expected)
  }
  const ask = async (line: string | Buffer, later: RegExp): Promise<'accepted' | 'deferred'> => {
    socket.write(line)
    return readAnswer(await answers(), '250', later)
  }
  expectStart(await answers(), '220')
  await say(`${how.greeting}\r\n`, '250')
  return {
    send: async (mail) => {
      const later = /^4\d\d/
      if ((await ask('MAIL FROM:<jane@example.com>\r\n', later)) === 'deferred') return 'deferred'
      await say(`RCPT TO:<${service.replyAddress}>\r\n`, '250')
      await say('DATA\r\n', '354')
      return ask(Buffer.concat([mail, Buffer.from('\r\n.\r\n')]), later)
    },
    close: () => socket.destroy(),
  }
}

function readAnswer(answer: string, yes: string, later: RegExp): 'accepted' | 'deferred' {
  if (later.test(answer)) return 'deferred'
  expectStart(answer, yes)
  return 'accepted'
}

function expectStart(answer: string, expected: string): void {
  if (!answer.startsWith(expected)) throw new Error(`expected ${expected}, got ${answer.slice(0, 200)}`)
}

// Answers in order; `endOf` says where the first whole one ends.
function createReader(socket: Socket, endOf: (text: string) => number | null): () => Promise<string> {
  let text = ''
  let waiting: { resolve: (answer: string) => void; reject: (error: Error) => void } | null = null
  const settle = (): void => {
    const end = endOf(text)
    if (end === null || waiting === null) return
    const { resolve } = waiting
    waiting = null
    const answer = text.slice(0, end)
    text = text.slice(end)
    resolve(answer)
  }
  socket.on('data', (chunk) => {
    text += chunk.toString('latin1')
    settle()
  })
  socket.on('error', (error) => waiting?.reject(error))
  socket.on('close', () => waiting?.reject(new Error('the service closed the connection')))
  return () =>
    new Promise((resolve, reject) => {
      waiting = { resolve, reject }
      settle()
    })
}
