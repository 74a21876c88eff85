// `doctor --dns`: does the server of the way out offer STARTTLS (RFC 3207)? A dialogue of two commands; no mail is sent
// and no password.

import { createConnection, type Socket } from 'node:net'

import { isNearHost } from '../../dns/mail-route.ts'
import { fail, type Finding, look, pass } from '../finding.ts'

const timeoutMs = 8_000
const maxAnswer = 8_192

/** `url` is that of the first transport over SMTP. Never throws. */
export async function examineStartTls(url: string | undefined): Promise<Finding> {
  if (url === undefined) return pass('no mail leaves over SMTP')
  const { protocol, hostname, port, username } = new URL(url)
  const host = hostname.replace(/^\[|\]$/g, '')
  if (protocol === 'smtps:') return pass(`${hostname} is reached over TLS from the first byte on`)
  if (isNearHost(host)) return pass(`${hostname} is in your own network`)
  try {
    const answer = await sayHello(host, port === '' ? 587 : Number(port))
    if (/^250[ -]STARTTLS\s*$/im.test(answer)) return pass(`${hostname} offers STARTTLS`)
    const says = `${hostname} does not offer STARTTLS: mail crosses the network in clear`
    return username === ''
      ? look(`${says}. Use another server or port`)
      : fail(`${says}, and so does the password of OUTBOUND_SMTP_URL. Use another server or port.`)
  } catch (error) {
    return look(
      `${hostname} could not be asked for STARTTLS: ${error instanceof Error ? error.message : String(error)}`,
    )
  }
}

/** The answer to EHLO. Throws when there is none in time. */
function sayHello(host: string, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = createConnection({ host, port })
    const timer = setTimeout(() => {
      socket.destroy(new Error(`no answer within ${String(timeoutMs / 1000)} s`))
    }, timeoutMs)
    socket.once('close', () => {
      clearTimeout(timer)
      reject(new Error('the server closed the connection'))
    })
    socket.once('error', reject)
    readReplies(socket, (reply, index) => {
      if (index === 0) socket.write('EHLO localhost\r\n')
      else {
        resolve(reply)
        socket.end('QUIT\r\n')
      }
    })
  })
}

// A reply ends with the first line that has a space after its code (RFC 5321 §4.2.1).
function readReplies(socket: Socket, onReply: (reply: string, index: number) => void): void {
  let text = ''
  let count = 0
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1')
    if (text.length > maxAnswer) socket.destroy(new Error('the answer is too long'))
    if (!/^\d{3}(?: .*)?\r?\n$/m.test(text.slice(text.lastIndexOf('\n', text.length - 2) + 1))) return
    onReply(text, count)
    count += 1
    text = ''
  })
}
