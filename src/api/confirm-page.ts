// GET PUBLIC_URL/confirm/<code>: a page with one button; POST to it consumes the one-time link. Mail scanners fetch
// every link of a mail, so GET changes nothing (RFC 9110 §9.2.1). No script, no cookie; the address is kept from
// caches and other sites. It is in the language of the mail; of a link that is not valid, in that of the browser. 200,
// 404, 409, 429.

import express from 'express'

import type { LinkOutcome, LinkQuestion, PageReader, PageText } from '../conversations/links/link-page.ts'
import { timeOf, timeOfDay } from '../delivery/words/time-of.ts'
import { type Words, wordsFor } from '../delivery/words/words.ts'
import type { Ledger } from '../ledger.ts'
import { type Limits, strangerOf, within } from './input/limits.ts'

type Page = Omit<LinkQuestion, 'button'> & Partial<Pick<LinkQuestion, 'button'> & Pick<LinkOutcome, 'words'>>

const gone: Page = {
  reader: { locales: [], timeZone: 'UTC' },
  title: { id: 'gone.title' },
  sentences: [{ id: 'gone.text' }],
  conversation: null,
}

const headers = {
  'content-security-policy':
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-robots-tag': 'noindex',
}

const dayMs = 86_400_000

// The colours of the client (web/styles/tokens.css), in both themes.
const style = `
:root{color-scheme:light dark;--ground:#f8f7f6;--card:#fff;--text:#1c1f26;--line:#e2e1df;
--accent:#2f5fc4;--on-accent:#fff}
@media (prefers-color-scheme:dark){:root{--ground:#0f1114;--card:#181b1f;--text:#e9eaed;--line:#2c3036;
--accent:#8db4f7;--on-accent:#0d1420}}
*{box-sizing:border-box}
body{margin:0;padding:clamp(1rem,10vh,6rem) 1rem 2rem;font:1rem/1.5 system-ui,"Segoe UI",Roboto,sans-serif;
color:var(--text);background:var(--ground);overflow-wrap:anywhere}
main{max-width:34rem;margin:0 auto;padding:2rem;border:1px solid var(--line);border-radius:.625rem;
background:var(--card)}
h1{margin:0 0 .75rem;font-size:1.375rem;line-height:1.3}
p{margin:0 0 .5rem}
pre{margin:1rem 0 0;padding:1rem;border:1px solid var(--line);border-radius:.375rem;background:var(--ground);
font:inherit;white-space:pre-wrap}
form{margin-top:1.25rem}
button{min-height:2.75rem;padding:.5rem 1.25rem;border:0;border-radius:.375rem;background:var(--accent);
color:var(--on-accent);font:inherit;font-weight:600;cursor:pointer}
.open{margin:1.25rem 0 0}
a{color:var(--accent)}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
@media (max-width:30rem){main{padding:1.25rem}button{width:100%}}`

/** The page of one-time links; guesses are limited by address. */
export function createConfirmPage(
  { links }: Pick<Ledger, 'links'>,
  { limits, onWrite }: { readonly limits: Pick<Limits, 'stranger' | 'isProxy'>; readonly onWrite: () => void },
): express.Router {
  const router = express.Router()
  router.use('/confirm/:code', async (request, response, next) => {
    response.set(headers)
    await within(limits.stranger, strangerOf(request, limits))
    next()
  })
  router.get('/confirm/:code', async (request, response) => {
    const page = await links.askLink(request.params.code)
    response
      .status(page === null ? 404 : 200)
      .type('html')
      .send(render(page ?? gone, request))
  })
  router.post('/confirm/:code', async (request, response) => {
    const outcome = await links.openLink(request.params.code)
    if (outcome?.done === true) onWrite()
    const status = outcome === null ? 404 : 409
    response
      .status(outcome?.done === true ? 200 : status)
      .type('html')
      .send(render(outcome ?? gone, request))
  })
  return router
}

function render(page: Page, request: express.Request): string {
  const { reader, conversation, button = null, words: given = null } = page
  const words = wordsFor(...reader.locales, ...request.acceptsLanguages())
  const say = (text: PageText): string => escape(sayText(words, text, reader))
  const { language } = words
  const title = say(page.title)
  const body = [
    `<h1>${title}</h1>`,
    `<div role="status">${page.sentences.map((sentence) => `<p>${say(sentence)}</p>`).join('')}</div>`,
    given === null ? '' : `<pre>${escape(given)}</pre>`,
    button === null ? '' : `<form method="post"><button>${say(button)}</button></form>`,
    conversation === null ? '' : linkToConversation(conversation, escape(words.say('notice.open'))),
  ].join('')
  return `<!doctype html><html lang="${language}"><head><meta charset="utf-8"><title>${title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">
<style>${style}</style></head>
<body><main>${body}</main></body></html>`
}

function linkToConversation({ accountId, displayId }: NonNullable<Page['conversation']>, label: string): string {
  const path = `/app/accounts/${String(accountId)}/conversations/${String(displayId)}`
  return `<p class="open"><a href="${path}">${label}</a></p>`
}

function sayText(words: Words, { id, values = {} }: PageText, reader: PageReader): string {
  const said = Object.entries(values).map(([name, value]) => [name, sayValue(words, value, reader)])
  return words.say(`page.${id}`, Object.fromEntries(said) as Record<string, string>)
}

function sayValue(words: Words, value: string | Date | PageText, reader: PageReader): string {
  if (typeof value === 'string') return value
  return value instanceof Date ? sayMoment(words, value, reader) : sayText(words, value, reader)
}

// As the mail says it: the time of the day, with its seconds; of another day the date as well.
function sayMoment({ language }: Words, at: Date, { timeZone }: PageReader): string {
  const isNear = Math.abs(at.getTime() - Date.now()) < dayMs / 2
  return isNear ? timeOfDay(at, language, timeZone) : timeOf(at, language, timeZone)
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${String(character.charCodeAt(0))};`)
}
