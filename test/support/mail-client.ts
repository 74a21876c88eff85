// A client of our SMTP and LMTP listeners that sends exactly the bytes it is given (RFC 5321 §4.5.2 dot-stuffing
// aside).

import { connect, type Socket } from 'node:net'

export interface Submitted {
  /** Replies to RCPT, in order. */
  readonly recipients: readonly string[]
  /** Replies after the final dot: one for SMTP, one a recipient for LMTP; empty when no recipient was taken. */
  readonly data: readonly string[]
}

export interface Submission {
  readonly from: string
  readonly to: string | readonly string[]
  readonly raw: Buffer
  /** Of the MAIL command: `BODY=8BITMIME`, `SMTPUTF8`. */
  readonly parameters?: string
}

/** A port of 127.0.0.1, or a server elsewhere and the address to come from. */
export type Endpoint = number | { readonly host: string; readonly port: number; readonly localAddress: string }

export interface MailSession {
  readonly command: (line: string) => Promise<string>
  readonly submit: (submission: Submission) => Promise<Submitted>
  readonly close: () => void
}

/** One connection, greeted. */
export async function openSession(to: Endpoint, protocol: 'smtp' | 'lmtp'): Promise<MailSession> {
  const socket = connect(typeof to === 'number' ? { port: to, host: '127.0.0.1' } : to)
  const replies = readReplies(socket)
  const next = async (): Promise<string> => {
    const { value } = await replies.next()
    return value ?? 'the server has closed the connection'
  }
  const command = async (line: string): Promise<string> => {
    socket.write(`${line}\r\n`)
    return next()
  }
  await next()
  await command(`${protocol === 'smtp' ? 'EHLO' : 'LHLO'} client.example`)
  const submit = async ({ from, to, raw, parameters = '' }: Submission): Promise<Submitted> => {
    await command(`MAIL FROM:<${from}> ${parameters}`.trimEnd())
    const recipients: string[] = []
    for (const address of typeof to === 'string' ? [to] : to) recipients.push(await command(`RCPT TO:<${address}>`))
    const taken = recipients.filter((reply) => reply.startsWith('250')).length
    if (taken === 0) {
      await command('RSET')
      return { recipients, data: [] }
    }
    const ready = await command('DATA')
    if (!ready.startsWith('354')) return { recipients, data: [ready] }
    socket.write(stuff(raw))
    const data: string[] = []
    for (let i = 0; i < (protocol === 'smtp' ? 1 : taken); i++) data.push(await next())
    return { recipients, data }
  }
  return { command, submit, close: () => socket.destroy() }
}

/** One mail on a connection of its own. */
export async function submit(to: Endpoint, protocol: 'smtp' | 'lmtp', submission: Submission): Promise<Submitted> {
  const session = await openSession(to, protocol)
  try {
    return await session.submit(submission)
  } finally {
    session.close()
  }
}

// A mail that does not end with CRLF gets one: SMTP has no other end of data.
function stuff(raw: Buffer): Buffer {
  const text = raw.toString('latin1')
  const ended = text.endsWith('\r\n') || text === '' ? text : `${text}\r\n`
  return Buffer.from(`${ended.replace(/^\.|(?<=\r\n)\./g, '..')}.\r\n`, 'latin1')
}

async function* readReplies(socket: Socket): AsyncGenerator<string, undefined> {
  let received = ''
  try {
    for await (const chunk of socket) {
      received += (chunk as Buffer).toString('latin1')
      for (
        let match = /^(?:\d{3}-[^\n]*\n)*\d{3} [^\n]*\n/.exec(received);
        match !== null;
        match = /^(?:\d{3}-[^\n]*\n)*\d{3} [^\n]*\n/.exec(received)
      ) {
        received = received.slice(match[0].length)
        yield match[0].trimEnd()
      }
    }
  } catch {
    // A connection that was cut has no more replies.
  }
}
