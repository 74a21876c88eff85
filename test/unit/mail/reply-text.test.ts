import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { htmlToText } from '../../../src/mail/html/to-text.ts'
import { findReplyText } from '../../../src/mail/reply-text/find-reply-text.ts'
import { trimReply } from '../../../src/mail/reply-text/trim-reply.ts'

const attributions = [
  'On Mon, 3 Jun 2024 at 10:00, Bob Stone <bob@desk.example> wrote:',
  'On 03/06/2024 10:00, Bob Stone wrote:',
  'On Jun 3, 2024, at 10:00 AM, Bob Stone <bob@desk.example> wrote:',
  '--- On Mon, 3/6/24, Bob Stone <bob@desk.example> wrote:',
  '-----Bob Stone <bob@desk.example> wrote: -----',
  'Bob Stone <bob@desk.example> wrote on 03.06.2024 10:00:',
  'Am 03.06.2024 um 10:00 schrieb Bob Stone:',
  'Am Mo., 3. Juni 2024 um 10:00 Uhr schrieb Bob Stone <bob@desk.example>:',
  'Bob Stone <bob@desk.example> schrieb am Mo., 3. Juni 2024, 10:00:',
  'Le 03/06/2024 à 10:00, Bob Stone a écrit :',
  'Le lun. 3 juin 2024 à 10:00, Bob Stone <bob@desk.example> a écrit :',
  'El 3/6/24 a las 10:00, Bob Stone escribió:',
  'Il giorno lun 3 giu 2024 alle ore 10:00 Bob Stone <bob@desk.example> ha scritto:',
  'Op ma 3 jun 2024 om 10:00 schreef Bob Stone <bob@desk.example>:',
  'Den mån 3 juni 2024 kl 10:00 skrev Bob Stone <bob@desk.example>:',
  'man. 3. jun. 2024 kl. 10.00 skrev Bob Stone <bob@desk.example>:',
  'ma 3. kesäk. 2024 klo 10.00 Bob Stone (bob@desk.example) kirjoitti:',
  'W dniu 3.06.2024 o 10:00, Bob Stone pisze:',
  'Dnia 3 czerwca 2024 10:00 Bob Stone <bob@desk.example> napisał(a):',
  'po 3. 6. 2024 v 10:00 odesílatel Bob Stone <bob@desk.example> napsal:',
  'po 3. 6. 2024 o 10:00 Bob Stone <bob@desk.example> napísal(a):',
  'Em seg., 3 de jun. de 2024 às 10:00, Bob Stone <bob@desk.example> escreveu:',
  'Bob Stone <bob@desk.example> escreveu no dia segunda, 3/06/2024 à(s) 10:00:',
  'În lun., 3 iun. 2024 la 10:00, Bob Stone <bob@desk.example> a scris:',
  'Bob Stone <bob@desk.example> ezt írta (időpont: 2024. jún. 3., H, 10:00):',
  'пн, 3 июн. 2024 г. в 10:00, Bob Stone <bob@desk.example>:',
  '03.06.2024 10:00, Bob Stone пишет:',
  'пн, 3 черв. 2024 р. о 10:00 Bob Stone <bob@desk.example> пише:',
  'Στις Δευ 3 Ιουν 2024 στις 10:00 π.μ., ο χρήστης Bob Stone <bob@desk.example> έγραψε:',
  'Bob Stone <bob@desk.example>, 3 Haz 2024 Pzt, 10:00 tarihinde şunu yazdı:',
  'На пн, 3.06.2024 г. в 10:00 Bob Stone <bob@desk.example> написа:',
  'pon, 3. lip 2024. u 10:00 Bob Stone <bob@desk.example> napisao je:',
  'El dl., 3 de juny 2024, 10:00, Bob Stone <bob@desk.example> va escriure:',
  '2024年6月3日(月) 10:00 Bob Stone <bob@desk.example>:',
  'Bob Stone <bob@desk.example> 于2024年6月3日周一 10:00写道：',
  'Bob Stone <bob@desk.example> 於 2024年6月3日 週一 上午10:00寫道：',
  '2024년 6월 3일 (월) 오전 10:00, Bob Stone <bob@desk.example>님이 작성:',
  'Pada tanggal Sen, 3 Jun 2024 pukul 10.00 Bob Stone <bob@desk.example> menulis:',
  'Vào Th 2, 3 thg 6, 2024 vào lúc 10:00 Bob Stone <bob@desk.example> đã viết:',
  '\u202bבתאריך יום ב׳, 3 ביוני 2024 ב-10:00 מאת \u202aBob Stone\u202c\u200f ' +
    '<\u202abob@desk.example\u202c\u200f>:\u202c',
]

describe('an attribution in any language is removed with its quotation, quoted or not', () => {
  test.each(attributions)('%s', (line) => {
    expect(trimReply(`Fine.\n\n${line}\n\n> one\n> two`)).toBe('Fine.')
    expect(trimReply(`Fine.\n\n${line}\n\none\ntwo`)).toBe('Fine.')
  })
})

describe('a header block of another mail ends the new text', () => {
  test.each([
    'From: Bob Stone <bob@desk.example>\nSent: Monday, June 3, 2024 10:00\nTo: Ann\nSubject: Hello',
    '*From:* Bob Stone\n*Date:* 3 June 2024\n*To:* Ann\n*Subject:* Hello',
    'Von: Bob Stone <bob@desk.example>\nGesendet: Montag, 3. Juni 2024 10:00\nAn: Ann\nBetreff: Hallo',
    'De : Bob Stone <bob@desk.example>\nEnvoyé : lundi 3 juin 2024 10:00\nÀ : Ann\nObjet : Bonjour',
    'De: Bob Stone\nEnviado: lunes, 3 de junio de 2024 10:00\nPara: Ann\nAsunto: Hola',
    'Da: Bob Stone\nInviato: lunedì 3 giugno 2024 10:00\nA: Ann\nOggetto: Ciao',
    'Van: Bob Stone\nVerzonden: maandag 3 juni 2024 10:00\nAan: Ann\nOnderwerp: Hallo',
    'Fra: Bob Stone\nSendt: 3. juni 2024 10:00\nTil: Ann\nEmne: Hej',
    'Från: Bob Stone\nSkickat: den 3 juni 2024 10:00\nTill: Ann\nÄmne: Hej',
    'Od: Bob Stone\nWysłano: poniedziałek, 3 czerwca 2024 10:00\nDo: Ann\nTemat: Cześć',
    'От: Bob Stone\nОтправлено: 3 июня 2024 г. 10:00\nКому: Ann\nТема: Привет',
    'Lähettäjä: Bob Stone\nLähetetty: maanantai 3. kesäkuuta 2024 10.00\nVastaanottaja: Ann\nAihe: Hei',
    'Kimden: Bob Stone\nGönderildi: 3 Haziran 2024 10:00\nKime: Ann\nKonu: Merhaba',
    '发件人: Bob Stone\n发送时间: 2024年6月3日 10:00\n收件人: Ann\n主题: 你好',
    '差出人: Bob Stone\n送信日時: 2024年6月3日 10:00\n宛先: Ann\n件名: こんにちは',
    '보낸 사람: Bob Stone\n보낸 날짜: 2024년 6월 3일 10:00\n받는 사람: Ann\n제목: 안녕',
  ])('%s', (block) => {
    expect(trimReply(`Fine.\n\n________________________________\n${block}\n\none\ntwo`)).toBe('Fine.')
    // above a forwarded mail it is the point of the mail
    expect(trimReply(`Fine.\n\n${block}\n\none`, { isForward: true })).toBe(`Fine.\n\n${block}\n\none`)
  })
})

describe('a divider ends the new text', () => {
  test.each([
    '-----Original Message-----',
    '----- Original Message -----',
    '-----Ursprüngliche Nachricht-----',
    '-------- Message d’origine --------',
    '-----Mensaje original-----',
    '-----Oorspronkelijk bericht-----',
    '-----Oprindelig meddelelse-----',
    '------------------ 原始邮件 ------------------',
    '-------- Исходное сообщение --------',
    '##- Please type your reply above this line -##',
    '##- Bitte geben Sie Ihre Antwort über dieser Zeile ein -##',
  ])('%s', (line) => {
    expect(trimReply(`Fine.\n\n${line}\none\ntwo`)).toBe('Fine.')
  })
})

describe('the footer of a device or client is removed', () => {
  test.each([
    'Sent from my iPhone',
    'Sent from my Samsung Galaxy smartphone.',
    'Get Outlook for iOS<https://aka.ms/o0ukef>',
    'Sent from Mail for Windows 10',
    'Sent with Proton Mail secure email.',
    'Von meinem iPhone gesendet',
    'Gesendet mit der GMX Mail App',
    'Diese Nachricht wurde von meinem Android-Gerät mit K-9 Mail gesendet.',
    'Envoyé de mon iPhone',
    'Enviado desde mi iPhone',
    'Enviado do meu iPhone',
    'Inviato da iPhone',
    'Verstuurd vanaf mijn iPad',
    'Skickat från min iPhone',
    'Sendt fra min iPhone',
    'Lähetetty iPhonesta',
    "Wysłane z iPhone'a",
    'Отправлено с iPhone',
    'Odesláno z iPhonu',
    'iPhoneから送信',
    '发自我的iPhone',
    '나의 iPhone에서 보냄',
    "iPhone'umdan gönderildi",
  ])('%s', (footer) => {
    expect(trimReply(`Fine.\n\n${footer}`)).toBe('Fine.')
  })
})

describe('other text stays', () => {
  test.each([
    ['a sentence that begins like a footer', 'Done.\n\nSent from my desk, which is easier than from my phone.'],
    ['travel plans that look like a header', 'My trip:\n\nFrom: Berlin\nTo: Rome\nDate: Monday'],
    ['a sign-off', 'Fine.\n\nKind regards,\nAnn'],
    ['dashes in a line', 'I fixed it -- at last.'],
    ['a mail that is nothing but a quotation', '> one\n> two'],
    ['a mail that is nothing but a signature', '-- \nAnn'],
    ['a sentence that ends in a colon', 'On your server you can run:\n\n  ls -l\n\nThat works.'],
    ['a line that ends in a verb of writing', 'On 3 June 2024 in Rome the two of us wrote\n\na long letter.'],
    ['a list of points', 'One:\n- a\n- b\n\nTwo:\n- c'],
    [
      'short answers between long quoted lines',
      '> Could you come on Monday or on Tuesday at around ten in the morning please?\nmonday\n> Will you ' +
        'bring the papers that I sent you on Friday last week then?\nyes',
    ],
  ])('%s', (_title, text) => {
    const wanted = text
      .split('\n')
      .filter((line) => !/^> (?:Could|Will)/.test(line))
      .join('\n')
    expect(trimReply(text)).toBe(wanted)
  })
})

test('the footer of a mailing list is removed', () => {
  expect(
    trimReply('Fine.\n\n_______________________________________________\nteam mailing list\nteam@lists.example'),
  ).toBe('Fine.')
})

test('the lines kept are lines of the text, in order', () => {
  const line = fc.oneof(
    fc.constantFrom(
      '',
      '> q',
      '-- ',
      'On 3 Jun 2024, Bob wrote:',
      'From: a@b.example',
      'Subject: x',
      'Sent: 1.1.2024',
      'Sent from my iPhone',
      '-----Original Message-----',
      '_____',
    ),
    fc.string({ unit: 'grapheme' }),
  )
  fc.assert(
    fc.property(fc.array(line), (lines) => {
      const source = lines.join('\n').split(/\r\n?|\n/)
      let at = 0
      for (const kept of trimReply(lines.join('\n')).split('\n')) {
        while (at < source.length && (source[at] ?? '').trimEnd() !== kept.trimEnd()) at++
        if (kept.trim() !== '') expect(at).toBeLessThan(source.length)
        at = Math.min(at + 1, source.length)
      }
    }),
  )
})

test('behind 5,000 lines every line without a quote sign is kept', () => {
  const text = 'a\n'.repeat(6000)
  expect(trimReply(`${text}> q\nb`)).toBe(`${text}b`)
})

test('a reply above a quotation of more than 5,000 lines or 256 KB is found', () => {
  const introduction = 'It works.\n\nOn 17 Nov 2026, at 10:23, Bob Stone <bob@desk.example> wrote:\n\n'
  expect(trimReply(introduction + '> an old line\n'.repeat(20_000))).toBe('It works.')
  expect(trimReply(introduction + 'an old line without its sign\n'.repeat(20_000))).toBe('It works.')
  expect(trimReply(introduction + `> ${'x'.repeat(900)}\n`.repeat(400))).toBe('It works.')
})

test('a forward of more than 5,000 lines keeps its content', () => {
  const text = `See below.\n\n---------- Forwarded message ---------\n${'> a line\n'.repeat(6_000)}the end`
  expect(trimReply(text)).toContain('the end')
})

describe('the marks of clients in HTML are followed', () => {
  const quote = (html: string) => findReplyText({ html, text: htmlToText(html).text }, { subject: 'Re: x' })
  test.each([
    [
      'Gmail',
      '<div>Fine.</div><div class="gmail_quote"><div class="gmail_attr">Bob:</div><blockquote ' +
        'class="gmail_quote">old</blockquote></div>',
    ],
    [
      'Outlook on the web',
      '<div>Fine.</div><div id="appendonsend"></div><hr><div id="divRplyFwdMsg">Bob</div><div>old</div>',
    ],
    ['Outlook in the web, seen by Outlook', '<div>Fine.</div><div id="x_divRplyFwdMsg">Bob</div><div>old</div>'],
    [
      'Outlook for Windows',
      '<p>Fine.</p><div style="border:none;border-top:solid #B5C4DF 1.0pt;padding:3.0pt">From: Bob</div><p>old</p>',
    ],
    ['Apple Mail', 'Fine.<br><blockquote type="cite">old</blockquote>'],
    [
      'Thunderbird',
      '<p>Fine.</p><div class="moz-cite-prefix">Bob:<br></div><blockquote type="cite" cite="mid:1">old</blockquote>',
    ],
    ['Yahoo', '<div>Fine.</div><div id="yahoo_quoted_123" class="yahoo_quoted"><div>Bob</div><div>old</div></div>'],
    ['Proton', '<div>Fine.</div><div class="protonmail_quote">Bob<blockquote>old</blockquote></div>'],
    ['Zimbra', '<div>Fine.</div><hr id="zwchr"><div>old</div>'],
    [
      'a signature of Gmail',
      '<div>Fine.</div><div class="gmail_signature" data-smartmail="gmail_signature">Ann, Customer Ltd</div>',
    ],
  ])('%s', (_client, html) => {
    expect(quote(html)).toBe('Fine.')
  })

  test('an answer between two quotations stays', () => {
    expect(
      quote('<blockquote type="cite">Colour?</blockquote>Blue.<blockquote type="cite">Size?</blockquote>Large.'),
    ).toBe('Blue.\n\nLarge.')
  })

  test('an indented paragraph is not a quotation', () => {
    expect(
      quote(
        '<div>Fine:</div><blockquote style="margin:0 0 0 40px;border:none;padding:0px">indented</blockquote>' +
          '<div class="gmail_quote"></div>',
      ),
    ).toContain('indented')
  })

  test('a mail that Outlook forwards stays', () => {
    const html = '<div>See below.</div><div id="divRplyFwdMsg">From: Carl</div><div>the offer</div>'
    expect(findReplyText({ html, text: htmlToText(html).text }, { subject: 'FW: Offer' })).toContain('the offer')
  })
})
