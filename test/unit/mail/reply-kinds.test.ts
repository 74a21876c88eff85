// Kinds of replies that were read wrongly in the field, each in words of our own.

import { describe, expect, test } from 'vitest'

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
