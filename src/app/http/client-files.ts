// The client's files, as Vite built them into dist/web: read once, served from memory in the form that the browser
// takes. Every address of the client answers with its page (RFC 9110 §12.5.3 for the encodings).

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import express from 'express'

interface Asset {
  readonly type: string
  readonly identity: Buffer
  readonly br: Buffer | null
  readonly gzip: Buffer | null
}

const types: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
  png: 'image/png',
  woff2: 'font/woff2',
}

const page = 'index.html'

/**
 * Nothing inline, nothing from other origins. `data:` and `blob:` pictures are previews of files. Frames hold the HTML
 * of mail (`srcdoc`): they inherit this policy, and have a stricter one of their own.
 */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "media-src 'self' blob:",
  "font-src 'self'",
  "connect-src 'self'",
  "worker-src 'self'",
  "frame-src 'self'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ')

/** Serves the client from `folder`; passes everything on when it was not built. */
export function createClientRouter(folder: string): express.Router {
  const assets = readAssets(folder)
  const router = express.Router()
  const index = assets.get(page)
  if (index === undefined) return router
  router.get('/assets/:name', (request, response, next) => {
    const asset = assets.get(`assets/${request.params.name}`)
    if (asset === undefined) {
      next()
      return
    }
    // The name holds a hash of the content.
    send(request, response.set('cache-control', 'public, max-age=31536000, immutable'), asset)
  })
  router.get('/favicon.svg', (request, response, next) => {
    const asset = assets.get('favicon.svg')
    if (asset === undefined) next()
    else send(request, response.set('cache-control', 'public, max-age=86400'), asset)
  })
  router.get(['/', '/app', '/app/*path', '/login', '/login/*path'], (request, response) => {
    response.set({
      'cache-control': 'no-cache',
      'content-security-policy': policy,
      'cross-origin-opener-policy': 'same-origin',
      'referrer-policy': 'same-origin',
      'x-frame-options': 'DENY',
    })
    send(request, response, index)
  })
  return router
}

function send(request: express.Request, response: express.Response, asset: Asset): void {
  const encoding = chooseEncoding(request, asset)
  const bytes = encoding === null ? asset.identity : asset[encoding]
  response.set({ 'content-type': asset.type, 'x-content-type-options': 'nosniff', vary: 'accept-encoding' })
  if (encoding !== null) response.set('content-encoding', encoding)
  response.end(bytes)
}

function chooseEncoding(request: express.Request, asset: Asset): 'br' | 'gzip' | null {
  const wanted = request.acceptsEncodings('br', 'gzip', 'identity')
  if (wanted === 'br' && asset.br !== null) return 'br'
  return (wanted === 'gzip' || wanted === 'br') && asset.gzip !== null ? 'gzip' : null
}

function readAssets(folder: string): ReadonlyMap<string, Asset> {
  if (!existsSync(folder)) return new Map()
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => name.replaceAll('\\', '/'))
  const read = (name: string): Buffer | null => (names.includes(name) ? readFileSync(join(folder, name)) : null)
  return new Map(
    names.flatMap((name): [string, Asset][] => {
      const type = types[name.slice(name.lastIndexOf('.') + 1)]
      if (type === undefined) return []
      return [
        [name, { type, identity: readFileSync(join(folder, name)), br: read(`${name}.br`), gzip: read(`${name}.gz`) }],
      ]
    }),
  )
}
