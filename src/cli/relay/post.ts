// One POST of one mail to the relay ingress. Starts sending once the mail is read or a megabyte of it is there, so
// memory stays bounded, and settles on whatever comes first: an answer, a network error, the time limit. Started once
// per mail: no package, https only for https URLs.

import { createReadStream, fstatSync } from 'node:fs'
import { type ClientRequest, type IncomingMessage, request as httpRequest, type RequestOptions } from 'node:http'

import type { RelayRequest } from './arguments.ts'
import { later, type Outcome, outcomeOfError, outcomeOfStatus } from './outcome.ts'

const headBytes = 1024 * 1024
const connectTimeoutMs = 10_000

/** Sends stdin and returns the outcome, within `timeoutMs`. Never throws. */
export function relayMail(relay: RelayRequest): Promise<Outcome> {
  return new Promise((resolve) => {
    const settle = (outcome: Outcome) => {
      clearTimeout(timer)
      resolve(outcome)
    }
    const timer = setTimeout(() => {
      settle(later('4.4.2', 'Timed out relaying to ingress'))
    }, relay.timeoutMs)
    send(relay, settle).catch(() => {
      settle(later('4.3.0', 'The message could not be read from stdin'))
    })
  })
}

async function send(relay: RelayRequest, settle: (outcome: Outcome) => void): Promise<void> {
  const mail: AsyncIterator<Buffer> = openMail(relay.mta)[Symbol.asyncIterator]()
  const head = await readHead(mail)
  if (head.bytes.length === 0) {
    settle(later('4.3.0', 'There was no message on stdin'))
    return
  }
  const request = await open(relay, head.isAll ? head.bytes.length : null)
  request.on('response', (response: IncomingMessage) => {
    settle(outcomeOfStatus(response.statusCode ?? 0, response.headers['x-inbound-email-id']?.toString()))
  })
  request.on('error', (error) => {
    settle(outcomeOfError(error))
  })
  limitConnecting(request, settle)
  if (head.isAll) request.end(head.bytes)
  else await sendRest(request, head.bytes, mail)
}

// qmail hands over one open file to every line of .qmail: an earlier line may have read it to its end.
function openMail(mta: string | null): AsyncIterable<Buffer> {
  return mta === 'qmail' && fstatSync(0).isFile()
    ? createReadStream('', { fd: 0, start: 0, autoClose: false })
    : process.stdin
}

async function readHead(mail: AsyncIterator<Buffer>): Promise<{ bytes: Buffer; isAll: boolean }> {
  const chunks: Buffer[] = []
  for (let size = 0; size < headBytes;) {
    const next = await mail.next()
    if (next.done === true) return { bytes: Buffer.concat(chunks), isAll: true }
    chunks.push(next.value)
    size += next.value.length
  }
  return { bytes: Buffer.concat(chunks), isAll: false }
}

async function open(relay: RelayRequest, size: number | null): Promise<ClientRequest> {
  const options: RequestOptions = { method: 'POST', headers: headersOf(relay, size), agent: false }
  if (relay.url.protocol === 'http:') return httpRequest(relay.url, options)
  const https = await import('node:https')
  return https.request(relay.url, options)
}

function headersOf(relay: RelayRequest, size: number | null): Record<string, string> {
  return {
    'Content-Type': 'message/rfc822',
    'User-Agent': 'rethread relay',
    Authorization: `Basic ${Buffer.from(`actionmailbox:${relay.password}`).toString('base64')}`,
    ...(size === null ? { 'Transfer-Encoding': 'chunked' } : { 'Content-Length': String(size) }),
    ...(relay.sender === null ? {} : { 'X-Envelope-From': bytes(`<${quoted(relay.sender)}>`) }),
    ...(relay.recipients.length === 0
      ? {}
      : { 'X-Envelope-To': bytes(relay.recipients.map((recipient) => `<${quoted(recipient)}>`).join(', ')) }),
    ...(relay.clientAddress === null ? {} : { 'X-Client-Address': relay.clientAddress }),
    ...(relay.queueId === null ? {} : { 'X-Queue-Id': relay.queueId }),
  }
}

// Exim and qmail give local parts without the quotes they had; a comma or a space would break the header apart.
function quoted(address: string): string {
  const at = address.lastIndexOf('@')
  const localPart = at < 0 ? address : address.slice(0, at)
  if (/^"(?:[^"\\]|\\.)*"$/.test(localPart) || !/[\s",<>@\\]/.test(localPart)) return address
  return `"${localPart.replace(/["\\]/g, '\\$&')}"${at < 0 ? '' : address.slice(at)}`
}

// Node writes header text as latin1; the ingress reads UTF-8.
function bytes(text: string): string {
  return Buffer.from(text).toString('latin1')
}

function limitConnecting(request: ClientRequest, settle: (outcome: Outcome) => void): void {
  const timer = setTimeout(() => {
    settle(later('4.4.1', 'Cannot reach the ingress: no answer'))
  }, connectTimeoutMs)
  request.once('close', () => {
    clearTimeout(timer)
  })
  request.once('socket', (socket) => {
    socket.once('connect', () => {
      clearTimeout(timer)
    })
  })
}

async function sendRest(request: ClientRequest, head: Buffer, mail: AsyncIterator<Buffer>): Promise<void> {
  try {
    await write(request, head)
    for (let next = await mail.next(); next.done !== true; next = await mail.next()) await write(request, next.value)
    request.end()
  } catch (error) {
    // A request without its end is aborted: the server never takes half a mail for a whole one.
    request.destroy()
    throw error
  }
}

function write(request: ClientRequest, chunk: Buffer): Promise<void> {
  return new Promise((resolve) => {
    if (request.write(chunk)) resolve()
    else request.once('drain', resolve)
  })
}
