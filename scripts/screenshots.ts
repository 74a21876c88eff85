// `npm run screenshots [-- FOLDER]`: pictures of every view, light and dark, on a phone, a tablet and a desk, of a
// service of our own with mail that was made up for it. To be looked at; the four for README and docs are written
// with `--docs`.

import { mkdirSync } from 'node:fs'
import { join } from 'node:path'

import { chromium, type Page } from '@playwright/test'

import { startService } from '../bench/service.ts'
import { startDns } from '../test/support/dns-server.ts'
import { fillForScreenshots, fillLifeLines } from './screenshots-data.ts'

const isForDocs = process.argv.includes('--docs')
const folder =
  process.argv.slice(2).find((one) => !one.startsWith('--')) ?? (isForDocs ? 'docs/pictures' : 'screenshots')
const account = '/app/accounts/1'

interface View {
  readonly path: string
  readonly prepare?: (page: Page) => Promise<void>
  /** Stands in the docs, in this theme. */
  readonly docs?: 'light' | 'dark'
}

const only = process.argv
  .find((one) => one.startsWith('--only='))
  ?.slice('--only='.length)
  .split(',')
const press = (key: string) => (page: Page) => page.keyboard.press(key)

// Some records of a domain are right, and some are missing.
const dns = await startDns({
  'reply.acme.example': { MX: ['10 mail.acme.example'], TXT: ['v=spf1 a:mail.acme.example -all'] },
  'mail.acme.example': { A: ['192.0.2.25'] },
  '25.2.0.192.in-addr.arpa': { PTR: ['mail.acme.example'] },
  'acme.example': { TXT: ['v=spf1 ip4:192.0.2.0/28 ~all'] },
})
Object.assign(process.env, {
  DNS_SERVERS: dns.address,
  MAIL_HOST: 'mail.acme.example',
  MAILER_SENDER_EMAIL: 'Acme <help@acme.example>',
})
const service = await startService({ server: null })
await fillForScreenshots(service)
const { several, one } = await fillLifeLines(service)
await service.sql.query(`update accounts set domain = 'reply.acme.example' where id = 1`)

const openLine = async (page: Page): Promise<void> => {
  await page.getByRole('button', { name: /^Not delivered to/ }).click()
  await page.getByRole('list', { name: 'Recipients' }).last().scrollIntoViewIfNeeded()
}

const views: Readonly<Record<string, View>> = {
  'sign-in': { path: '/login' },
  list: { path: `${account}/conversations?tab=all` },
  empty: { path: `${account}/conversations?tab=all&status=pending` },
  conversation: { path: `${account}/conversations/1?tab=all`, docs: 'light' },
  'conversation-note': { path: `${account}/conversations/1?tab=all`, prepare: press('n') },
  'conversation-original': {
    path: `${account}/conversations/1?tab=all`,
    prepare: async (page) => {
      await page.getByRole('button', { name: 'Original', exact: true }).last().click()
    },
  },
  palette: { path: `${account}/conversations/1?tab=all`, prepare: press('Control+k'), docs: 'dark' },
  shortcuts: { path: `${account}/conversations/1?tab=all`, prepare: press('Shift+?') },
  held: { path: `${account}/held`, prepare: press('j'), docs: 'light' },
  log: { path: `${account}/mail` },
  'one-mail': { path: `${account}/mail/1`, docs: 'dark' },
  'try-it': { path: `${account}/try` },
  contacts: { path: `${account}/contacts` },
  contact: { path: `${account}/contacts/1` },
  profile: { path: `${account}/settings/profile` },
  inboxes: { path: `${account}/settings/inboxes` },
  people: { path: `${account}/settings/people` },
  'life-line': { path: `${account}/conversations/${String(several)}?tab=all`, prepare: openLine, docs: 'light' },
  bounced: { path: `${account}/conversations/${String(one)}?tab=all` },
  'send-again': {
    path: `${account}/conversations/${String(one)}?tab=all`,
    prepare: async (page) => {
      await page.getByRole('button', { name: 'Send again' }).click()
      await page.getByRole('dialog').getByRole('status').waitFor()
    },
  },
  suppressed: { path: `${account}/settings/suppressed` },
  'suppressed-remove': {
    path: `${account}/settings/suppressed`,
    prepare: async (page) => {
      await page
        .getByRole('button', { name: /^Remove/ })
        .first()
        .click()
    },
  },
  account: { path: `${account}/settings/account` },
  notifications: {
    path: `${account}/settings/notifications`,
    prepare: async (page) => {
      await page.locator('summary').first().click()
    },
  },
  doctor: {
    path: `${account}/settings/doctor`,
    prepare: async (page) => {
      await page
        .getByRole('status')
        .getByText(/failed/)
        .waitFor()
    },
    docs: 'light',
  },
  'doctor-running': { path: `${account}/settings/doctor` },
}
const widths = { phone: [375, 812], tablet: [768, 1024], desk: [1440, 900] } as const

const browser = await chromium.launch({
  executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
  args: ['--no-sandbox'],
})
try {
  mkdirSync(folder, { recursive: true })
  for (const theme of ['light', 'dark'] as const)
    for (const [device, [width, height]] of Object.entries(widths)) {
      if (isForDocs && device !== 'desk') continue
      const context = await browser.newContext({
        baseURL: `http://127.0.0.1:${String(service.ports.http)}`,
        viewport: { width, height },
        colorScheme: theme,
        locale: 'en-GB',
        reducedMotion: 'reduce',
      })
      for (const [name, view] of Object.entries(views)) {
        if ((isForDocs && view.docs !== theme) || only?.includes(name) === false) continue
        // Nobody is signed in where one signs in.
        await context.setExtraHTTPHeaders(name === 'sign-in' ? {} : { api_access_token: service.token })
        const page = await context.newPage()
        await page.goto(view.path)
        await page
          .locator('h1:visible, [role=option]:visible, [role=status] h2:visible, table:visible')
          .first()
          .waitFor()
        await page.getByRole('status', { name: 'Loading' }).first().waitFor({ state: 'detached' })
        await view.prepare?.(page)
        await page.evaluate('document.fonts.ready.then(() => new Promise((resolve) => setTimeout(resolve, 400)))')
        const file = isForDocs ? `${name}.png` : `${name}-${theme}-${device}.png`
        await page.screenshot({ path: join(folder, file) })
        console.log(join(folder, file))
        await page.close()
      }
      await context.close()
    }
} finally {
  await browser.close()
  await service.stop()
  await dns.stop()
}
