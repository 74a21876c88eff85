// What makes two deliveries the same mail: the content without what each hop writes, and the recipients.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { idempotencyKey } from '../../../src/store/acceptance/idempotency-key.ts'

const peer = { address: null, helo: null, trusted: false }
const mail =
  'From: jane@customer.example\r\nTo: support@acme.example\r\nMessage-ID: <1@x.example>\r\nSubject: ' +
  'Order\r\n\r\nWhere is it?\r\n'
const key = (
  raw: string | Buffer,
  recipients: readonly string[] = ['support@acme.example'],
  reversePath: string | null = 'jane@customer.example',
): string =>
  idempotencyKey({
    ingress: 'smtp',
    envelope: { reversePath, recipients },
    raw: typeof raw === 'string' ? Buffer.from(raw) : raw,
    peer,
  }).toString('hex')

describe('the same mail', () => {
  test.each([
    ['with another Received on top', `Received: from a by b;\r\n\tMon, 1 Jan 2026 00:00:00 +0000\r\n${mail}`],
    ['with a Return-Path', `Return-Path: <jane@customer.example>\r\n${mail}`],
    ['with a Delivered-To, as the envelope says it better', `Delivered-To: support@acme.example\r\n${mail}`],
    ['with X-Original-To and Envelope-To', `X-Original-To: a@x.example\r\nEnvelope-To: b@x.example\r\n${mail}`],
    [
      'with Authentication-Results, ARC and Received-SPF',
      `ARC-Seal: i=1;\r\n a=x\r\nAuthentication-Results: mx; none\r\nReceived-SPF: pass\r\n${mail}`,
    ],
    ['with such fields in the middle, in capitals', mail.replace('Message-ID', 'RECEIVED: x\r\nMessage-ID')],
  ])('%s', (_what, raw) => {
    expect(key(raw)).toBe(key(mail))
  })

  test('in any order and case of its recipients, and with any sender', () => {
    expect(key(mail, ['B@x.example', 'a@x.example'])).toBe(key(mail, ['a@x.example', 'b@X.EXAMPLE', 'A@x.example']))
    expect(key(mail, undefined, null)).toBe(key(mail))
  })

  test('by any ingress', () => {
    const submission = { envelope: { reversePath: null, recipients: ['a@x.example'] }, raw: Buffer.from(mail), peer }
    expect(idempotencyKey({ ...submission, ingress: 'lmtp' })).toEqual(
      idempotencyKey({ ...submission, ingress: 'relay', peer: { address: '192.0.2.1', helo: 'x', trusted: true } }),
    )
  })
})

describe('another mail', () => {
  test.each([
    ['with one letter of its text changed', mail.replace('Where', 'where')],
    ['with another subject', mail.replace('Order', 'Orders')],
    ['with another Message-ID', mail.replace('<1@', '<2@')],
    ['with the words that a hop would write in its text', `${mail}Received: x\r\n`],
    ['with a longer text', `${mail}\r\n`],
    ['with other line ends', mail.replaceAll('\r\n', '\n')],
    ['with a field that only looks like a hop’s', `Received-By: x\r\n${mail}`],
  ])('%s', (_what, raw) => {
    expect(key(raw)).not.toBe(key(mail))
  })

  test('for other recipients', () => {
    expect(key(mail, ['sales@acme.example'])).not.toBe(key(mail))
    expect(key(mail, ['support@acme.example', 'sales@acme.example'])).not.toBe(key(mail))
  })
})

describe('without an envelope', () => {
  test('Delivered-To tells two copies of one mail apart', () => {
    expect(key(`Delivered-To: a@x.example\r\n${mail}`, [])).not.toBe(key(`Delivered-To: b@x.example\r\n${mail}`, []))
  })

  test('Received is still ignored', () => {
    expect(key(`Received: x\r\nDelivered-To: a@x.example\r\n${mail}`, [])).toBe(
      key(`Delivered-To: a@x.example\r\n${mail}`, []),
    )
  })
})

test('any bytes have a stable key of 32 bytes', () => {
  const piece = fc.oneof(
    fc.constantFrom('\r\n', '\n', '\r', '\r\n\r\n', '\n\n', 'Received: x', 'Delivered-To: a@x', ' ', ':'),
    fc.string({ maxLength: 8 }),
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
      const raw = pieces.join('')
      expect(key(raw)).toMatch(/^[0-9a-f]{64}$/)
      expect(key(raw)).toBe(key(Buffer.from(raw)))
    }),
  )
})

test('every byte after the header counts', () => {
  const head = 'A: b\r\n\r\n'
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 200 }), fc.nat(), (body, at) => {
      const other = Uint8Array.from(body)
      other[at % body.length]! ^= 1
      expect(key(Buffer.concat([Buffer.from(head), other]))).not.toBe(key(Buffer.concat([Buffer.from(head), body])))
    }),
  )
})

test('ten megabytes of header have a key in a second', () => {
  const raw = Buffer.from(`${'Received: a\r\n b\r\n'.repeat(600_000)}\r\nwords`)
  // Time of the processor: what else the machine does is not counted.
  const before = process.cpuUsage()
  key(raw)
  const { user, system } = process.cpuUsage(before)
  expect((user + system) / 1_000).toBeLessThan(3_000)
})
