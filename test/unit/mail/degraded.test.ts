// The lowest rung: of a mail that no parser finished, the header; and always why.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { degradedMail } from '../../../src/mail/parsing/degraded.ts'

describe('a mail that could not be read', () => {
  test('still has its author, subject and references', () => {
    const raw = Buffer.from(
      'From: Jane <jane@customer.example>\r\nSubject: Order\r\nMessage-ID: <1@x>\r\nIn-Reply-To: ' +
        '<out@y>\r\n\r\nwords that nobody could read',
    )
    expect(degradedMail(raw, 'it took too long')).toMatchObject({
      from: { name: 'Jane', address: 'jane@customer.example' },
      subject: 'Order',
      messageId: '1@x',
      inReplyTo: ['out@y'],
      text: '',
      html: null,
      attachments: [],
      degraded: 'only the header could be read: it took too long',
    })
  })

  test('with line feeds alone', () => {
    expect(degradedMail(Buffer.from('Subject: Order\n\nSubject: not this'), 'x').subject).toBe('Order')
  })

  test('with a header above 64 KB is read by its beginning', () => {
    const mail = degradedMail(Buffer.from(`Subject: Order\r\n${'X-A: b\r\n'.repeat(20_000)}\r\nwords`), 'x')
    expect(mail.subject).toBe('Order')
    expect(mail.headers.length).toBeLessThan(10_000)
  })

  test('with text before an empty line late in its body, by its header alone', () => {
    expect(degradedMail(Buffer.from('Subject: Order\r\n\r\nFrom: forged@x.example\n\nmore'), 'x')).toMatchObject({
      subject: 'Order',
      from: null,
    })
  })
})

test('any bytes are handled quickly', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 500 }), (raw) => {
      expect(degradedMail(raw, 'why').degraded).toBe('only the header could be read: why')
    }),
  )
  const startedAt = performance.now()
  degradedMail(Buffer.alloc(30_000_000, 'a: b\r\n'), 'x')
  expect(performance.now() - startedAt).toBeLessThan(10_000)
})
