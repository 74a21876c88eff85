// GET / names the service if the web client was not built; /health answers while the process lives; /ready tells
// whether it can take mail; /metrics in Prometheus text. 200; /ready 503 naming the failed parts.

import express from 'express'

import type { CanaryHealth } from '../../store/canaries/judged.ts'
import { type Measures, renderMetrics } from './metrics.ts'

/** Data of the pages, provided by app.ts. */
export interface StatusSource {
  /** Names of failed parts, each with a reason; empty = ready. */
  readonly findDown: () => Promise<readonly string[]>
  /** The conservation view: name → count. */
  readonly readBalance: () => Promise<Readonly<Record<string, number>>>
  readonly readWork: () => Promise<{ readonly waiting: number; readonly failed: number }>
  /** Mail ignored in the last day: reason → count. */
  readonly readIgnored: () => Promise<Readonly<Record<string, number>>>
  /** Of each transport through which canaries leave. */
  readonly readCanaries: () => Promise<readonly CanaryHealth[]>
  /** Clients that were cut off for their pace since the start. */
  readonly readSlowPeers: () => number
  readonly readTransports: () => Measures['transports']
  readonly readUnknownMailEvents: () => Measures['unknownMailEvents']
  readonly services: readonly string[]
  readonly version: string
}

/** Never throws: a failed status page reports its failure. */
export function createStatusRouter(source: StatusSource): express.Router {
  const router = express.Router()
  router.get('/', (_request, response) => {
    response
      .set('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'")
      .type('html')
      .send(page(source))
  })
  router.get('/health', (_request, response) => {
    response.json({ status: 'ok' })
  })
  router.get('/ready', async (_request, response) => {
    const down = await source.findDown()
    response
      .status(down.length === 0 ? 200 : 503)
      .json(down.length === 0 ? { status: 'ready' } : { status: 'not ready', down })
  })
  router.get('/metrics', async (_request, response) => {
    try {
      response.type('text/plain; version=0.0.4').send(
        await renderMetrics({
          balance: await source.readBalance(),
          work: await source.readWork(),
          ignored: await source.readIgnored(),
          slowPeers: source.readSlowPeers(),
          canaries: await source.readCanaries(),
          transports: source.readTransports(),
          unknownMailEvents: source.readUnknownMailEvents(),
        }),
      )
    } catch (error) {
      response
        .status(503)
        .type('text/plain')
        .send(`# the database does not answer: ${error instanceof Error ? error.message : 'unknown'}\n`)
    }
  })
  return router
}

function page({ version, services }: StatusSource): string {
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>Rethread</title>
<meta name="viewport" content="width=device-width">
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:44rem;margin:3rem auto;padding:0 1rem}
code{background:#f3f3f3;padding:.1em .3em;border-radius:3px}</style>
<h1>Rethread ${version}</h1>
<p>Rethread stores incoming mail durably and appends each reply to its conversation.</p>
<ul><li><a href="/health">/health</a>, <a href="/ready">/ready</a>, <a href="/metrics">/metrics</a></li>
<li>Enabled ingress services: <code>${services.join(' ')}</code> (<code>POST /ingress/&lt;service&gt;</code>)</li>
<li>API: <code>/api/v1/…</code> with the header <code>api_access_token</code></li></ul>
<p>What came in and why it went where it did: <code>npx rethread inbound list</code>.
Everything else: README.md and docs/.</p></html>`
}
