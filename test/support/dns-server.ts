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

/** `records`: TXT values by name. Other names do not exist. */
export async function startDns(records: Readonly<Record<string, string>>): Promise<DnsServer> {
  const socket = createSocket('udp4')
  const asked: string[] = []
  let silent = false
  socket.on('message', (message, client) => {
    const { id, questions } = decode(message)
    const [question] = questions ?? []
    if (question === undefined || silent) return
    asked.push(`${question.type} ${question.name}`)
    const text = question.type === 'TXT' ? records[question.name.toLowerCase()] : undefined
    // a string of a TXT record has at most 255 bytes
    const data = text?.match(/.{1,255}/g) ?? []
    const answers: Answer[] = text === undefined ? [] : [{ type: 'TXT', name: question.name, data }]
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

/** NXDOMAIN */
const nameError = 3
