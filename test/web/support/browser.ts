// A person at a browser: Debian's Chromium, driven by Playwright, signed in to a running service. Where there is no
// Chromium, the tests that need one are skipped.

import { existsSync } from 'node:fs'

import { type Browser, type BrowserContext, chromium, type Page } from '@playwright/test'
import { describe } from 'vitest'

import type { Service } from '../../support/service.ts'

const executablePath = ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find((path) => existsSync(path)) ?? null

/** `describe` for tests at a browser; skipped, by name, where there is none. */
export const describeInBrowser = describe.skipIf(executablePath === null)

export function launchBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: executablePath ?? '', args: ['--no-sandbox'] })
}

export interface Visit {
  readonly email?: string
  readonly width?: number
  readonly height?: number
  readonly colorScheme?: 'light' | 'dark'
  readonly locale?: string
}

export interface Visitor {
  readonly page: Page
  readonly context: BrowserContext
  /** What the browser complained of: errors of the console and of scripts. */
  readonly complaints: readonly string[]
}

/** Opens a browser window of its own, signed in as `email`, else as the first administrator. */
export async function signIn(browser: Browser, service: Service, visit: Visit = {}): Promise<Visitor> {
  const context = await browser.newContext({
    baseURL: service.url,
    viewport: { width: visit.width ?? 1440, height: visit.height ?? 900 },
    colorScheme: visit.colorScheme ?? 'light',
    locale: visit.locale ?? 'en-GB',
    timezoneId: 'UTC',
    reducedMotion: 'reduce',
  })
  const made = await service.api('POST', '/api/v1/login_links', visit.email === undefined ? {} : { email: visit.email })
  const code = String(made.body.url).split('/').at(-1)
  const answer = await context.request.post('/auth/login_links', { data: { code }, headers: { origin: service.url } })
  if (!answer.ok()) throw new Error(`signing in was answered with ${String(answer.status())}`)
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(`${message.text()} (${message.location().url})`)
  })
  return { page, context, complaints }
}
