// The words of an outgoing mail twice, and nothing of an agent's or customer's text ever runs.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { renderMarkdown } from '../../../src/delivery/layout/markdown.ts'

describe('the bodies', () => {
  test('are plain text without Markdown, and HTML of the Markdown', () => {
    const { text, html } = renderMarkdown('Dear **Jane**,\nit is [here](https://shop.example/1).')
    expect(text).toBe('Dear Jane,\nit is here (https://shop.example/1).')
    expect(html).toContain('<strong>Jane</strong>,<br>')
    expect(html).toContain('<a href="https://shop.example/1">here</a>')
  })

  test.each([
    ['plain words, 2 * 3 = 6, snake_case and C:\\temp\\_new', null],
    ['2*3*4 is 24', null],
    ['a_b_c and a__b__c', null],
    ['  indented\n\n\n\nafter three lines  ', null],
    ['Mira Sand\n---', null],
    ['> quoted\n> twice\n\nanswer', null],
    ['1. one\n2. two\n\n- a\n- b', null],
    ['| a | **b** |\n|---|---|\n| 1 | 2 |', null],
    ['https://shop.example/1 and ann@example.com', null],
    ['**bold**, *slanted*, ~~gone~~ and `code`', 'bold, slanted, gone and code'],
    ['***both*** and **a *b* c**', 'both and a b c'],
    ['# Title\n\n## Part ##', 'Title\n\nPart'],
    ['> **quoted** [x](https://x.example)', '> quoted x (https://x.example)'],
    ['- **a**\n  - [b](https://b.example)', '- a\n  - b (https://b.example)'],
    ['[https://x.example/a](https://x.example/a)', 'https://x.example/a'],
    ['<https://x.example/a>', 'https://x.example/a'],
    ['[write](mailto:ann@example.com)', 'write (mailto:ann@example.com)'],
    ['![logo](https://x.example/l.png)', 'logo (https://x.example/l.png)'],
    ['1 \\* 2 \\_ 3', '1 * 2 _ 3'],
    ['```js\nconst a = **b**\n```\nafter', 'const a = **b**\nafter'],
    ['```\nnever closed', 'never closed'],
    ['line one\\\nline *two*', 'line one\nline two'],
    ['`a\nb` c', 'a b c'],
    ['x **a\nb** y', 'x a\nb y'],
  ])('%j is %j as text; null is itself', (content, text) => {
    expect(renderMarkdown(content).text).toBe(text ?? content)
  })

  test('text without Markdown is unchanged', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z .,!?\n\t-]{0,80}$/), (content) => {
        expect(renderMarkdown(content).text).toBe(content)
      }),
    )
  })

  test.each([
    ['One\n\nTwo', 0],
    ['One\n\n\nTwo', 1],
    ['One\n\n\n\nTwo', 2],
    ['One\r\n\r\n \t\r\n\r\nTwo', 2],
    ['One\n\n\n\n- a\n- b\n\n\n\nTwo', 4],
    ['\n\n\nOne\n\n\n', 0],
    ['> One\n>\n>\n>\n> Two', 2],
    ['> One\n\n\n\nTwo', 2],
    ['- a\n\n\n\n- b', 0],
    ['# One\n\n\nTwo\n\n\n---\n\n\n| a |\n|---|\n| b |', 3],
    ['```\na\n\n\n\nb\n```', 0],
  ])('keep the blank lines of the author: %j has %i beyond paragraphs', (content, extra) => {
    const { text, html } = renderMarkdown(content)
    const blankLines = (words: string) => words.split(/\r?\n/).filter((line) => line.trim() === '').length
    expect(blankLines(text)).toBe(blankLines(content))
    expect(html.match(/<br>/g) ?? []).toHaveLength(extra)
  })

  test('have a size limit with any number of blank lines', () => {
    expect(renderMarkdown(`One${'\n'.repeat(50_000)}Two`).html.length).toBeLessThan(1_000)
  })

  test.each([
    ['C:\\temp\\_new', 'C:\\temp\\_new'],
    ['see C:\\temp\\_new_\\*.txt, please', 'see C:\\temp\\_new_\\*.txt, please'],
    ['(d:\\a\\_b_\\c)', '(d:\\a\\_b_\\c)'],
    ['\\\\server\\share\\_x_', '\\\\server\\share\\_x_'],
    ['`C:\\temp\\_new`', '<code>C:\\temp\\_new</code>'],
    ['snake\\_case and \\*stars\\*', 'snake_case and *stars*'],
    ['**C:\\temp\\_new**', '<strong>C:\\temp\\_new</strong>'],
  ])('keep backslashes in paths only: %s', (content, words) => {
    expect(renderMarkdown(content).html).toContain(`<p>${words}</p>`)
  })

  test.each(['Mira Sand\n---', 'Mira Sand\n===', 'Dear Jane,\nthanks\n--\nMira'])(
    'do not turn a line above dashes into a heading: %j',
    (content) => {
      expect(renderMarkdown(content).html).not.toMatch(/<h[1-6]/)
    },
  )

  test.each([
    '<script>alert(1)</script>',
    '<img src=x onerror=alert(1)>',
    '[x](javascript:alert(1))',
    '[x](data:text/html,<script>1</script>)',
    '![x](javascript:alert(1))',
    '<a href="javascript:1">x</a>',
  ])('never run %s', (content) => {
    const { html } = renderMarkdown(content)
    expect(html).not.toMatch(/<script|<img src=x|href="(?:javascript|data):|src="javascript:/i)
  })

  test('contain only elements of Markdown, for any text', () => {
    const piece = fc.constantFrom(
      '<',
      '>',
      '"',
      '&',
      '`',
      '*',
      '[',
      '](',
      ')',
      'javascript:',
      'script',
      '\n',
      '\\',
      'http://x.example',
      ' ',
      'onload=',
    )
    fc.assert(
      fc.property(fc.array(fc.oneof(piece, fc.string({ maxLength: 4 })), { maxLength: 30 }), (pieces) => {
        const { html } = renderMarkdown(pieces.join(''))
        const elements = [...html.matchAll(/<([a-z][a-z0-9]*)/gi)].map((match) => match[1]?.toLowerCase())
        const allowed = [
          'html',
          'body',
          'p',
          'br',
          'strong',
          'em',
          'code',
          'pre',
          'a',
          'ul',
          'ol',
          'li',
          'blockquote',
          'hr',
          'h1',
          'h2',
          'h3',
          'h4',
          'h5',
          'h6',
          'img',
          's',
          'table',
          'thead',
          'tbody',
          'tr',
          'th',
          'td',
        ]
        expect(elements.filter((name) => !allowed.includes(name ?? ''))).toEqual([])
      }),
    )
  })
})
