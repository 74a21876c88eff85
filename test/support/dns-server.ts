// A DNS server on 127.0.0.1 that knows the records it is given (RFC 1035), and counts what it is asked.

import { createSocket } from 'node:dgram'
import { once } from 'node:events'

import { type Answer, decode, encode } from 'dns-packet'

export interface DnsServer {
  /** For DNS_SERVERS. */
  readonly address: string
  readonly asked: readonly string[]
  /** From now on no question is answered. */
  readonly fallSilent: () => void
  readonly stop: () => Promise<void>
}

/** A TXT value, or values by type: `{ MX: ['10 mail.example'], A: ['192.0.2.1'] }`. */
export type Zone = Readonly<Record<string, string | Readonly<Record<string, readonly string[]>>>>

/** `records` by name. Other names do not exist. */
export async function startDns(records: Zone): Promise<DnsServer> {
  const socket = createSocket('udp4')
  const asked: string[] = []
  let silent = false
  socket.on('message', (message, client) => {
    const { id, questions } = decode(message)
    const [question] = questions ?? []
    if (question === undefined || silent) return
    asked.push(`${question.type} ${question.name}`)
    const values = valuesOf(records, question.name, question.type)
    const answers = values.map((value) => answerOf(question.name, question.type, value))
    const isKnown = Object.keys(records).some((name) => name === question.name.toLowerCase())
    const flags = isKnown ? 0 : nameError
    socket.send(
      encode({
        type: 'response',
        id,
        flags,
        questions: [{ ...question, type: question.type }],
        answers,
      } as never),
      client.port,
      client.address,
    )
  })
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  return {
    address: `127.0.0.1:${String(socket.address().port)}`,
    asked,
    fallSilent: () => {
      silent = true
    },
    stop: async () => {
      socket.close()
      await once(socket, 'close')
    },
  }
}

function valuesOf(records: Zone, name: string, type: string): readonly string[] {
  const found = records[name.toLowerCase()] ?? {}
  return (typeof found === 'string' ? { TXT: [found] } : found)[type] ?? []
}

function answerOf(name: string, type: string, value: string): Answer {
  // a string of a TXT record has at most 255 bytes
  if (type === 'TXT') return { type: 'TXT', name, data: value.match(/.{1,255}/g) ?? [] }
  const [preference, exchange = ''] = value.split(' ')
  if (type === 'MX') return { type: 'MX', name, data: { preference: Number(preference), exchange } }
  return { type, name, data: value } as Answer
}

/** NXDOMAIN */
const nameError = 3
