// Notices of providers and of challenge systems, by their form.

import { describe, expect, test } from 'vitest'

import { parseMail } from '../../../src/mail/parsing/parse.ts'

describe('a notice of a provider', () => {
  const amazon = (notice: object) =>
    parseMail(
      Buffer.from(
        `From: AWS Notifications <no-reply@sns.amazonaws.com>\r\nSubject: AWS Notification Message\r\n\r\n` +
          `${JSON.stringify(notice)}\r\n\r\n--\r\nIf you wish to stop receiving notifications, visit the link.\r\n`,
      ),
    )
  const original = { commonHeaders: { messageId: '<out-1@desk.example>' } }

  test('of Amazon SES about a bounce names recipient, reason and mail', async () => {
    const bouncedRecipients = [
      { emailAddress: 'jo@gone.example', action: 'failed', status: '5.1.1', diagnosticCode: 'smtp; 550 5.1.1 unknown' },
    ]
    for (const kind of ['notificationType', 'eventType']) {
      const bounce = { bounceType: 'Permanent', bouncedRecipients }
      expect(await amazon({ [kind]: 'Bounce', bounce, mail: original })).toMatchObject({
        automation: 'bounce',
        deliveries: [
          {
            recipient: 'jo@gone.example',
            action: 'failed',
            status: '5.1.1',
            diagnosticCode: '550 5.1.1 unknown',
            originalMessageId: 'out-1@desk.example',
          },
        ],
      })
    }
    const transient = { bounceType: 'Transient', bouncedRecipients }
    const delayed = await amazon({ notificationType: 'Bounce', bounce: transient, mail: original })
    expect(delayed.deliveries[0]?.action).toBe('delayed')
  })

  test('of Amazon SES about a complaint is a complaint, about a delivery an automatic mail', async () => {
    const complaint = { complainedRecipients: [{ emailAddress: 'jo@mail.example' }], complaintFeedbackType: 'abuse' }
    expect(await amazon({ notificationType: 'Complaint', complaint, mail: original })).toMatchObject({
      automation: 'complaint',
      deliveries: [{ recipient: 'jo@mail.example', originalMessageId: 'out-1@desk.example' }],
    })
    expect(await amazon({ notificationType: 'Delivery', mail: original })).toMatchObject({ automation: 'auto-reply' })
  })

  test('is JSON of its form: other JSON is text', async () => {
    expect((await amazon({ hello: 'notificationType' })).automation).toBe('person')
    expect((await amazon({ notificationType: 'Bounce', bounce: 'x' })).automation).toBe('person')
  })

  test('of Outlook.com returns the mail without a feedback part', async () => {
    const raw = [
      'From: staff@mail.example',
      'Subject: complaint about message from 192.0.2.4',
      'Content-Type: multipart/mixed; boundary=b',
      '',
      '--b',
      'Content-Type: message/rfc822',
      '',
      'X-HmXmrOriginalRecipient: jo@mail.example',
      'From: support@desk.example',
      'Message-ID: <out-1@desk.example>',
      '',
      'Your order.',
      '--b--',
      '',
    ]
    expect(await parseMail(Buffer.from(raw.join('\r\n')))).toMatchObject({
      automation: 'complaint',
      deliveries: [{ recipient: 'jo@mail.example', originalMessageId: 'out-1@desk.example' }],
    })
  })
})

describe('a challenge', () => {
  const report = (action: string) =>
    parseMail(
      Buffer.from(
        [
          'From: postmaster@customer.example',
          'Subject: [Challenge] Please confirm your message to jo@customer.example',
          'Return-Path: <>',
          'Content-Type: multipart/report; report-type=delivery-status; boundary=b',
          '',
          '--b',
          '',
          'Your message waits. Reply to this mail to have it delivered.',
          '--b',
          'Content-Type: message/delivery-status',
          '',
          'Reporting-MTA: dns; mx.customer.example',
          '',
          'Final-Recipient: rfc822; jo@customer.example',
          `Action: ${action}`,
          'Status: 4.7.0',
          '--b--',
          '',
        ].join('\r\n'),
      ),
    )

  test('built as a delivery report is no bounce, unless a recipient failed', async () => {
    expect(await report('delayed')).toMatchObject({ automation: 'challenge', deliveries: [] })
    expect((await report('failed')).automation).toBe('bounce')
  })
})

test.each([
  'Não é possível entregar: Order',
  'Kan inte levereras: Order',
  'Ei voida toimittaa: Order',
  'Niedostarczalne: Order',
  '无法送达: Order',
  'Не вдалося доставити: Order',
  'Imposibil de livrat: Order',
  'Δεν είναι δυνατή η παράδοση: Order',
  'לא ניתן למסור: Order',
  'تعذر التسليم: Order',
  '[Postmaster] Email Delivery Failure',
])('a notice of Exchange or a gateway without a report part is a bounce: %s', async (subject) => {
  const type = 'Content-Type: text/plain; charset=utf-8'
  const head = `From: Microsoft Outlook <postmaster@customer.example>\nSubject: ${subject}\n${type}`
  const mail = await parseMail(Buffer.from(`${head}\n\nvic@customer.example\n`))
  expect([mail.automation, mail.deliveries[0]?.recipient]).toEqual(['bounce', 'vic@customer.example'])
})

test.each([
  ['User vic (vic@customer.example) not listed in Domino Directory', '5.1.1'],
  ['Your message to vic@customer.example was blocked by our Spam Firewall', '5.7.1'],
])('the reason is read from the words: %s', async (words, status) => {
  const head = 'From: postmaster@customer.example\nSubject: Delivery failure'
  expect((await parseMail(Buffer.from(`${head}\n\n${words}\n`))).deliveries[0]?.status).toBe(status)
})
