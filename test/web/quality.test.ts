// What holds for every view: nothing that axe calls serious, no complaint of the browser, usable on a phone, a small
// first load, and the same texts in every language.

import { readdirSync, readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'

import type { Browser } from '@playwright/test'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { useService } from '../support/fixtures.ts'
import { freshWords, mail } from '../support/mail.ts'
import { until } from '../support/until.ts'
import { addAxe, findBarriers } from './support/axe.ts'
import { describeInBrowser, launchBrowser, signIn } from './support/browser.ts'

const root = new URL('../../', import.meta.url)

// What a view shows once it is there.
const anything = 'h1:visible, [role=option]:visible, [role=status] h2:visible, table:visible, form:visible'

const views = [
  '/app/accounts/1/conversations?tab=all',
  '/app/accounts/1/conversations/1?tab=all',
  '/app/accounts/1/held',
  '/app/accounts/1/mail',
  '/app/accounts/1/mail/1',
  '/app/accounts/1/try',
  '/app/accounts/1/contacts',
  '/app/accounts/1/contacts/1',
  '/app/accounts/1/settings/profile',
  '/app/accounts/1/settings/notifications',
  '/app/accounts/1/settings/suppressed',
  '/app/accounts/1/settings/doctor',
]

describeInBrowser('every view', () => {
  const service = useService()
  let browser: Browser
  beforeAll(async () => {
    await service.deliver(mail({ From: 'Jane <jane@example.com>', To: service.replyAddress }, freshWords()), {
      to: service.replyAddress,
    })
    await service.api('POST', '/api/v1/accounts/1/conversations/1/messages', { content: 'A **note**', private: true })
    browser = await launchBrowser()
  })
  afterAll(async () => {
    await browser.close()
  })

  test.each([
    ['light', 1440],
    ['dark', 1440],
    ['light', 375],
  ] as const)('has no serious finding of axe, %s at %i px', async (colorScheme, width) => {
    const { page, context, complaints } = await signIn(browser, service, { colorScheme, width, height: 800 })
    await addAxe(context)
    const found: string[] = []
    for (const view of views) {
      await page.goto(view)
      await page.locator(anything).first().waitFor()
      await until('an end of reading', async () => (await page.getByRole('status', { name: 'Loading' }).count()) === 0)
      found.push(...(await findBarriers(page)).map((barrier) => `${view}: ${barrier}`))
    }
    expect(found).toEqual([])
    expect(complaints).toEqual([])
    await context.close()
  })

  test.each(['light', 'dark'] as const)(
    'the page of a one-time link, for whom nothing is known, has none either, %s',
    async (colorScheme) => {
      const context = await browser.newContext({ colorScheme, baseURL: service.url, locale: 'ja-JP' })
      await addAxe(context)
      const page = await context.newPage()
      await page.goto(`/confirm/${'x'.repeat(43)}`)
      expect(await page.getByRole('heading', { level: 1 }).innerText()).toBe('リンクが無効です')
      expect(await findBarriers(page)).toEqual([])
      await context.close()
    },
  )

  test.each([375, 768, 1440, 2560])('does not scroll horizontally at %i px', async (width) => {
    const { page, context } = await signIn(browser, service, { width, height: 900 })
    const wide: string[] = []
    for (const view of views) {
      await page.goto(view)
      await page.locator(anything).first().waitFor()
      const isWide = await page.evaluate<boolean>('document.documentElement.scrollWidth > innerWidth')
      if (isWide) wide.push(view)
    }
    expect(wide).toEqual([])
    await context.close()
  })

  test('on a phone one pane is shown at a time, and Back leads to the list', async () => {
    const { page, context } = await signIn(browser, service, { width: 375, height: 740 })
    await page.goto('/app/accounts/1/conversations?tab=all')
    await page.getByRole('option').filter({ hasText: 'Jane Doe' }).click()
    await page.getByRole('textbox', { name: 'Reply' }).waitFor()
    expect(await page.getByRole('listbox', { name: 'Conversations' }).isVisible()).toBe(false)
    await page.getByRole('button', { name: 'Back to the list' }).click()
    await page.getByRole('listbox', { name: 'Conversations' }).waitFor()
    await context.close()
  })

  test('is in German for a browser that prefers it, with the language of the document', async () => {
    const { page, context } = await signIn(browser, service, { locale: 'de-DE' })
    await page.goto('/app/accounts/1/conversations?tab=all')
    await page.getByRole('tab', { name: /Frei/ }).waitFor()
    expect(await page.evaluate('document.documentElement.lang')).toBe('de')
    await context.close()
  })
})

describe('the client', () => {
  const assets = new URL('dist/web/assets/', root)
  const page = readFileSync(new URL('dist/web/index.html', root), 'utf8')
  const kilobyte = 1000

  test('has a first load of at most 250 KB, compressed as gzip, with the chunks of the inbox', () => {
    const named = [...page.matchAll(/assets\/([\w.-]+\.(?:js|css))/g)].map(([, name]) => name ?? '')
    const names = new Set([
      ...named,
      ...readdirSync(assets).filter((name) => /^open-conversation.*\.(?:js|css)$/.test(name)),
    ])
    expect(named.length).toBeGreaterThanOrEqual(2)
    const sizes = [...names].map((name) => gzipSync(readFileSync(new URL(name, assets)), { level: 9 }).length)
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(250 * kilobyte)
  })

  test('has no inline script and no inline style', () => {
    expect(page).not.toMatch(/<style|\sstyle=|\son\w+=/i)
    expect([...page.matchAll(/<script(?![^>]*\ssrc=)[^>]*>/gi)]).toEqual([])
  })

  const words = (language: string): Record<string, string> =>
    Object.assign(
      {},
      ...readdirSync(new URL(`web/words/${language}/`, root)).map(
        (name) => JSON.parse(readFileSync(new URL(`web/words/${language}/${name}`, root), 'utf8')) as object,
      ),
    ) as Record<string, string>

  test('has each text in each language, with the same placeholders', () => {
    const [english, german] = [words('en'), words('de')]
    expect(Object.keys(german).sort()).toEqual(Object.keys(english).sort())
    const valuesOf = (text: string) => [...new Set([...text.matchAll(/\{(\w+)/g)].map(([, name]) => name))].sort()
    const different = Object.keys(english).filter(
      (id) => valuesOf(english[id]!).join() !== valuesOf(german[id]!).join(),
    )
    // Words inside plural forms are no values.
    expect(different.filter((id) => !/plural|select/.test(english[id]!))).toEqual([])
  })

  test('uses every text, and has every text that it uses', () => {
    const files = readdirSync(new URL('web/', root), { recursive: true, encoding: 'utf8' }).filter((name) =>
      /\.tsx?$/.test(name),
    )
    const source = files.map((name) => readFileSync(new URL(`web/${name}`, root), 'utf8')).join('\n')
    const unused = Object.keys(words('en')).filter((id) => {
      if (source.includes(`'${id}'`) || source.includes(`"${id}"`)) return false
      // Ids with a part that is filled in: `thread.state.${…}`.
      const parts = id.split('.')
      return (
        !parts.some((_, position) => source.includes(`\`${parts.slice(0, position + 1).join('.')}.\${`)) &&
        !source.includes(`\`${parts.slice(0, -1).join('.')}.\${`)
      )
    })
    expect(unused).toEqual([])
  })
})
