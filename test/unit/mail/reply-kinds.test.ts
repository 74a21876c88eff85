// Kinds of replies that were read wrongly in the field, each in words of our own.

import { describe, expect, test } from 'vitest'

import { htmlToText } from '../../../src/mail/html/to-text.ts'
import { findReplyText } from '../../../src/mail/reply-text/find-reply-text.ts'

const reply = (text: string, { subject = 'Re: Order 12', html = null as string | null } = {}) =>
  findReplyText({ text, html }, { subject }).trim()

describe('an introduction', () => {
  test.each([
    'Bob Stone <bob@desk.example> wrote:',
    'Bob Stone <bob@desk.example> schrieb:',
    'Bob Stone <bob@desk.example> a écrit :',
    'Op 17 feb. 2026 om 13:18 heeft Bob Stone <bob@desk.example> het volgende geschreven:',
    'Dnia 17 lutego 2026 13:18 wiadomość napisana przez Bob Stone <bob@desk.example>:',
  ])('goes with the unmarked mail below it: %s', (line) => {
    expect(reply(`It works.\n\n${line}\n\nDoes it work now?\nBob`)).toBe('It works.')
  })

  test('never includes an ordinary line above it that has a date', () => {
    const asked = 'Thank you.\nCan we meet on 12.05.2026 at the shop?'
    expect(reply(`${asked}\nBob Stone <bob@desk.example> wrote:\n> Where?`)).toBe(asked)
    expect(reply(`${asked}\nBob wrote:\n> Where?`)).toBe(asked)
  })

  test('keeps the text before it on its line', () => {
    const words = 'Dear team,\nplease cancel it.'
    expect(reply(`${words} On Mon, Jan 5, 2026 at 9:00 AM Bob Stone <bob@desk.example> wrote:\n> Shall we?`)).toBe(
      words,
    )
    expect(reply(`Danke! Am 05.01.2026 um 09:00 schrieb Bob Stone:\n> Gern?`)).toBe('Danke!')
  })

  test('is still found over three lines', () => {
    expect(reply('Same here.\n\nOn Dec 16, 2025, at 12:47 PM, Bob Stone\n<bob@desk.example>\nwrote:\n\n> Is it?')).toBe(
      'Same here.',
    )
  })
})

// The words that clients in these languages put above a quotation.
describe('an introduction above an unmarked mail ends the reply', () => {
  test.each([
    '2026-10-17 11:28 GMT+03:00 Bob Stone <bob@desk.example>:',
    '17.11.2026 14:20 пользователь "Bob" <bob@desk.example> написал:',
    '* Bob Stone <bob@desk.example> [2026-11-17 10:23:11 +0000]:',
    '---- On Tue, 17 Nov 2026 10:23:11 +0100 Bob Stone <bob@desk.example> wrote ----',
    '-------- Bob Stone schrieb --------',
    'On Tue, Nov 17, 2026 at 10:07 PM Bob Stone\n\n<\nmailto:Bob Stone <bob@desk.example>\n> wrote:',
    'In article <4711@desk.example>, Bob Stone <bob@desk.example> writes:',
    'Quoting Bob Stone <bob@desk.example>:',
    'Citando Bob Stone <bob@desk.example>:',
    'Bob Stone sent the following on 17/11/2026 10:23:',
    'ti 17. marrask. 2026 klo 10.23 Bob Stone (bob@desk.example) kirjoitti:',
    'Bob Stone <bob@desk.example> ezt írta (időpont: 2026. nov. 17., K, 10:23):',
    '17 Kas 2026 Sal 10:23 tarihinde Bob Stone <bob@desk.example> şunu yazdı:',
    '2026年11月17日 10:23、Bob Stone <bob@desk.example>のメッセージ:',
    'في الثلاثاء، ١٧ نوفمبر ٢٠٢٦ في ١٠:٢٣ ص تمت كتابة ما يلي بواسطة Bob Stone <bob@desk.example>:',
    'otrd., 2026. g. 17. nov., plkst. 10:23 — lietotājs Bob Stone (<bob@desk.example>) rakstīja:',
  ])('%j', (line) => {
    expect(reply(`It works.\n\n${line}\n\nDoes it work now?\nBob`)).toBe('It works.')
  })

  test.each(['2026/11/17 Bob Stone <bob@desk.example>', '2026-11-17 9:15 Bob Stone:', 'Bob Stone wrote:'])(
    'only above quoted lines where it might be words: %s',
    (line) => {
      expect(reply(`It works.\n\n${line}\n> Does it work now?\n`)).toBe('It works.')
      expect(reply(`It works.\n\n${line}\n\nDoes it work now?`)).toContain('Does it work now?')
    },
  )

  test('an answer below the quotation is kept when the introduction is the first line', () => {
    const answered = 'On 17 Nov 2026, at 10:23, Bob Stone <bob@desk.example> wrote:\n\n> Does it work?\n\nIt works.'
    expect(reply(answered)).toBe('It works.')
  })
})

describe('a divider', () => {
  const block =
    'From: Bob Stone <bob@desk.example>\nSent: 17 Nov 2026 10:23\nTo: Ann\nSubject: Order\n\nDoes it work now?'
  test.each([
    '---------- Odpovězená zpráva ----------',
    '-----Orijinal İleti-----',
    '------- Antwort Nachricht -------',
    '-----Sākotnējā ziņa-----',
    '-----Originalus laiškas-----',
    '-----ข้อความต้นฉบับ-----',
    '-------- Oorspronkelijke e-mail --------',
    '------------------ Original ------------------',
    '---- Replied Message ----',
  ])('in its language ends the reply: %s', (line) => {
    expect(reply(`It works.\n\n${line}\n\nDoes it work now?`)).toBe('It works.')
    expect(reply(`It works.\n\n${line}\n${block}`)).toBe('It works.')
  })

  test('of unknown words counts above a header block only', () => {
    expect(reply(`It works.\n\n-----Bunscríbhinn-----\n${block}`)).toBe('It works.')
    expect(reply('It works.\n\n-----Eredeti levél-----\nFrom: Bob\nSubject: Order\n\nDoes it?')).toBe('It works.')
    const headed = 'Two things.\n\n----- Order 2 -----\nSend it to Oslo, please.'
    expect(reply(headed)).toBe(headed)
  })
})

describe('a header block', () => {
  test.each([
    'From: Bob Stone <bob@desk.example>\nDate: 17 Nov 2026 10:23',
    'From: Bob Stone <bob@desk.example>\nTo: Ann <ann@customer.example>',
    'Von: Bob Stone\nGesendet: Dienstag, 17. November 2026 10:23',
    'To: ann@customer.example\nFrom: bob@desk.example\nDate: Tue, 17 Nov 2026 10:23:11 +0100\nSubject: Order',
    'From: Bob Stone <bob@desk.example> Sent: Tuesday, November 17, 2026 10:23 AM To: Ann Subject: Order',
    '*From:* Bob Stone <bob@desk.example> | *Sent:* 17 Nov 2026 | *Subject:* Order',
    'From: Bob Stone <bob@desk.example>, Date: 17 Nov 2026 10:23',
  ])('ends the reply: %j', (block) => {
    expect(reply(`It works.\n\n${block}\n\nDoes it work now?\nBob`)).toBe('It works.')
  })

  test.each([
    'From: Berlin\nTo: Rome\nDate: Monday',
    'From: Berlin\nDate: 17 Nov 2026',
    'From: Oslo warehouse\nTo: ann@customer.example',
    'To: ann@customer.example\nSubject: what I wrote\nSent: yesterday',
  ])('does not: %j', (lines) => {
    const text = `Please help with this:\n\n${lines}\n\nThank you.`
    expect(reply(text)).toBe(text)
  })
})

describe('a blockquote without a mark of its client', () => {
  const html = (words: string) => reply(htmlToText(words).text, { html: words })

  test('below an introduction is a quotation', () => {
    for (const introduction of [
      'Bob wrote:',
      'On 17 Nov 2026, Bob wrote:',
      'Bob Stone &lt;bob@desk.example&gt;:<br>wrote:',
    ])
      expect(
        html(`<div>It works.</div><div>${introduction}</div><blockquote>Does it work?<br>Bob</blockquote><p>Ann</p>`),
      ).toMatch(/^It works\.(?!.*Does it work)/s)
  })

  test('elsewhere is indented text', () => {
    expect(html('<p>Please change:</p><blockquote>Order 1: Oslo</blockquote><p>Thanks</p>')).toContain('Order 1: Oslo')
  })
})

describe('a footer', () => {
  test.each([
    'Sent from Fastmail',
    'Sent from HEY',
    'Sent from the all new AOL app for iOS',
    'Отправлено из мобильной Яндекс.Почты',
    'Этот e-mail отправлен с iPhone',
    'נשלח מה-iPhone שלי',
    'أُرسلت من الـ iPhone',
    '发自我的小米手机',
    '(Sent from my phone.)',
    'Sent on the go',
    'Sent from my phone, please excuse brevity',
    'Excuse typos, sent from my iPhone',
    'Typed on a phone, please excuse typos.',
  ])('of a client is left out: %s', (line) => {
    expect(reply(`It works.\n\n${line}\n\nOn 17 Nov 2026, at 10:23, Bob Stone wrote:\n> Does it?`)).toBe('It works.')
  })

  test.each([
    '—\nReply to this email directly or view it on the site.',
    '--\nYou received this message because you are subscribed to the "Desk" group.\nTo unsubscribe, send an email.',
    '---------------------------------\nTo unsubscribe, e-mail: dev-unsubscribe@project.example',
    '-=-=-=-=-=-=-=-=-=-=-=-\nYou receive all messages sent to this group.\nUnsubscribe: https://lists.example/u\n-=-=-=-',
  ])('of a list or server is left out: %j', (footer) => {
    expect(reply(`It works.\n\n${footer}\n`)).toBe('It works.')
  })

  test.each(['Sent from our warehouse in Oslo on Monday.', 'Excuse the errors in my first order, please.'])(
    'is not what a person writes: %s',
    (line) => {
      expect(reply(`Which parcel?\n\n${line}`)).toContain(line)
    },
  )
})

test('a signature between two rules is left out', () => {
  const text =
    'It works.\n__________\n\nAnn Smith\nOslo\n\n__________\n\nAm 09.07.2026 um 14:03 schrieb Bob <bob@desk.example>:'
  expect(reply(`${text}\n> Geht es?`)).toBe('It works.')
})

describe('dashes', () => {
  test('between the items of a mail remove nothing', () => {
    const text =
      'Two changes.\n\nOrder 1: send it to Oslo.\n--\nOrder 2: cancel it, please, and pay back.\n--\nOrder 3: keep.'
    expect(reply(text)).toBe(text)
  })

  test('above a list remove nothing', () => {
    const text = 'Please add these people:\n\n--\nann@customer.example\nbo@customer.example'
    expect(reply(text)).toBe(text)
  })

  test.each(['--', '-- ', '---', '____________', '* * *'])('%j above a name and a number is a signature', (mark) => {
    expect(reply(`Yes, please.\n\n${mark}\nAnn Smith\n+47 22 33 44 55`)).toBe('Yes, please.')
  })

  test('a rule above sentences is kept', () => {
    const text = 'First thing: the invoice is wrong.\n----------\nSecond thing: the parcel never came to us.'
    expect(reply(text)).toBe(text)
  })
})

describe('a forward keeps what it forwards', () => {
  const mail = 'From: Ola <ola@customer.example>\nSubject: Pump\nDate: 23 November 2026\n\nThe pump leaks.'
  const quoted = `Begin forwarded message:\n\n${mail}`.replace(/^/gm, '> ')

  test.each(['Fwd: Pump', 'Pump in hall 4'])('as Apple Mail quotes it, subject %s', (subject) => {
    const words = reply(`See below.\n\n${quoted}\n`, { subject })
    expect(words).toMatch(/^See below\./)
    expect(words).toContain('The pump leaks.')
    expect(words).toContain('From: Ola')
  })

  test.each(['EXTERN: WG: Pump', 'External: Fw: Pump', '[EXT] Fwd: Pump'])(
    'whatever tag the gateway adds: %s',
    (subject) => {
      expect(reply(`See below.\n\n${mail.replace('Date', 'Sent')}\n`, { subject })).toContain('The pump leaks.')
    },
  )

  test('a forward deeper in a quotation belongs to the earlier mail', () => {
    expect(reply(`Fixed.\n\nOn 3 June 2026 Bob Stone <bob@desk.example> wrote:\n> Look:\n>\n${quoted}\n`)).toBe(
      'Fixed.',
    )
    expect(reply(`Fixed.\n\nOn 3 June 2026 Bob Stone <bob@desk.example> wrote:\n${quoted}\n`)).toBe('Fixed.')
  })
})
