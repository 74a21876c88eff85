// Mailgun's parsed mode: `message-headers`, `body-plain`, `body-html`, `attachment-N`. Mailgun has made UTF-8 of the
// texts, so the result is a mail with the same text, not the original: raw mode is better.

import { type PartFile, synthesise } from '../../mail/synthesise.ts'
import type { Form } from '../reading/form.ts'
import { type Fields } from '../reading/head.ts'
import { listOf, optionalText, parseJson, shapeFault } from '../reading/json.ts'

/** True if the form holds the parts of a mail. Never throws. */
export function isParsed(form: Form): boolean {
  return ['body-plain', 'body-html', 'message-headers'].some((name) => form.last(name) !== null)
}

/** The raw mail of the form's parts. Throws `MailError('malformed')`. */
export function synthesiseParsed(form: Form): Buffer {
  const ids = contentIds(form)
  const files = form.parts.filter(({ name }) => /^attachment-\d+$/.test(name))
  return synthesise({
    headers: messageHeaders(form),
    fallback: [
      ['From', form.text('from')],
      ['Subject', form.text('subject')],
    ],
    text: form.text('body-plain'),
    html: form.text('body-html'),
    attachments: files.map(({ name, filename, contentType, bytes }): PartFile => {
      const contentId = ids.get(name) ?? null
      return { filename, contentType, contentId, inline: contentId !== null, bytes }
    }),
  })
}

/** `message-headers`, a list of pairs in their order; empty when there are none. Throws `MailError('malformed')`. */
export function messageHeaders(form: Form): Fields {
  const text = form.text('message-headers')
  if (text === null || text === '') return []
  return listOf(parseJson(text, 'message-headers'), 'message-headers').map((pair) => {
    const [name, value] = listOf(pair, 'message-headers')
    if (typeof name !== 'string' || typeof value !== 'string')
      throw shapeFault('message-headers holds no pairs of text')
    return [name, value] as const
  })
}

// seen: keys that are empty, and the same key twice, so not by JSON.parse alone: the last would win.
function contentIds(form: Form): Map<string, string> {
  const text = form.text('content-id-map') ?? ''
  const pairs = [...text.matchAll(/"((?:[^"\\]|\\.)*)"\s*:\s*"((?:[^"\\]|\\.)*)"/g)].map(
    ([, id = '', name = '']) => [name, unescapeJson(id).replace(/^<|>$/g, '')] as const,
  )
  return new Map(pairs.filter(([, id]) => id !== ''))
}

function unescapeJson(text: string): string {
  return optionalText(parseJson(`"${text}"`, 'content-id-map'), 'content-id-map') ?? ''
}
