// What axe finds wrong in a view for people who use a screen reader, the keyboard, or need contrast.

import { createRequire } from 'node:module'

import type { BrowserContext, Page } from '@playwright/test'

const axePath = createRequire(import.meta.url).resolve('axe-core/axe.min.js')

interface Violation {
  readonly id: string
  readonly impact: string
  readonly nodes: readonly { readonly html: string }[]
}

/** Loads axe into the pages that the context opens from now on. */
export function addAxe(context: BrowserContext): Promise<unknown> {
  return context.addInitScript({ path: axePath })
}

/** Serious and critical findings in the page as it is now, a line each. */
export async function findBarriers(page: Page): Promise<string[]> {
  const violations = await page.evaluate<Violation[]>(
    `axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) => violations)`,
  )
  return violations
    .filter(({ impact }) => ['serious', 'critical'].includes(impact))
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`)
}
