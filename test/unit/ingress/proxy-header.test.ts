// The PROXY protocol header, read byte by byte; the examples are those of haproxy's proxy-protocol.txt.

import { describe, expect, test } from 'vitest'

import { readProxyHeader } from '../../../src/ingress/smtp/proxy-header.ts'

const v1 = (line: string) => Buffer.from(`${line}\r\n`)
const v2 = (versionAndCommand: number, family: number, block: Buffer) =>
  Buffer.concat([
    Buffer.from('0d0a0d0a000d0a515549540a', 'hex'),
    Buffer.from([versionAndCommand, family, block.length >> 8, block.length & 255]),
    block,
  ])
const block4 = Buffer.from('c0a8000b' + 'c0a80001' + 'dca2' + '01bb', 'hex')
const block6 = Buffer.from(`20010db8${'0'.repeat(23)}1`.padEnd(64, '0') + 'dca2' + '01bb', 'hex')

const valid: [string, Buffer, string | null, number][] = [
  ['IPv4', v1('PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535'), '255.255.255.255', 65535],
  ['IPv6', v1('PROXY TCP6 2001:db8::1 2001:db8::2 56324 443'), '2001:db8::1', 56324],
  ['unknown, short', v1('PROXY UNKNOWN'), null, 0],
  ['unknown, longest', v1(`PROXY UNKNOWN ${'f'.repeat(39)} ${'f'.repeat(39)} 65535 65535`), null, 0],
  ['binary IPv4', v2(0x21, 0x11, block4), '192.168.0.11', 56482],
  ['binary IPv6', v2(0x21, 0x21, block6), '2001:db8:0:0:0:0:0:1', 56482],
  ['binary IPv4 with fields', v2(0x21, 0x11, Buffer.concat([block4, Buffer.alloc(40)])), '192.168.0.11', 56482],
  ['binary local, a health check', v2(0x20, 0x00, Buffer.alloc(0)), null, 0],
  ['binary local with addresses, which do not count', v2(0x20, 0x11, block4), null, 0],
  ['binary unspecified', v2(0x21, 0x00, Buffer.alloc(8)), null, 0],
  ['binary unix', v2(0x21, 0x31, Buffer.alloc(216)), null, 0],
]

describe('a PROXY header', () => {
  test.each(valid)('%s is read', (_title, header, address, port) => {
    const rest = Buffer.from('EHLO client.example\r\n')
    expect(readProxyHeader(Buffer.concat([header, rest]))).toEqual({ length: header.length, client: { address, port } })
  })

  test.each(valid)('%s is awaited while bytes are missing', (_title, header) => {
    for (let length = 0; length < header.length; length++)
      expect(readProxyHeader(header.subarray(0, length))).toBe('incomplete')
  })

  test.each<[string, Buffer]>([
    ['a command', Buffer.from('EHLO client.example\r\n')],
    ['lower case', v1('proxy TCP4 192.0.2.1 192.0.2.2 1 2')],
    ['another family than its addresses', v1('PROXY TCP4 2001:db8::1 2001:db8::2 1 2')],
    ['no address', v1('PROXY TCP4 somewhere 192.0.2.2 1 2')],
    ['two spaces', v1('PROXY TCP4  192.0.2.1 192.0.2.2 1 2')],
    ['no ports', v1('PROXY TCP4 192.0.2.1 192.0.2.2')],
    ['a line without an end', Buffer.from(`PROXY UNKNOWN ${'x'.repeat(200)}`)],
    ['another signature', Buffer.from('\r\n\r\n\0\r\nQUIX\n')],
    ['version 1 in binary', v2(0x11, 0x11, block4)],
    ['an unknown command', v2(0x22, 0x11, block4)],
    ['a block shorter than its addresses', v2(0x21, 0x21, block4)],
    ['an endless block', v2(0x21, 0x11, Buffer.alloc(60_000))],
  ])('is refused: %s', (_title, bytes) => {
    expect(readProxyHeader(bytes)).toBe('invalid')
  })
})
