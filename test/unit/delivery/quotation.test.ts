// What we quote below an answer is recognised by our own reader when it comes back: in each language, as text and as
// HTML, by itself and quoted again by a mail client.

import { describe, expect, test } from 'vitest'

import { renderLetter } from '../../../src/delivery/layout/letter.ts'
import { renderMarkdown } from '../../../src/delivery/layout/markdown.ts'
import { quotationOf } from '../../../src/delivery/letter.ts'
import { languages, wordsFor } from '../../../src/delivery/words/words.ts'
import { htmlToText } from '../../../src/mail/html/to-text.ts'
import { findReplyText } from '../../../src/mail/reply-text/find-reply-text.ts'

const at = new Date('2026-12-01T10:23:00Z')
const quote = (lines: string) =>
  lines
    .split('\n')
    .map((line) => (line === '' || line.startsWith('>') ? `>${line}` : `> ${line}`))
    .join('\n')
const clients = {
  gmail: (new_: string, { text, html }: { text: string; html: string }) => ({
    text: `${new_}\n\nOn Tue, 1 Dec 2026 at 12:00, Acme Support <support@acme.example>\nwrote:\n\n${quote(text)}`,
    html:
      `<div dir="ltr">${new_}</div><br><div class="gmail_quote gmail_quote_container"><div dir="ltr" ` +
      'class="gmail_attr">On Tue, 1 Dec 2026 at 12:00, Acme Support &lt;support@acme.example&gt; wrote:<br></div>' +
      '<blockquote class="gmail_quote" style="margin:0px 0px 0px 0.8ex;border-left:1px solid rgb(204,204,204)">' +
      `${html}</blockquote></div>`,
  }),
  outlook: (new_: string, { text, html }: { text: string; html: string }) => {
    const head =
      'From: Acme Support <support@acme.example>\nSent: Tuesday, December 1, 2026 12:00 PM\n' +
      'To: Jane\nSubject: Re: Order'
    return {
      text: `${new_}\n\n${head}\n\n${text}`,
      html:
        `<p>${new_}</p><div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0in 0in 0in">` +
        `<p>${head.replace('<', '&lt;').replace('>', '&gt;').replaceAll('\n', '<br>')}</p></div>${html}`,
    }
  },
}

describe.each(Object.keys(languages))('a quotation in %s', (locale) => {
  const words = wordsFor(locale)
  const quoted = { name: 'Jane Doe', email: 'jane@example.com', timezone: 'Europe/Berlin', at }
  const answer = (content: string, answered: string) =>
    renderLetter({
      language: words.language,
      words: renderMarkdown(content),
      quotation: quotationOf(words, { ...quoted, content: answered }),
    })
  const readBack = ({ text, html }: { text: string; html: string }) => ({
    text: findReplyText({ text, html: null }, { subject: 'Re: Order' }).trim(),
    html: findReplyText({ text: htmlToText(html).text, html }, { subject: 'Re: Order' }).trim(),
  })
  const mail = answer('It left today.\n\nMore tomorrow.', 'Where is my order?\nIt is late.\n\n> an older line')

  test('is removed from the mail itself', () => {
    const only = 'It left today.\n\nMore tomorrow.'
    expect(readBack(mail)).toEqual({ text: only, html: only })
  })

  test('shows the name and no address', () => {
    expect(mail.text).toContain('Jane Doe')
    expect(mail.text + mail.html).not.toContain('@example.com')
    expect(mail.html).toMatch(/class="gmail_quote".*<blockquote class="gmail_quote" type="cite"/s)
  })

  test.each(Object.entries(clients))('one level in an answer from %s is removed', (_name, client) => {
    expect(readBack(client('Thank you.', mail))).toEqual({ text: 'Thank you.', html: 'Thank you.' })
  })

  test.each(Object.entries(clients))('three levels in an answer from %s are removed', (_name, client) => {
    const first = client('Thank you.', mail)
    const second = answer('You are welcome.', first.text)
    const third = client('One more thing.', second)
    expect(readBack(second).text).toBe('You are welcome.')
    expect(readBack(third)).toEqual({ text: 'One more thing.', html: 'One more thing.' })
  })
})

test('reply addresses in a quoted mail are masked', () => {
  const address = `reply+${'0123456789abcdef'.repeat(2)}@reply.example`
  const { text, html } = quotationOf(wordsFor('en'), {
    name: '',
    email: 'jane@example.com',
    content: `Write to ${address}`,
    at,
    timezone: 'UTC',
  })
  expect(text + html).not.toContain('0123456789abcdef0123456789abcdef')
  expect(text).toContain('jane@example.com wrote:')
})
