import { Buffer } from 'node:buffer'

import { describe, expect, test } from 'vitest'

import { parseMail } from '../../../src/mail/parsing/parse.ts'

async function judge(head: string, body = 'Some words.', reversePath: string | null = null): Promise<string> {
  const hasFrom = /^from:/im.test(head)
  const raw = `${hasFrom ? '' : 'From: Ann <ann@customer.example>\n'}To: desk@desk.example\n${head}\n\n${body}`
  return (await parseMail(Buffer.from(raw), { reversePath })).automation
}

describe('an automatic answer', () => {
  test.each([
    'Auto-Submitted: auto-replied',
    'Auto-Submitted: auto-generated; owner-email="x"',
    'X-Autoreply: yes',
    'X-Autorespond: 1',
    'Precedence: auto_reply',
    'Subject: Out of office reply',
    'Subject: [Automatyczna odpowiedź] Faktura 12',
    'Subject: AUTO: Ann Smith is out of the office (returning 12/01/2026)',
    'Subject: EXTERN: Automatische Antwort: Rechnung',
    'Subject: Automatic reply: Invoice',
    'Subject: Out of Office: Invoice',
    'Subject: Automatische Antwort: Rechnung',
    'Subject: Abwesenheitsnotiz',
    'Subject: =?utf-8?Q?R=C3=A9ponse_automatique?= : facture',
    'Subject: Respuesta automática: factura',
    'Subject: Risposta automatica: fattura',
    'Subject: Automatisch antwoord: factuur',
    'Subject: Autosvar: faktura',
    'Subject: Automaattinen vastaus: lasku',
    'Subject: Odpowiedź automatyczna: faktura',
    'Subject: Автоответ: счёт',
    'Subject: 自动回复: 发票',
    'Subject: 自動返信: 請求書',
  ])('%s', async (head) => {
    expect(await judge(head)).toBe('auto-reply')
  })
})

describe('a bounce', () => {
  test.each([
    ['From: MAILER-DAEMON@mx.example\nSubject: failure notice', 'null'],
    ['From: "Mail Delivery System" <noreply@mx.example>\nSubject: Mail delivery failed', 'null'],
    ['From: Mail Delivery Subsystem <mailer-daemon@mx.example>\nSubject: Delivery Status Notification (Delay)', 'null'],
    ['Return-Path: <>\nSubject: Undeliverable: Hello', 'null'],
    ['Return-Path: <>\nFrom: postmaster@mx.example', 'null'],
    ['From: MAILER-DAEMON@mx.example', ''],
    ['From: postmaster@mx.example\nSubject: Undeliverable: Hello', ''],
    ['Subject: Returned mail: see transcript for details', ''],
    ['Subject: Unzustellbar: Rechnung', ''],
    ['Subject: Onbestelbaar: factuur', ''],
    ['From: Postmaster <postmaster@mx.example>\nSubject: Undeliverable: Hello', 'null'],
    ['Return-Path: MAILER-DAEMON\nSubject: Undeliverable: Hello', 'null'],
    ['Return-Path: <MAILER-DAEMON@mx.example>\nFrom: postmaster@mx.example', 'null'],
    ['Subject: Undeliverable: Hello', 'MAILER-DAEMON@mx.example'],
    ['X-Failed-Recipients: ann@customer.example', 'null'],
    ['X-Failed-Recipients: ann@customer.example', 'list@lists.example'],
    ['Content-Type: multipart/report; report-type=delivery-status; boundary=x', 'null'],
    ['Content-Type: multipart/report; report-type=delivery-status; boundary=x', 'postmaster@mx.example'],
  ])('%s, reverse-path %j', async (head, reversePath) => {
    expect(await judge(head, 'Some words.', reversePath === 'null' ? null : reversePath)).toBe('bounce')
  })

  test('is recognised by mailer-daemon and an SMTP code without an envelope', async () => {
    expect(
      await judge(
        'From: MAILER-DAEMON@mx.example\nSubject: Hello',
        'The mail could not be delivered: 550 5.1.1 no such user',
      ),
    ).toBe('bounce')
  })

  test('is recognised by the null reverse-path and an SMTP code', async () => {
    expect(await judge('Subject: Hello', '550 5.1.1 no such user', '')).toBe('bounce')
  })

  test('a delay in free text is a delay', async () => {
    const raw =
      'From: mailer-daemon@mx.example\nSubject: Delivery Status Notification (Delay)\n\nThis is an ' +
      'automatic message.\n\n  ann@customer.example\n\nMessage-ID: <out-9@desk.example>\n'
    expect((await parseMail(Buffer.from(raw))).deliveries).toEqual([
      {
        recipient: 'ann@customer.example',
        action: 'delayed',
        status: '',
        diagnosticCode: '',
        originalMessageId: 'out-9@desk.example',
      },
    ])
  })
})

describe('a bounce in free text', () => {
  const head = 'Return-Path: <>\nFrom: MAILER-DAEMON@mx.example\nSubject: failure notice'
  const read = async (body: string) => (await parseMail(Buffer.from(`${head}\n\n${body}`))).deliveries

  test.each(['victoria', 'customer', 'antonio', 'userx', 'account.editor'])(
    'the address of %s is never cut in the middle',
    async (name) => {
      const [first] = await read(`Not delivered.\n\n  ${name}@gone.example\n    550 5.1.1 no such user here\n`)
      expect(first?.recipient).toBe(`${name}@gone.example`)
    },
  )

  test('names each recipient', async () => {
    const text = '<ann@gone.example>:\n550 5.1.1 no such user\n\n<bob@gone.example>:\n550 5.1.1 no such user\n'
    expect((await read(text)).map(({ recipient }) => recipient)).toEqual(['ann@gone.example', 'bob@gone.example'])
  })

  test.each([
    ['Reason: Mailbox full', '5.2.2'],
    ['The recipient has exceeded the quota of the mailbox.', '5.2.2'],
    ['No such user here', '5.1.1'],
    ['The account has been disabled.', '5.2.1'],
    ['Your message is too large for this mailbox.', '5.3.4'],
  ])('the reason in words: %s', async (reason, status) => {
    const [first] = await read(`Your mail was not delivered.\n\nAddress: ann@gone.example\n${reason}\n`)
    expect(first).toMatchObject({ recipient: 'ann@gone.example', status, diagnosticCode: reason })
  })

  test('an address of RFC 6533 is read in its 7-bit form', async () => {
    const part =
      'Reporting-MTA: dns; mx.example\n\n' +
      'Final-Recipient: utf-8; jos\\x{E9}@gone.example\nAction: failed\nStatus: 5.1.1\n'
    const report =
      'Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n' +
      `Content-Type: message/global-delivery-status\n\n${part}\n--b--\n`
    const mail = await parseMail(Buffer.from(`${head}\n${report}`))
    expect(mail.deliveries.map(({ recipient }) => recipient)).toEqual(['josé@gone.example'])
  })
})

describe('a challenge', () => {
  test.each([
    'I do not know you. To let your message through, please click this link: https://v.example/1',
    'Click the link below to have your e-mail delivered: https://v.example/1',
    'Para que sua mensagem seja entregue, clique aqui: https://v.example/1',
    'Damit Ihre Nachricht zugestellt wird, klicken Sie hier: https://v.example/1',
  ])('is known by its request where a machine wrote it: %s', async (words) => {
    expect(await judge('Subject: Re: Order 12\nAuto-Submitted: auto-replied', words, '')).toBe('challenge')
    expect(await judge('Subject: Re: Order 12', words, 'ann@customer.example')).toBe('person')
  })
})

describe('mailer-daemon@', () => {
  test('alone is a bounce where the reverse-path is unknown, or a list passed it on', async () => {
    const head = 'From: MAILER-DAEMON@mx.example\nSubject: Re: Order 12'
    expect(await judge(head, 'I could not reach jo@gone.example.')).toBe('bounce')
    expect(await judge(`${head}\nList-Id: <users.lists.example>`, 'Sorry.', 'users-bounces@lists.example')).toBe(
      'bounce',
    )
    expect(await judge(head, 'I could not reach jo@gone.example.', 'ann@customer.example')).toBe('person')
  })
})

describe('words of absence in front of the subject of an answer', () => {
  test.each(['Absence: Order 12', 'Abwesend: Order 12', 'Afwezigheid: Order 12', 'Poissa: Order 12', '[OOO] Order 12'])(
    '%s',
    async (subject) => {
      expect(await judge(`Subject: ${subject}\nIn-Reply-To: <out-1@desk.example>`, 'Words.')).toBe('auto-reply')
      expect(await judge(`Subject: Re: ${subject}\nIn-Reply-To: <out-1@desk.example>`, 'Words.')).toBe('person')
    },
  )
})

describe('a list', () => {
  test.each([
    'List-Id: <team.lists.example>',
    'List-Unsubscribe: <mailto:u@lists.example>',
    'Precedence: list',
    'Precedence: bulk',
    'Mailing-List: contact x',
  ])('%s', async (head) => {
    expect(await judge(head)).toBe('list')
  })
})

describe("customers' mail about returns, rejections and absences counts as written by a person", () => {
  const reversePaths = [null, 'ann@customer.example']
  const subjects = [
    'Returned goods',
    'Zwrot towaru',
    'Returned item, order 4711',
    'Rejected: my refund request',
    'address not found',
    'Undeliverable: my parcel',
    'Delivery failed',
    'Devuelto: pedido 4711',
    'Unknown address',
    'Delivery problem',
    'Auto: Reparatur',
    'Auto re: winter tyres',
    'Absence',
    'OOO next week?',
    'On vacation: please stop deliveries',
    'Away from the office on Monday',
    'Automatic reply is broken',
    'Question: out of office settings',
    'Auto-reply keeps coming',
    'Abwesenheit am Montag',
    'Please confirm your email to us',
    'Verification required?',
    'Action required: deliver my parcel',
  ]
  test.each(subjects)('Subject: %s', async (subject) => {
    for (const reversePath of reversePaths)
      expect(
        await judge(`Subject: ${subject}`, 'Please reply. Your site said 550 user unknown, SMTP 5.1.1.', reversePath),
      ).toBe('person')
  })

  test.each([
    ['postmaster@example.com', 'Delivery problem', 'postmaster@example.com'],
    ['Postmaster <postmaster@example.com>', 'Your mail to us', null],
    ['"Mail Administrator" <ann@customer.example>', 'Delivery problem', null],
    ['bounces@trampolines.example', 'Delivery problem', null],
  ])('From: %s, Subject: %s, reverse-path %j', async (from, subject, reversePath) => {
    expect(await judge(`From: ${from}\nSubject: ${subject}`, 'We see 550 5.1.1 for your mail.', reversePath)).toBe(
      'person',
    )
  })

  test.each([
    'Auto-Submitted: auto-forwarded',
    'X-Auto-Response-Suppress: All',
    'X-MS-Exchange-Inbox-Rules-Loop: support@acme.example',
    'X-MS-Exchange-Generated-Message-Source: Mailbox Rules Agent',
    'X-Auto-Response-Suppress: DR, OOF, AutoReply\nIn-Reply-To: <out-1@desk.example>',
  ])('a field added by a hop does not classify the author: %s', async (field) => {
    expect(await judge(`Subject: Re: Invoice\n${field}`, 'Words.', 'ann@customer.example')).toBe('person')
  })

  test('Precedence: bulk does not make an answer automatic', async () => {
    expect(await judge('Subject: Re: Invoice\nPrecedence: bulk\nIn-Reply-To: <out-1@desk.example>')).not.toBe(
      'auto-reply',
    )
  })

  test('a name, subject or phrase does not make a bounce of a mail with a verified reverse-path', async () => {
    const head =
      'From: Mail Delivery Subsystem <mailer-daemon@mx.example>\nReturn-Path: <>\nSubject: Undelivered Mail ' +
      'Returned to Sender'
    expect(await judge(head, '550 5.1.1 user unknown', 'ann@customer.example')).toBe('person')
    expect(await judge(`${head}\nAuto-Submitted: auto-replied`, '550 5.1.1 user unknown', 'ann@customer.example')).toBe(
      'auto-reply',
    )
  })

  test('a subject and a second sign are enough for an automatic answer', async () => {
    expect(
      await judge(
        'Subject: Absence\nX-Auto-Response-Suppress: All\nIn-Reply-To: <out-1@desk.example>',
        'Words.',
        'ann@customer.example',
      ),
    ).toBe('auto-reply')
  })

  test('a request for confirmation is a challenge', async () => {
    expect(await judge('Subject: Please confirm your message', 'Click here.', '')).toBe('challenge')
  })
})

describe("a person's mail that resembles automatic mail is", () => {
  test.each([
    ['an answer to a bounce', 'Subject: Re: Undeliverable: Hello', 'What does 550 5.1.1 mean?'],
    ['an answer to an automatic reply', 'Subject: Re: Automatic reply: Hello', 'Thanks.'],
    ['a forwarded bounce', 'Subject: Fwd: Mail delivery failed', 'What is this?'],
    ['Auto-Submitted: no', 'Auto-Submitted: no', 'Words.'],
    ['talk of the office', 'Subject: The new office', 'I am out of office supplies.'],
    ['a question about delivery', 'Subject: When will my delivery arrive?', 'My order 5505.1.1'],
    ['an agent of another help desk', 'X-Auto-Response-Suppress: All\nIn-Reply-To: <out-1@desk.example>', 'Words.'],
    ['an ordinary sender', 'X-Mailer: Anything', 'Words.'],
  ])('%s', async (_title, head, body) => {
    expect(await judge(head, body, 'ann@customer.example')).toBe('person')
  })
})
