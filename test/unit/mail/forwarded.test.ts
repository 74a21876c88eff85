// Mails that people forward, as their clients write them: the author, the words above and the text below.

import { describe, expect, test } from 'vitest'

import { readForwarded } from '../../../src/mail/reply-text/forwarded.ts'

const jane = { name: 'Jane Doe', address: 'jane@customer.example' }
const lines = (...all: string[]): string => all.join('\n')

describe('a forwarded mail', () => {
  test.each<[string, string, string, { above: string; subject: string; text: string }]>([
    [
      'Gmail',
      'Fwd: Broken shoe',
      lines(
        'Can you help her?',
        '',
        '---------- Forwarded message ---------',
        'From: Jane Doe <jane@customer.example>',
        'Date: Mon, Nov 30, 2026 at 10:00 AM',
        'Subject: Broken shoe',
        'To: Tom <tom@company.example>',
        '',
        '',
        'My shoe is broken.',
        '',
        'Jane',
      ),
      { above: 'Can you help her?', subject: 'Broken shoe', text: 'My shoe is broken.\n\nJane' },
    ],
    [
      'Apple Mail, quoted',
      'Fwd: Broken',
      lines(
        'Begin forwarded message:',
        '',
        '> From: Jane Doe <jane@customer.example>',
        '> Subject: Broken',
        '> Date: 30 November 2026 at 10:00:00 CET',
        '> To: tom@company.example',
        '> ',
        '> Hello there',
      ),
      { above: '', subject: 'Broken', text: 'Hello there' },
    ],
    [
      'Outlook in German, without a divider',
      'WG: Kaputt',
      lines(
        'Bitte kümmern',
        '',
        'Von: Jane Doe <jane@customer.example>',
        'Gesendet: Montag, 30. November 2026 10:00',
        'An: Tom <tom@company.example>',
        'Betreff: Kaputt',
        '',
        'Hallo, kaputt.',
      ),
      { above: 'Bitte kümmern', subject: 'Kaputt', text: 'Hallo, kaputt.' },
    ],
    [
      'Outlook 2010 with a mailto in brackets',
      'FW: Order 7',
      lines(
        '-----Original Message-----',
        'From: Jane Doe [mailto:jane@customer.example]',
        'Sent: Monday, November 30, 2026 10:00 AM',
        'To: Tom',
        'Subject: Order 7',
        '',
        'Where is it?',
      ),
      { above: '', subject: 'Order 7', text: 'Where is it?' },
    ],
    [
      'Thunderbird in French',
      'Fwd: Commande',
      lines(
        '-------- Message transféré --------',
        'Sujet : Commande',
        'Date : Mon, 30 Nov 2026 10:00:00 +0100',
        'De : Jane Doe <jane@customer.example>',
        'Pour : tom@company.example',
        '',
        'Où est-elle ?',
      ),
      { above: '', subject: 'Commande', text: 'Où est-elle ?' },
    ],
    [
      'Gmail in Japanese',
      'Fwd: 注文',
      lines(
        '---------- 転送メッセージ ---------',
        '差出人: Jane Doe <jane@customer.example>',
        '日付: 2026年11月30日(月) 10:00',
        '件名: 注文',
        '宛先: <tom@company.example>',
        '',
        '届きません。',
      ),
      { above: '', subject: '注文', text: '届きません。' },
    ],
  ])('of %s is read', (_client, subject, text, { above, ...wanted }) => {
    expect(readForwarded({ subject, text })).toEqual([{ from: jane, above, ...wanted }])
  })

  test('inside another is read too, the outer one first', () => {
    const block = (from: string, subject: string) =>
      lines(`From: ${from}`, 'Sent: Monday, November 30, 2026 9:00 AM', 'To: X', `Subject: ${subject}`, '')
    const text = lines(
      'See below',
      '',
      block('Tom <tom@company.example>', 'FW: Order'),
      'Yours?',
      '',
      block('Jane Doe <jane@customer.example>', 'Order'),
      'It is late.',
    )
    expect(readForwarded({ subject: 'FW: FW: Order', text }).map(({ from, above }) => [from.address, above])).toEqual([
      ['tom@company.example', 'See below'],
      ['jane@customer.example', 'Yours?'],
    ])
  })

  test.each<[string, string, string]>([
    ['an answer with a header block below', 'Re: Order', 'From: Jane <jane@x.example>\nTo: z\nSubject: x\n\nHello'],
    ['words about a forward', 'Fwd: plans', 'I forward you my plans. From: Berlin, To: Rome.'],
    ['two addresses in From', 'Fwd: x', 'From: a@x.example, b@x.example\nTo: z@x.example\nSubject: y\n\nHello'],
    ['no address in From', 'Fwd: x', 'From: Jane\nSent: 30 Nov 2026 10:00\nTo: z@x.example\nSubject: y\n\nHello'],
    ['nothing', 'Fwd:', ''],
  ])('is not %s', (_title, subject, text) => {
    expect(readForwarded({ subject, text })).toEqual([])
  })

  test('is looked for in linear time', () => {
    const size = 250_000
    for (const evil of [
      '\n',
      ' ',
      '-',
      'From: ',
      '> ',
      'From: a <a@b.c>\n',
      '---------- Forwarded message ---------\n',
    ])
      expect(readForwarded({ subject: 'Fwd: x', text: evil.repeat(size / evil.length) })).toEqual([])
  })
})
