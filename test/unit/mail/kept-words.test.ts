// Mail of people that resembles the marks of mail clients. Nothing in it is a quotation, so every word stays.

import { expect, test } from 'vitest'

import { findReplyText } from '../../../src/mail/reply-text/find-reply-text.ts'

const fold = (text: string): string => text.replace(/\s+/g, ' ').trim()

test.each([
  'Hello,\n\nOn 12 May 2026 I wrote:\n\nPlease cancel my order.\n\nNothing happened.',
  'Hello,\n\nIn my email of 12.05.2026 I wrote:\n\nPlease cancel my order.',
  'Hello,\n\nAs your colleague wrote on 3 June 2026:\n\nThe refund takes five days.\n\nIt took ten.',
  'Hallo,\n\nam 12.05.2026 um 10:00 schrieb ich:\n\nBitte stornieren.\n\nNichts ist passiert.',
  'Hallo,\n\nam 12.05.2026 um 10:00 habe ich Ihnen geschrieben:\n\nBitte stornieren.',
  "Bonjour,\n\nle 12/05/2026 je vous ai écrit :\n\nMerci d'annuler.",
  'Hola,\n\nel 12 de mayo de 2026 le escribí:\n\nPor favor cancele.',
  'Hi,\n\nOn 12 May 2026 you wrote:\n\nYour parcel is lost.\n\nIs it still?',
  'Hi,\n\nThe meeting is on 12 May 2026 at 10:00:\n\nPlease come.',
  'Hi,\n\nOur schedule for 12.05.2026, 10:30:\n\nfirst talk\nsecond talk',
  'Hi,\n\nInvoice of 12.05.2026 (billing@shop.example):\n\nthe sum is wrong.',
  'Hi,\n\nWhat Bob said on 12 May 2026 at 10:00:\n\nwe pay back.',
  'Hi,\n\nFrom: 12 May 2026\nTo: 14 May 2026\nSubject: holiday\n\nPlease confirm the booking.',
  'Hi, here is my data:\n\nName: Ann\nDate: 12 May 2026 10:00\nTo: Oslo\nSubject: complaint\n\nThe parcel broke.',
  'Details:\n\nFrom: Oslo\nTo: Bergen\nDate: 12 May 2026 10:00\n\nTwo people.',
  'Hi,\n\nTo: the sales team\nFrom: Ann, purchasing\nSubject: price list\n\nplease send the price list.',
  'Please print on the label:\n\n---------- Fragile ----------\n\nand send it.',
  'Dear team,\n\n--- Summary ---\nIt broke.\n\n--- Details ---\nThe pump leaks.',
  'Steps:\n\n1. open\n2. click\n\n-----\n\n3. it crashes with a long message that says that nothing works any more.',
  'Hi,\n\nmy address:\n\n--\nAnn Smith\nOslo',
  'Hi\n\nSent from Oslo on Monday, parcel 12.',
  'Which phone? Sent from my old one it failed.\n\nThanks.',
  'Hello,\n\nmy message was:\n\nReply above this line\n\nwhat does it mean?',
  'Yes.\n\n***\n\nBy the way, can you also change the address of the second order to Bergen, please?',
  'Original message\n\nWhat does "original message" mean in your mail?',
  'Hi\nOriginal message:\nthe pump leaks',
  'Dear all,\n\nBob Stone <bob@desk.example> told me on 12 May 2026:\n\nask support.',
  'My contact:\nBob Stone <bob@desk.example>:\nplease call him.',
  '2026-05-12 10:00 Ann <ann@x.example>:\nplease add this person to the list.',
  'Log:\n2026-05-12 10:00:00 error in line 5:\nout of memory\n2026-05-12 10:01:00 exit',
  'Hi,\n\nQuoting your terms:\n\nThe buyer may return goods.\n\nSo I do.',
  'Hi,\n\nZitat:\n\nDer Käufer darf zurückgeben.\n\nAlso tue ich das.',
  'Ann wrote:\n\nHello there, this is all I have.',
  'Yes\n\nAnn wrote:\n\nHello there, this is all I have.',
  'Can you call me?\n\nAm 12.05.2026 um 10:30:\nich bin da.',
  'Order list\n======\npump 12\nvalve 3\n======\nhose 5',
  'Ja.\n\nVon: Oslo\nAn: Bergen\nDatum: 12.05.2026\n\nZwei Personen.',
  'Please forward this to Bob:\n\nForwarded message:\nthe pump leaks',
  'Hi\n\n____\n\nplease fill the gap, and tell me what belongs there.',
  'I agree.\n\n--\n\nNow to the second question: when does it ship?',
  'Hello\n\nunsubscribe me from the mailing list, please\n',
  'Hello\n\n______________________________\nplease unsubscribe me from the mailing list, I asked three times.',
  'Hello,\n\nI confirm the text:\n\n"This email is confidential."\n\nIs it valid?',
  'Get Outlook for iOS does not work.\nPlease help.',
  '发自我的手机的邮件有问题，请帮忙看一下。',
  // what the writer announces
  'Here is the log:\n\nhost app: wrote:\nFrom: a@b.example\nTo: c@d.example\nSubject: test\n' +
    'Date: Tue, 17 Nov 2026 10:23:11 +0100\n\nThen it stops.',
  'The headers are\n\nReturn-Path: <x@evil.example>\nReceived: from evil.example\n by mx.example\n' +
    'From: <x@evil.example>\nTo: me@customer.example\nSubject: Account\n' +
    'Date: Mon, 16 Nov 2026 08:00:00 +0000\n\nWhat now?',
  'My filter:\nfrom: news@desk.example\nsubject: offer\nto: ann@customer.example\nIt does not work.',
  'Failed logins:\n17.11.2026 10:23 Ann <ann@customer.example>:\nwrong password\n' +
    '18.11.2026 10:25 Bo <bo@customer.example>:\nlocked',
  'Name: Ann\nDate: 12 May 2026 10:30\nFrom: Order page\nSubject: Damaged\nMessage: It was wet.',
  'Your terms say:\n\n> The buyer may return goods within 14 days.\n\nSo please refund.',
  'I ran this:\n\n> npm install\n> npm start\n\nand it failed.',
  'My screen says:\n\nThis email has been checked for viruses by Avast\n\nWhy?',
  'Each of your mails ends with:\n------------------------------\n' +
    'You received this message because you subscribed.\nUnsubscribe: https://desk.example/u\n' +
    '------------------------------\nbut the link is dead.',
  // below a salutation alone
  'Sehr geehrte Damen und Herren,\n\nVon: Ann Schmidt, ann@customer.example\nAn: Shop, info@desk.example\n' +
    'Betreff: Widerruf\n\nHiermit widerrufe ich.',
  'Hello\n--------------------\nThe link https://desk.example/u to unsubscribe fails.',
  // rules that are no mark of a signature
  'Part one is the invoice\n---\nPart two\nInvoice 12',
  'Please cancel\n----\n4711\n4712',
  'Please pay to\n\n-------------\nIBAN NO93 8601 1117 947',
  'Total: 300 USD\n-30 USD\n=====\n270 USD',
  'Problem\n-------\nPump leaks',
  'I want the blue one\n—\nnot the red one',
  'I would like 30 pieces\n~~~\nBlue Ones',
  // dividers in words of the writer
  'I need the\n--- original ---\nand not the copy',
  'Change the label?\nPlease write "Fragile" above the address line.\nThanks',
  // how things were sent
  'Das Paket kam nicht an.\n\nVon meinem Nachbarn mit Handy gefilmt\n\nVideo hängt an.',
  'Wann?\n\nGesendet von Köln mit Mobil-Kurier\n\nStimmt das?',
  'Colis 12\n\nEnvoyé depuis Paris par mobile courrier\n\nReçu à Lyon',
  'Посылка 12\n\nОтправлено из Москвы почтой\n\nКогда придёт?',
])('%j keeps all words', (text) => {
  expect(fold(findReplyText({ text, html: null }, { subject: 'Re: Order 12' }))).toBe(fold(text))
})

test.each(['-- ', '--'])('a postscript below the signature %j is kept', (mark) => {
  const text = `Please cancel it.\n${mark}\nAnn Smith\nSales\n\nPS: please refund the shipping, too.`
  expect(fold(findReplyText({ text, html: null }, { subject: 'Re: Order 12' }))).toBe(
    'Please cancel it. PS: please refund the shipping, too.',
  )
})
