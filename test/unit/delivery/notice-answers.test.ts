// An agent's answer above a notice that no mail client marked as quoted: the notice is cut off, in each language.

import { describe, expect, test } from 'vitest'

import { renderCard } from '../../../src/delivery/layout/card.ts'
import { languages, wordsFor } from '../../../src/delivery/words/words.ts'
import { htmlToText } from '../../../src/mail/html/to-text.ts'
import { findReplyText } from '../../../src/mail/reply-text/find-reply-text.ts'

describe.each(Object.keys(languages))('a notice in %s', (language) => {
  const { say } = wordsFor(language)
  const { text, html } = renderCard({
    language,
    from: 'Support',
    color: null,
    preheader: '',
    above: say('notice.above'),
    sections: [[{ kind: 'text', text: 'The shoes are too small.' }]],
  })

  test.each([
    ['text', text],
    ['HTML', htmlToText(html).text],
  ])('is cut off an answer that repeats its %s', (_part, notice) => {
    expect(notice).toContain(say('notice.above'))
    const words = { text: `We send you the larger size.\n\n${notice}`, html: null }
    expect(findReplyText(words, { subject: 'Re: Shoes' }).trim()).toBe('We send you the larger size.')
  })
})
