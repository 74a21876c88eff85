// Signatures: harmless whatever their HTML says, once per mail, and the agent's before the inbox's.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { cleanHtml } from '../../../src/delivery/layout/clean-html.ts'
import { renderSignature, signed } from '../../../src/delivery/layout/signature.ts'

describe('the HTML of a signature', () => {
  test.each([
    ['<p>Ann<br><b>Acme</b></p>', '<p>Ann<br><b>Acme</b></p>'],
    ['<script>x</script><style>p{}</style>Ann', 'Ann'],
    ['<p onclick="x()">Ann</p>', '<p>Ann</p>'],
    ['<a href="javascript:x">Ann</a>', '<a>Ann</a>'],
    ['<a href="jav&#x61;script:x">Ann</a>', '<a>Ann</a>'],
    ['<a href="https://acme.example/?a=1&amp;b=2">x</a>', '<a href="https://acme.example/?a=1&#38;b=2">x</a>'],
    ['<img src="data:image/png;base64,x">', ''],
    ['<img src="https://acme.example/logo.png" width="80">', '<img src="https://acme.example/logo.png" width="80">'],
    ['<p style="color:red;position:fixed;background:url(x)">Ann', '<p style="color:red">Ann</p>'],
    ['<p style="color:expression(alert(1))">Ann</p>', '<p>Ann</p>'],
    ['</div></table><b>Ann', '<b>Ann</b>'],
    ['<div><p>Ann</div>end', '<div><p>Ann</p></div>end'],
    ['a < b &lt;script&gt;', 'a &#60; b &#60;script&#62;'],
    ['<iframe src=x></iframe><form><input></form>', ''],
  ])('%s is %s', (source, html) => {
    expect(cleanHtml(source)).toBe(html)
  })

  test('has listed elements and attributes only, each closed, for any text', () => {
    const piece = fc.constantFrom(
      '<',
      '>',
      '"',
      "'",
      '<p',
      '<a href=',
      '<img src="',
      '<b>',
      '</p>',
      '<!--',
      '-->',
      'x',
      '=',
      ' on',
      '&lt;',
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        const html = cleanHtml(pieces.join(''))
        const opened = [...html.matchAll(/<([a-z]\w*)/g)].map(([, name]) => name).filter((name) => name !== 'img')
        const closed = [...html.matchAll(/<\/([a-z]\w*)/g)].map(([, name]) => name)
        expect(opened.sort()).toEqual(closed.sort())
        expect(html.replace(/"[^"]*"/g, '')).not.toMatch(/<[^>]*\son\w*=/)
      }),
    )
  })

  test('deep nesting is flattened', () => {
    expect(cleanHtml('<div>'.repeat(5_000)).length).toBeLessThan(1_000)
  })

  test('has a plain text', () => {
    expect(renderSignature('<p>Ann</p><p><a href="https://acme.example">Acme</a></p>').text).toBe(
      'Ann\n\nAcme <https://acme.example>',
    )
    expect(renderSignature('**Ann**\nAcme').text).toBe('Ann\nAcme')
  })
})

describe('the signature of a mail', () => {
  const textOf = (content: string, given: Parameters<typeof signed>[1]) => {
    const { words, signature } = signed(content, given)
    return [words, signature?.text ?? null]
  }

  test.each([
    [
      'is the agent’s where a client put it',
      'Hello\n\nAnn',
      { agent: 'Ann', isAdded: false, inbox: 'Acme' },
      ['Hello', 'Ann'],
    ],
    ['is found below dashes', 'Hello\n\n--\n\nAnn\n', { agent: 'Ann', isAdded: false, inbox: null }, ['Hello', 'Ann']],
    ['is the inbox’s without it', 'Hello', { agent: 'Ann', isAdded: false, inbox: 'Acme' }, ['Hello', 'Acme']],
    ['is added to an answer by mail', 'Hello', { agent: 'Ann', isAdded: true, inbox: 'Acme' }, ['Hello', 'Ann']],
    ['is not repeated', 'Hello\n\nAnn', { agent: 'Ann', isAdded: true, inbox: null }, ['Hello', 'Ann']],
    [
      'is no part of a sentence',
      'Regards to Ann',
      { agent: 'Ann', isAdded: false, inbox: null },
      ['Regards to Ann', null],
    ],
    ['is none without one', 'Hello', { agent: ' ', isAdded: true, inbox: null }, ['Hello', null]],
    ['is none for a machine', 'Hello', null, ['Hello', null]],
  ])('%s', (_what, content, given, expected) => {
    expect(textOf(content, given)).toEqual(expected)
  })
})
