// The stream of events is cut while the service restarts: the page says so, keeps working, and misses nothing.

import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'

import type { Browser } from '@playwright/test'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { freshWords } from '../support/mail.ts'
import { type Service, startProcess, startService } from '../support/service.ts'
import { describeInBrowser, launchBrowser, signIn } from './support/browser.ts'

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

describeInBrowser('the stream of events', () => {
  let first: Awaited<ReturnType<typeof startService>>
  let browser: Browser
  let port = ''
  beforeAll(async () => {
    port = String(await freePort())
    // The second process starts on the database in the first one's DATA_DIR.
    first = await startService({ on: null, env: { PORT: port } })
    browser = await launchBrowser()
  })
  afterAll(async () => {
    await browser.close()
    await first[Symbol.asyncDispose]()
  })

  const note = (service: Pick<Service, 'api'>, content: string) =>
    service.api('POST', '/api/v1/accounts/1/conversations/1/messages', { content, private: true })

  test('is resumed after a restart of the service; two tabs share one, and each message appears once', async () => {
    const { page, context } = await signIn(browser, first)
    const second = await context.newPage()
    for (const tab of [page, second]) {
      await tab.goto('/app/accounts/1/conversations/1?tab=all')
      await tab.getByRole('article').first().waitFor()
    }
    const before = `Before ${freshWords()}`
    await note(first, before)
    for (const tab of [page, second]) await tab.getByRole('article').filter({ hasText: before }).waitFor()

    await first.kill()
    await page.getByText('No connection.').waitFor()
    await page.getByRole('textbox', { name: 'Reply' }).fill('kept while the service is away')
    await using again = await startProcess({ DATA_DIR: first.dataDir, PORT: port })
    const after = `After ${freshWords()}`
    await note(again, after)
    for (const tab of [page, second]) {
      await tab.getByRole('article').filter({ hasText: after }).waitFor()
      expect(await tab.getByRole('article').filter({ hasText: after }).count()).toBe(1)
      expect(await tab.getByRole('article').filter({ hasText: before }).count()).toBe(1)
    }
    await page.getByText('No connection.').waitFor({ state: 'detached' })
    expect(await page.getByRole('textbox', { name: 'Reply' }).inputValue()).toBe('kept while the service is away')
    await context.close()
    await again.stop()
  })
})
