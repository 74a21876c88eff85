// The PROXY protocol header, versions 1 and 2 (haproxy's proxy-protocol.txt): what a load balancer writes before the
// first byte of a connection to name its client. smtp-server reads version 1 only; the parsers on npm refuse
// `PROXY UNKNOWN`, which the specification demands.

import { isIP, type Socket } from 'node:net'

/** The sender of the connection; address null: the proxy speaks for itself or cannot name its client. */
export interface ProxiedClient {
  readonly address: string | null
  readonly port: number
}

/** A header with its length in bytes; `incomplete`: more bytes are needed; `invalid`: no PROXY header. */
export type ReadHeader = { readonly length: number; readonly client: ProxiedClient } | 'incomplete' | 'invalid'

const signature = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1')
const local = 0x20
const proxied = 0x21
const ipv4Stream = 0x11
const ipv6Stream = 0x21
const maxLineBytes = 107
/** Balancers send less than 300 bytes, TLVs included. */
const maxBinaryBytes = 2_048
const unknown: ProxiedClient = { address: null, port: 0 }

/** Reads the header at the start of `bytes`. Never throws. */
export function readProxyHeader(bytes: Buffer): ReadHeader {
  if (bytes.length === 0) return 'incomplete'
  return bytes[0] === signature[0] ? readBinary(bytes) : readLine(bytes)
}

function readLine(bytes: Buffer): ReadHeader {
  const end = bytes.subarray(0, maxLineBytes).indexOf('\r\n')
  if (end >= 0) {
    const client = readLineClient(bytes.toString('latin1', 0, end))
    return client === null ? 'invalid' : { length: end + 2, client }
  }
  const start = bytes.subarray(0, 6).toString('latin1')
  return bytes.length < maxLineBytes && 'PROXY '.startsWith(start) ? 'incomplete' : 'invalid'
}

function readLineClient(line: string): ProxiedClient | null {
  if (/^PROXY UNKNOWN(?: |$)/.test(line)) return unknown
  const tcp = /^PROXY TCP([46]) (\S+) (\S+) (\d{1,5}) \d{1,5}$/.exec(line)
  if (tcp === null) return null
  const [, family, address = '', target = '', port] = tcp
  const isValid = isIP(address) === Number(family) && isIP(target) === Number(family)
  return isValid ? { address, port: Number(port) } : null
}

// 12 bytes signature, version and command, family and protocol, 2 bytes length, then that many bytes.
function readBinary(bytes: Buffer): ReadHeader {
  const compared = Math.min(bytes.length, signature.length)
  if (!bytes.subarray(0, compared).equals(signature.subarray(0, compared))) return 'invalid'
  if (bytes.length < 16) return 'incomplete'
  const command = bytes.readUInt8(12)
  const length = 16 + bytes.readUInt16BE(14)
  if ((command !== local && command !== proxied) || length > maxBinaryBytes) return 'invalid'
  if (bytes.length < length) return 'incomplete'
  const client = command === local ? unknown : readClient(bytes.readUInt8(13), bytes.subarray(16, length))
  return client === null ? 'invalid' : { length, client }
}

/** Null: the block is shorter than its family. */
function readClient(family: number, block: Buffer): ProxiedClient | null {
  if (family === ipv4Stream)
    return block.length < 12 ? null : { address: block.subarray(0, 4).join('.'), port: block.readUInt16BE(8) }
  if (family === ipv6Stream)
    return block.length < 36 ? null : { address: addressOf(block), port: block.readUInt16BE(32) }
  return unknown
}

function addressOf(block: Buffer): string {
  const mapped = block.subarray(0, 12).equals(Buffer.from('00000000000000000000ffff', 'hex'))
  if (mapped) return block.subarray(12, 16).join('.')
  const groups = Array.from({ length: 8 }, (_, i) => block.readUInt16BE(2 * i).toString(16))
  return groups.join(':')
}

/** Reads the header off a socket and leaves what follows in it. Rejects when there is none. */
export function takeProxyHeader(socket: Socket): Promise<ProxiedClient> {
  return new Promise((resolve, reject) => {
    let taken = Buffer.alloc(0)
    const finish = (settle: () => void) => {
      socket.off('readable', read).off('end', fail).off('close', fail).off('error', fail)
      settle()
    }
    const fail = () => {
      finish(() => {
        reject(new Error(`no PROXY header from ${String(socket.remoteAddress)}`))
      })
    }
    const read = () => {
      for (let chunk = socket.read() as Buffer | null; chunk !== null; chunk = socket.read() as Buffer | null) {
        taken = Buffer.concat([taken, chunk])
        const header = readProxyHeader(taken)
        if (header === 'incomplete') continue
        if (header === 'invalid') {
          fail()
          return
        }
        const rest = taken.subarray(header.length)
        finish(() => {
          if (rest.length > 0) socket.unshift(rest)
          resolve(header.client)
        })
        return
      }
    }
    socket.on('readable', read).on('end', fail).on('close', fail).on('error', fail)
  })
}
