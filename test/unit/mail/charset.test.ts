// Charsets without a label, and labels that are rare: in the body, in encoded words, in raw header fields.

import { Buffer } from 'node:buffer'

import iconv from 'iconv-lite'
import { describe, expect, test } from 'vitest'

import { parseMail } from '../../../src/mail/parsing/parse.ts'

const read = (charset: string, words: string, label = '') =>
  parseMail(
    Buffer.concat([
      Buffer.from('From: Ann <ann@customer.example>\r\nSubject: '),
      iconv.encode(words, charset),
      Buffer.from(`\r\nContent-Type: text/plain${label}\r\n\r\n`),
      iconv.encode(`${words}\r\n`, charset),
    ]),
  )

describe('without a label', () => {
  test.each([
    ['gbk', '您好，请问我的订单什么时候发货？谢谢。'],
    ['gb18030', '请取消订单 4711，我已经买到了别的。'],
    ['gbk', '发票抬头请改为上海某某有限公司，地址不变。'],
    ['big5', '您好，請問我的訂單什麼時候出貨？謝謝。'],
    ['big5', '請取消訂單 4711，我已經買到別的了。'],
    ['euc-kr', '안녕하세요, 제 주문은 언제 발송되나요? 감사합니다.'],
    ['euc-kr', '주문 4711을 취소해 주세요.'],
    ['shift_jis', 'お世話になっております。注文の件ですが、いつ届きますか。'],
    ['shift_jis', '注文4711をキャンセルしてください。'],
    ['euc-jp', 'お世話になっております。注文の件ですが、いつ届きますか。'],
    ['koi8-r', 'Здравствуйте, когда придёт мой заказ? Спасибо.'],
    ['koi8-r', 'Да, спасибо!'],
    ['windows-1251', 'Отмените, пожалуйста, заказ 4711.'],
    ['windows-1251', 'Да, спасибо! Invoice for Acme Ltd is attached below.'],
    ['windows-1251', 'Добрий день, коли прийде моє замовлення?'],
    ['windows-1253', 'Καλημέρα, πότε θα έρθει η παραγγελία μου; Ευχαριστώ.'],
    ['windows-1255', 'שלום, מתי תגיע ההזמנה שלי? תודה.'],
    ['windows-1256', 'مرحبا، متى يصل طلبي؟ شكرا.'],
  ])('%s is recognised: %s', async (charset, words) => {
    const mail = await read(charset, words)
    expect([mail.text.trim(), mail.subject]).toEqual([words, words])
  })

  test.each([
    'Größe',
    'Café à 10 h ?',
    '“Hello” – it’s me…',
    '¿Cuándo llega mi pedido? ¡Gracias!',
    'Não é possível, obrigado. Situação às 10.',
    '€ 100, déjà payé',
    'Bjørn og Åse kommer også på lørdag',
    'ÄÖÜ äöü ß',
    'ÄÖÜäöüßÄÖÜ',
    'ÀÉÈÙ ÇÀ ÉÉ',
    'ÅÄÖÅÄÖ åäö',
    'ÆØÅæøå ÆØÅæøå',
    '££££ €€€€ ©©©© ®®®®',
    '«Où» «êtes-vous» «né» ?',
    'ééééééééééé',
    'SEHR GEEHRTE DAMEN, DIE GRÖSSE IST ÜBERALL FALSCH',
    'À É Î Ô Û à é î ô û ç',
    '………………………',
  ])('western text stays windows-1252: %s', async (words) => {
    const mail = await read('windows-1252', words)
    expect([mail.text.trim(), mail.subject]).toEqual([words, words])
  })
})

test.each([
  ['cp850', 'Größe, Straße'],
  ['cp437', 'Größe'],
  ['cp1125', 'Добрий день'],
  ['maccroatian', 'Šibenik'],
])('the label %s is read in the body and in encoded words', async (charset, words) => {
  const bytes = iconv.encode(words, charset)
  const raw = Buffer.concat([
    Buffer.from(
      `From: Ann <ann@customer.example>\r\nSubject: =?${charset}?B?${bytes.toString('base64')}?=\r\n` +
        `Content-Type: text/plain; charset=${charset}\r\n\r\n`,
    ),
    bytes,
  ])
  const mail = await parseMail(raw)
  expect([mail.text.trim(), mail.subject]).toEqual([words, words])
})

test('UTF-7 is read in encoded words', async () => {
  const mail = await parseMail(Buffer.from('From: a@b.example\r\nSubject: =?utf-7?Q?Gr+APYA3w-e?=\r\n\r\nx'))
  expect(mail.subject).toBe('Größe')
})

test('a character that is split between two encoded words is whole', async () => {
  const bytes = iconv.encode('注文の件', 'shift_jis')
  const word = (part: Buffer) => `=?shift_jis?B?${part.toString('base64')}?=`
  const mail = await parseMail(
    Buffer.from(`From: a@b.example\r\nSubject: ${word(bytes.subarray(0, 3))}\r\n ${word(bytes.subarray(3))}\r\n\r\nx`),
  )
  expect(mail.subject).toBe('注文の件')
})

test('1 MB of bytes without a label is read in linear time', async () => {
  const raw = Buffer.concat([Buffer.from('From: a@b.example\r\n\r\n'), Buffer.alloc(1024 * 1024, 'é \n', 'latin1')])
  const start = process.cpuUsage()
  await parseMail(raw)
  const { user, system } = process.cpuUsage(start)
  // work that grows with the square would take minutes
  expect((user + system) / 1000).toBeLessThan(5_000)
})
