// The two bodies of an outgoing mail: the same words twice, and nothing of an agent's or customer's text ever runs.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { renderBodies } from '../../../src/delivery/render.ts'

describe('the bodies', () => {
  test('are the words as they were written, and their Markdown as HTML', () => {
    const { text, html } = renderBodies('Dear **Jane**,\nit is [here](https://shop.example/1).', [])
    expect(text).toBe('Dear **Jane**,\nit is [here](https://shop.example/1).')
    expect(html).toContain('<strong>Jane</strong>,<br>')
    expect(html).toContain('<a href="https://shop.example/1">here</a>')
  })

  test('name files that are too large to travel', () => {
    const { text, html } = renderBodies('See below.', [{ name: 'film.mp4', url: 'https://mail.example/attachments/x/film.mp4' }])
    expect(text).toMatch(/Attachments:\nfilm\.mp4: https:\/\/mail\.example/)
    expect(html).toContain('href="https://mail.example/attachments/x/film.mp4"')
  })

  test.each(['<script>alert(1)</script>', '<img src=x onerror=alert(1)>', '[x](javascript:alert(1))', '[x](data:text/html,<script>1</script>)', '![x](javascript:alert(1))', '<a href="javascript:1">x</a>'])('never run %s', (content) => {
    const { html } = renderBodies(content, [])
    expect(html).not.toMatch(/<script|<img src=x|href="(?:javascript|data):|src="javascript:/i)
  })

  test('whatever the words, there are no elements but Markdown’s', () => {
    const piece = fc.constantFrom('<', '>', '"', '&', '`', '*', '[', '](', ')', 'javascript:', 'script', '\n', '\\', 'http://x.example', ' ', 'onload=')
    fc.assert(
      fc.property(fc.array(fc.oneof(piece, fc.string({ maxLength: 4 })), { maxLength: 30 }), (pieces) => {
        const { text, html } = renderBodies(pieces.join(''), [])
        expect(text).toBe(pieces.join(''))
        const elements = [...html.matchAll(/<([a-z][a-z0-9]*)/gi)].map((match) => match[1]?.toLowerCase())
        const allowed = ['html', 'body', 'p', 'br', 'strong', 'em', 'code', 'pre', 'a', 'ul', 'ol', 'li', 'blockquote', 'hr', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'img', 's', 'table', 'thead', 'tbody', 'tr', 'th', 'td']
        expect(elements.filter((name) => !allowed.includes(name ?? ''))).toEqual([])
      }),
    )
  })
})
