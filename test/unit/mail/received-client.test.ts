// The client that a Received line names, in the forms that MTAs write, and with a HELO that imitates them.

import { describe, expect, test } from 'vitest'

import { readReceivedClient } from '../../../src/mail/authentication/received.ts'

const by = 'by mx.example.org (Postfix) with ESMTPS id 4X; Tue, 1 Dec 2026 03:00:00 +0000'

describe('a Received line', () => {
  test.each<[string, string, string, string | null]>([
    ['Postfix', `from mail.example.com (out.example.com [93.184.215.14]) ${by}`, '93.184.215.14', 'mail.example.com'],
    ['Postfix, IPv6', `from x.example (unknown [IPv6:2A01:4F8::1])\r\n\t${by}`, '2a01:4f8::1', 'x.example'],
    [
      'Postfix with TLS below',
      `from a.example (a.example [93.184.215.14])\r\n\t(using TLSv1.3 with cipher X (256/256 bits))\r\n\t${by}`,
      '93.184.215.14',
      'a.example',
    ],
    [
      'a HELO that is a literal',
      `from [198.51.100.9] (unknown [93.184.215.14]) ${by}`,
      '93.184.215.14',
      '[198.51.100.9]',
    ],
    [
      'sendmail',
      `from a.example (b.example [93.184.215.14] (may be forged)) by mx.example.org (8.18/8.18) with ESMTP id 1`,
      '93.184.215.14',
      'a.example',
    ],
    [
      'Exim',
      'from b.example ([93.184.215.14] helo=a.example) by mx.example.org with esmtps',
      '93.184.215.14',
      'a.example',
    ],
    [
      'Exim without a name',
      'from [93.184.215.14] (helo=a.example) by mx.example.org with esmtp',
      '93.184.215.14',
      'a.example',
    ],
    [
      'Exim with a literal in HELO',
      'from [93.184.215.14] (port=4 helo=[198.51.100.9]) by mx.example.org with esmtp',
      '93.184.215.14',
      '[198.51.100.9]',
    ],
    [
      'qmail',
      'from unknown (HELO a.example) (93.184.215.14) by mx.example.org with SMTP',
      '93.184.215.14',
      'a.example',
    ],
  ])('of %s names the client', (_title, value, address, helo) => {
    expect(readReceivedClient(value)).toEqual({ address, helo, by: 'mx.example.org' })
  })

  test.each<[string, string]>([
    ['a comment in HELO', `from x (a [198.51.100.9]) (unknown [93.184.215.14]) ${by}`],
    ['a whole line in HELO', `from x (a [198.51.100.9]) by mx.example.org (unknown [93.184.215.14]) ${by}`],
    ['a comment that never ends', `from x (a [198.51.100.9]) by mx.example.org (b (unknown [93.184.215.14]) ${by}`],
    ['a word in HELO', `from x y (unknown [93.184.215.14]) ${by}`],
    ['an address in qmail', 'from unknown (HELO a) (198.51.100.9) (93.184.215.14) by mx.example.org with SMTP'],
    ['no address', `from mail.example.com (out.example.com) ${by}`],
    ['a literal alone, which Postfix would not have checked', `from [198.51.100.9] ${by}`],
    ['mail of the server itself', 'by mx.example.org (Postfix, from userid 33) id 4X; Tue, 1 Dec 2026 03:00:00 +0000'],
    ['no server', 'from mail.example.com (out.example.com [93.184.215.14])'],
    ['nothing', ''],
  ])('with %s names none', (_title, value) => {
    expect(readReceivedClient(value)).toBeNull()
  })

  // Took 55 s.
  test('of a length that no server writes names none', () => {
    const flood = '['.repeat(120_000)
    expect(readReceivedClient(`from a.example (a.example [93.184.215.14] ${flood}) ${by}`)).toBeNull()
  })
})
