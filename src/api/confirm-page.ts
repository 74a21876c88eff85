// GET PUBLIC_URL/confirm/<code>: a page with one button; POST to it consumes the one-time link. Mail scanners fetch
// every link of a mail, so GET changes nothing (RFC 9110 §9.2.1). No script, no cookie; the address is kept from
// caches and other sites. 200, 404, 409, 429.

import express from 'express'

import type { Ledger } from '../ledger.ts'
import { type Limits, strangerOf, within } from './input/limits.ts'

interface Page {
  readonly title: string
  readonly sentence: string
  readonly button?: string | null
  readonly words?: string | null
}

const gone: Page = {
  title: 'Link not valid',
  sentence: 'This link is not valid any more: it was used, or is too old. Ask for another one.',
}

const headers = {
  'content-security-policy':
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-robots-tag': 'noindex',
}

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
      .send(render(page ?? gone))
  })
  router.post('/confirm/:code', async (request, response) => {
    const outcome = await links.openLink(request.params.code)
    if (outcome?.done === true) onWrite()
    const status = outcome === null ? 404 : 409
    response
      .status(outcome?.done === true ? 200 : status)
      .type('html')
      .send(render(outcome ?? gone))
  })
  return router
}

function render({ title, sentence, button = null, words = null }: Page): string {
  const given = words === null ? '' : `<pre>${escape(words)}</pre>`
  const form = button === null ? '' : `<form method="post"><button>${escape(button)}</button></form>`
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${escape(title)}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>
body{font:1rem/1.5 system-ui,sans-serif;max-width:34rem;margin:4rem auto;padding:0 1rem;color:#111;background:#fff}
pre{font:inherit;white-space:pre-wrap;overflow-wrap:anywhere;border:1px solid #ccc;border-radius:.4rem;padding:1rem}
button{font:inherit;padding:.6rem 1.2rem;border:0;border-radius:.4rem;background:#1d4ed8;color:#fff;cursor:pointer}
button:focus-visible{outline:3px solid #93c5fd;outline-offset:2px}
</style></head>
<body><main><h1>${escape(title)}</h1><p role="status">${escape(sentence)}</p>${given}${form}</main></body></html>`
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${String(character.charCodeAt(0))};`)
}
