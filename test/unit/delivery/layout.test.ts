// The frame around outgoing mail. Whatever names, subjects and links say, nothing of them becomes markup, a link that
// is none, or another line.

import { describe, expect, test } from 'vitest'

import { accentOf, renderCard } from '../../../src/delivery/layout/card.ts'
import { directionOf, linkUrl } from '../../../src/delivery/layout/html.ts'
import { renderLetter } from '../../../src/delivery/layout/letter.ts'
import { renderMarkdown } from '../../../src/delivery/layout/markdown.ts'
import { htmlToText } from '../../../src/mail/html/to-text.ts'

const evil = '"><script>alert(1)</script><img src=x onerror=alert(1)>\r\nBcc: x@evil.example'

describe('a card', () => {
  const card = renderCard({
    language: evil,
    from: evil,
    color: '#12345"onload=',
    preheader: evil,
    sections: [
      [
        { kind: 'title', text: evil },
        { kind: 'text', text: evil },
        { kind: 'quiet', text: evil },
        { kind: 'code', text: evil },
        { kind: 'facts', text: evil, rows: [[evil, evil]] },
        { kind: 'items', items: [evil] },
        { kind: 'button', label: evil, text: evil, url: `https://mail.example/${evil}` },
        { kind: 'button', label: 'Open', text: 'Open', url: 'javascript:alert(1)' },
        { kind: 'files', label: evil, files: [{ name: evil, url: 'data:text/html,x' }], more: evil },
        { kind: 'message', who: evil, remark: evil, words: { text: 'words', html: 'words' } },
      ],
    ],
    footer: { text: evil, label: evil, url: 'vbscript:x' },
  })

  test('has no markup of its values', () => {
    expect(card.html).not.toMatch(/<script|<img|onload=|(?:javascript|data|vbscript):/i)
    expect(card.html.match(/<html[^>]*>/g)).toHaveLength(1)
  })

  test('fetches nothing', () => {
    expect(card.html).not.toMatch(/<(?:img|link|iframe|script)|url\(|@import|@font-face/i)
  })

  const plain = renderCard({
    language: 'en',
    from: 'Acme Support',
    color: '#0f766e',
    preheader: 'What an inbox shows',
    sections: [
      [
        { kind: 'text', text: 'First.' },
        { kind: 'button', label: 'Open it', text: 'Open it', url: 'https://mail.example/1' },
      ],
      [{ kind: 'items', items: ['one', 'two'] }],
    ],
    footer: { text: 'Why.', label: 'Change', url: 'https://mail.example/settings' },
  })

  test('reads well as plain text', () => {
    expect(plain.text).toBe(
      'First.\n\nOpen it: https://mail.example/1\n\n---\n\n- one\n- two\n\n---\n\nWhy. Change: https://mail.example/settings',
    )
  })

  test('shows its preheader to no reader of the mail', () => {
    expect(plain.html).toContain('What an inbox shows')
    expect(htmlToText(plain.html).text).not.toContain('What an inbox shows')
  })

  test.each([
    ['#000000', '#ffffff'],
    ['#ffffff', '#111111'],
    ['#ffd400', '#111111'],
    ['#0f766e', '#ffffff'],
    ['red', '#ffffff'],
  ])('a button in %s has the ink %s', (color, ink) => {
    expect(accentOf(color).ink).toBe(ink)
  })
})

describe('a letter', () => {
  test('has words, files, signature, quotation and remarks in this order', () => {
    const both = (text: string) => ({ text, html: text })
    const { text, html } = renderLetter({
      language: 'en',
      words: both('Words'),
      links: {
        label: 'Attachments:',
        files: [{ name: '<film>.mp4', url: 'https://mail.example/attachments/x/film.mp4' }],
      },
      signature: both('Ann'),
      quotation: both('> Quoted'),
      remarks: [both('Remark')],
    })
    expect(text).toBe(
      'Words\n\nAttachments:\n<film>.mp4: https://mail.example/attachments/x/film.mp4\n\n-- \nAnn\n\n> Quoted\n\n' +
        '---\n\nRemark',
    )
    expect(html).toMatch(
      /Words.*href="https:\/\/mail\.example\/attachments\/x\/film\.mp4">&#60;film.*Ann.*Quoted.*Remark/s,
    )
  })

  test('is the words alone in plain text when there is nothing else', () => {
    expect(renderLetter({ language: 'en', words: renderMarkdown('Hello **you**') }).text).toBe('Hello you')
  })

  test.each([
    ['שלום', 'rtl'],
    ['… 12 مرحبا', 'rtl'],
    ['Hello שלום', 'ltr'],
    ['12', 'ltr'],
  ])('the words %s run %s', (words, direction) => {
    expect(directionOf(words)).toBe(direction)
    expect(renderLetter({ language: 'en', words: renderMarkdown(words) }).html).toContain(
      `<html lang="en" dir="${direction}">`,
    )
  })
})

describe('a link', () => {
  test.each([
    ['https://shop.example/1?a=b#c', true],
    ['mailto:ann@example.com', true],
    ['HTTP://shop.example', true],
    ['javascript:alert(1)', false],
    [' javascript:alert(1)', false],
    ['java\nscript:alert(1)', false],
    ['data:text/html,x', false],
    ['vbscript:x', false],
    ['file:///etc/passwd', false],
    ['cid:x', false],
    ['//shop.example', false],
    ['https://shop.example/\r\nx', false],
    ['https://shop.example/"x', false],
  ])('%j may be opened: %s', (url, isLink) => {
    expect(linkUrl(url) !== null).toBe(isLink)
  })

  test.each([
    'javascript:alert(1)',
    'data:text/html,x',
    'vbscript:x',
    'file:///etc/passwd',
    '//shop.example',
    'ftp://x',
  ])('to %s is none in Markdown', (url) => {
    expect(renderMarkdown(`[x](${url})`).html).not.toContain('href=')
  })

  test('a picture of the mail is shown, and is no link', () => {
    expect(renderMarkdown('![Chart](cid:a@b) [x](cid:a@b)').html).toMatch(
      /<img src="cid:a@b" alt="Chart"[^>]*> <a>x<\/a>/,
    )
    expect(renderMarkdown('![Chart](cid:a@b)').text).toBe('[Chart]')
  })
})
