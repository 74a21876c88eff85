// Earlier mails as clients and help desks set them off, and what people type around them, in words of our own.

import { describe, expect, test } from 'vitest'

import { htmlToText } from '../../../src/mail/html/to-text.ts'
import { findReplyText } from '../../../src/mail/reply-text/find-reply-text.ts'

const reply = (text: string, html: string | null = null) =>
  findReplyText({ text, html }, { subject: 'Re: Order 12' }).trim()
const fromHtml = (html: string) => reply(htmlToText(html).text, html)

test.each([
  '##- Por favor, escriba su respuesta por encima de esta línea -##',
  '##- Por favor, digite sua resposta acima dessa linha -##',
  '##- Digitare la risposta al di sopra di questa riga -##',
  '##- この行より上に返信を入力してください -##',
  '—-—-—-—\nReply above this line.',
  'Write ABOVE THIS LINE to post a reply',
  '>>> Bob Stone <bob@desk.example> 17/11/2026 10:23 >>>',
  '>>> Bob Stone 17.11.2026 10:23 >>>',
  '---- Am Di, 17 Nov 2026 10:23:11 +0100 schrieb Bob Stone <bob@desk.example> ----',
  'уто, 17. нов 2026. у 10:23 Bob Stone <bob@desk.example> је написао/ла:',
  'Noong Mar, Nob 17, 2026 nang 10:23 AM, isinulat ni Bob Stone <bob@desk.example> ang:',
  'Mnamo Jumanne, 17 Novemba 2026, 10:23 Bob Stone <bob@desk.example> aliandika:',
  'Op Di. 17 Nov. 2026 om 10:23 het Bob Stone <bob@desk.example> geskryf:',
  '17 Nov 2026, 10:23 by bob@desk.example:',
  'از: Bob Stone <bob@desk.example>\nارسال شده: 17 نوامبر 2026 10:23\nبه: Ann\nموضوع: Order',
  'प्रेषक: Bob Stone <bob@desk.example>\nभेजा गया: 17 नवम्बर 2026 10:23\nप्रति: Ann\nविषय: Order',
  'Nork: Bob Stone <bob@desk.example>\nBidalia: asteartea, 2026.eko azaroak 17 10:23\nNori: Ann\nGaia: Order',
  '--- Оригінальне повідомлення ---',
])('the earlier mail below %j is left out', (line) => {
  expect(reply(`It works.\n\n${line}\n\nDoes it work now?\nBob`)).toBe('It works.')
})

test.each([
  'Obtenir Outlook pour iOS<https://aka.ms/o0ukef>',
  'Outlook voor iOS downloaden<https://aka.ms/o0ukef>',
  '获取 Outlook for iOS<https://aka.ms/o0ukef>',
  'Diese Nachricht wurde von meinem Android Mobiltelefon mit WEB.DE Mail gesendet.',
])('the footer %j is left out', (line) => {
  expect(reply(`It works.\n\n${line}\n\nAm 17.11.26, 10:23 schrieb Bob <bob@desk.example>:\n> ok?`)).toBe('It works.')
})

const header =
  '<b>From:</b> Bob &lt;bob@desk.example&gt;<br><b>Sent:</b> Tuesday, November 17, 2026 10:23 AM<br><b>To:</b> Ann'

describe('answers in the text of an earlier mail without quote signs are kept when they are announced', () => {
  const earlier = 'From: Bob <bob@desk.example>\nSent: Tuesday, November 17, 2026 10:23 AM\nTo: Ann\nSubject: Order'
  test.each([
    'See my answers below in red.',
    'Meine Antworten unten in rot.',
    'Mes réponses ci-dessous en rouge.',
    'Mis respuestas más abajo en rojo.',
    'Zie mijn antwoorden hieronder.',
    'Мои ответы ниже красным.',
  ])('%s', (words) => {
    expect(reply(`${words}\n\n${earlier}\n\nWhich colour? Red.`)).toContain('Which colour? Red.')
    const html = `<p>${words}</p><div style="border:none;border-top:solid #E1E1E1 1.0pt">${header}</div><p>Blue.</p>`
    expect(fromHtml(html)).toContain('Blue.')
  })
})

describe('in HTML', () => {
  test("a border like Outlook's opens an earlier mail only above fields", () => {
    const border = '<div style="border:none;border-top:solid #E1E1E1 1.0pt">'
    expect(fromHtml(`<p>Our offer:</p>${border}<p>Two pumps</p></div><p>Please confirm.</p>`)).toContain('confirm')
    expect(fromHtml(`<p>It works.</p>${border}${header}</div><p>Does it?</p>`)).toBe('It works.')
  })

  test.each([
    '<div class="yahoo_quoted">Does it?</div>',
    '<div class="zmail_extra">Does it?</div>',
    '<div id="mail-editor-reference-message-container">Does it?</div>',
    '<div id="isReplyContent">Does it?</div>',
    '<blockquote class="front-blockquote">Does it?</blockquote>',
  ])('an answer below %s is kept', (quotation) => {
    expect(fromHtml(`<div>Hello.</div>${quotation}<div>It works.</div>`)).toMatch(/^Hello\.\s+It works\.$/)
  })

  test('a void element that is called a signature hides nothing', () => {
    expect(fromHtml('<p>Name:</p><input id="signature"><p>Ann Smith</p>')).toContain('Ann Smith')
  })

  test('addresses in angle brackets and the content of noscript are words', () => {
    expect(htmlToText('<p>Write to <ann@customer.example> or <https://x.example/a></p>').text).toBe(
      'Write to <ann@customer.example> or <https://x.example/a>',
    )
    expect(htmlToText('<noscript>Please call.</noscript>').text).toBe('Please call.')
  })
})
