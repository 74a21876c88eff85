// What a person waits for in the browser, in an account of 100,000 conversations and 1,000,000 messages: from a key
// or a click to the next paint (Event Timing), and from the address to the first row. Chromium on this machine, the
// service beside it on the same processors.

import { chromium, type Page } from '@playwright/test'

import { fillConversations } from './conversations-data.ts'
import type { Service } from './service.ts'
import { startTable } from './table.ts'

interface Timing {
  readonly name: string
  readonly duration: number
}

const executablePath = process.env['CHROMIUM'] ?? '/usr/bin/chromium'
/** Of the browser's own events, in ms: the smallest that it tells of. */
const threshold = 16
const presses = 60

/** Fills the database of `service` first. p95 of each action is to stay under 100 ms. */
export async function measureScreen(service: Service): Promise<unknown[]> {
  console.log('making 100,000 conversations and 1,000,000 messages …')
  const sql = await service.sql.connect()
  try {
    await sql.query('set rethread.silent = on')
    await fillConversations(sql)
  } finally {
    sql.release(true)
  }
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] })
  try {
    const context = await browser.newContext({
      baseURL: `http://127.0.0.1:${String(service.ports.http)}`,
      viewport: { width: 1440, height: 900 },
      extraHTTPHeaders: { api_access_token: service.token },
    })
    const page = await context.newPage()
    await page.addInitScript(observe)
    const row = startTable(['p50 ms', 'p95 ms', 'most ms', 'events', '  what'])
    const results: unknown[] = []
    for (const [name, action] of Object.entries(actions)) {
      const times = (await action(page)).sort((a, b) => a - b)
      const at = (share: number): number =>
        times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? threshold
      const figures = { name, p50Ms: at(0.5), p95Ms: at(0.95), mostMs: times.at(-1) ?? threshold, events: times.length }
      results.push(figures)
      row([figures.p50Ms, figures.p95Ms, figures.mostMs, figures.events, `  ${name}`])
    }
    return results
  } finally {
    await browser.close()
  }
}

// Runs in the page: keeps what the browser says of each event, input to next paint.
const observe = `
  window.timings = []
  new PerformanceObserver((list) => {
    for (const { name, duration } of list.getEntries()) window.timings.push({ name, duration })
  }).observe({ type: 'event', durationThreshold: ${String(threshold)}, buffered: true })
`

async function take(page: Page, kinds: readonly string[], done: number): Promise<number[]> {
  // The browser tells of an event after its paint.
  await page.evaluate('new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve, 100)))')
  const timings = await page.evaluate<Timing[]>('window.timings.splice(0)')
  const slow = timings.filter(({ name }) => kinds.includes(name)).map(({ duration }) => duration)
  // Those under the threshold are not told of.
  return [...slow, ...Array.from({ length: Math.max(0, done - slow.length) }, () => threshold)]
}

const open = '/app/accounts/1/conversations?tab=all&status=all'
const firstRow = (page: Page) => page.getByRole('option').first().waitFor()

async function pressMany(page: Page, key: string): Promise<number[]> {
  for (let count = 0; count < presses; count++) {
    await page.keyboard.press(key)
    await page.evaluate('new Promise((resolve) => requestAnimationFrame(resolve))')
  }
  return take(page, ['keydown'], presses)
}

const actions: Readonly<Record<string, (page: Page) => Promise<number[]>>> = {
  'address to the first row': async (page) => {
    const times: number[] = []
    for (let count = 0; count < 10; count++) {
      const started = performance.now()
      await page.goto(open)
      await firstRow(page)
      times.push(performance.now() - started)
    }
    return times
  },
  'J: open the next conversation': async (page) => {
    await take(page, [], 0)
    return pressMany(page, 'j')
  },
  'K: open one that was open': (page) => pressMany(page, 'k'),
  'scroll: frames of 3,000 rows': async (page) => {
    await page.mouse.move(300, 500)
    return page.evaluate<number[]>(`new Promise((resolve) => {
      const list = document.querySelector('[role=listbox]').parentElement
      const times = []
      let last = performance.now()
      const step = () => {
        const now = performance.now()
        times.push(now - last)
        last = now
        list.scrollTop += 600
        if (times.length < 400) requestAnimationFrame(step)
        else resolve(times.slice(1))
      }
      requestAnimationFrame(step)
    })`)
  },
  'X: select': async (page) => {
    await page.goto(open)
    await firstRow(page)
    await page.keyboard.press('j')
    await take(page, [], 0)
    return pressMany(page, 'x')
  },
  'typing in the composer': async (page) => {
    await page.goto(open)
    await firstRow(page)
    await page.keyboard.press('j')
    await page.getByRole('textbox', { name: 'Reply' }).click()
    await take(page, [], 0)
    return pressMany(page, 'a')
  },
  'Ctrl K, and a letter': async (page) => {
    await page.keyboard.press('Escape')
    await page.keyboard.press('Control+k')
    await page.getByRole('combobox').waitFor()
    return pressMany(page, 'o')
  },
}
