// What became of an outgoing mail, at a browser: the line under the message follows the events, opens to the steps, and
// a mail that failed is sent again to others. Addresses that the account does not mail are named before.

import type { Browser, Page } from '@playwright/test'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'

import { freshWords } from '../support/mail.ts'
import { startMailServer } from '../support/mail-server.ts'
import { addConversation } from '../support/people.ts'
import { reportOf } from '../support/reports.ts'
import { startService } from '../support/service.ts'
import { until } from '../support/until.ts'
import { addAxe, findBarriers } from './support/axe.ts'
import { describeInBrowser, launchBrowser, signIn, type Visitor } from './support/browser.ts'

let count = 0
const person = () => `person${String(++count)}@customer.example`

describeInBrowser('the life line of a mail', () => {
  let server: Awaited<ReturnType<typeof startMailServer>>
  let service: Awaited<ReturnType<typeof startService>>
  let browser: Browser
  let visitor: Visitor
  let page: Page

  beforeAll(async () => {
    server = await startMailServer()
    service = await startService({ env: { OUTBOUND_SMTP_URL: server.url } })
    browser = await launchBrowser()
  })
  afterAll(async () => {
    await browser.close()
    await service[Symbol.asyncDispose]()
    await server.stop()
  })
  beforeEach(async () => {
    visitor = await signIn(browser, service)
    page = visitor.page
    await addAxe(visitor.context)
  })
  afterEach(async () => {
    server.refusals.clear()
    await visitor.context.close()
  })

  const barriersInBothThemes = async () => {
    const found: string[] = []
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme })
      found.push(...(await findBarriers(page)))
    }
    return found
  }

  /** A message in a conversation of its own, and its place on the screen. */
  const write = async (email: string, fields: object = {}) => {
    const { displayId } = await addConversation(service, email)
    const words = freshWords()
    const path = `/api/v1/accounts/1/conversations/${String(displayId)}/messages`
    const { body } = await service.api('POST', path, { content: words, ...fields })
    await page.goto(`/app/accounts/1/conversations/${String(displayId)}?tab=all`)
    const article = page.getByRole('article').filter({ hasText: words })
    await article.waitFor()
    const mails = () => server.taken.filter(({ text }) => text.includes(words))
    return { displayId, words, article, mails, id: Number(body.id), path: `${path}/${String(body.id)}` }
  }

  test('it changes with the reports, without reloading, and opens by the keyboard', async () => {
    const email = person()
    const { article, mails } = await write(email)
    const line = article.getByRole('button', { name: /^Sent at / })
    await line.waitFor()
    const report = reportOf({ names: email, action: 'delivered', status: '2.0.0' })
    await service.deliver(report, { from: '', to: mails()[0]?.from ?? '' })
    const delivered = article.getByRole('button', { name: 'Delivered' })
    await delivered.waitFor()
    await delivered.focus()
    await page.keyboard.press('Enter')
    const steps = article.getByRole('list', { name: 'Steps' }).getByRole('listitem')
    await steps.first().waitFor()
    expect(await steps.locator('b').allInnerTexts()).toEqual(['Queued', 'Handed over to 127.0.0.1', 'Delivered'])
    expect(await delivered.getAttribute('aria-expanded')).toBe('true')
    await article.getByRole('link', { name: 'Show the report' }).waitFor()
    await page.keyboard.press('Enter')
    await steps.first().waitFor({ state: 'hidden' })
    expect(visitor.complaints).toEqual([])
  })

  test('a mail that one of three did not get says who, and goes to this one alone', async () => {
    const [first, second, gone] = [person(), person(), person()]
    server.refusals.set(gone, { code: 550, says: '5.7.1 blocked' })
    const { article, mails, words } = await write(first, { to_emails: [first, second], cc_emails: [gone] })
    const line = article.getByRole('button', { name: 'Not delivered to 1 of 3' })
    await line.click()
    const recipients = article.getByRole('list', { name: 'Recipients' }).getByRole('listitem')
    await recipients.first().waitFor()
    expect(await recipients.first().innerText()).toMatch(new RegExp(`${gone}\\s+Not sent`))
    expect(await recipients.count()).toBe(3)
    expect(await barriersInBothThemes()).toEqual([])
    server.refusals.clear()
    await article.getByRole('button', { name: 'Send again' }).click()
    const dialog = page.getByRole('dialog', { name: 'Send again' })
    await dialog.getByRole('button', { name: `Remove ${gone}` }).waitFor()
    await dialog.getByRole('button', { name: 'Send again' }).click()
    await dialog.waitFor({ state: 'hidden' })
    await until('the second mail', () => mails().length === 2)
    expect(mails().map(({ to }) => to)).toEqual([[first, second], [gone]])
    await page.getByRole('article').filter({ hasText: words }).nth(1).waitFor()
    await article.first().getByRole('link', { name: 'Sent again: show it' }).waitFor()
  })

  test('a suppressed address is named with its list; what is no address is refused; another address gets it', async () => {
    const [gone, other] = [person(), person()]
    server.refusals.set(gone, { code: 550, says: '5.1.1 no such user' })
    const { article, mails } = await write(gone)
    await article.getByText('550 5.1.1 no such user').waitFor()
    await article.getByRole('button', { name: 'Send again' }).press('Enter')
    const dialog = page.getByRole('dialog', { name: 'Send again' })
    await dialog.getByRole('status').getByText('it is a suppressed address').waitFor()
    expect(await dialog.getByRole('link', { name: 'Suppressed addresses' }).getAttribute('href')).toBe(
      '/app/accounts/1/settings/suppressed',
    )
    expect(await barriersInBothThemes()).toEqual([])
    const send = dialog.getByRole('button', { name: 'Send again' })
    expect(await send.isDisabled()).toBe(true)
    const to = dialog.getByLabel('To', { exact: true })
    await to.press('Backspace')
    await to.fill('no address')
    await to.press('Enter')
    await dialog.getByRole('alert').getByText('This is not an email address.').waitFor()
    await to.fill(other)
    await to.press(',')
    await send.click()
    await dialog.waitFor({ state: 'hidden' })
    await until('the mail', () => mails().some(({ to: recipients }) => recipients.includes(other)))
    expect(mails().map(({ to: recipients }) => recipients)).toEqual([[other]])
  })

  test('what the service refuses is said in the dialog', async () => {
    const email = person()
    server.refusals.set(email, { code: 550, says: '5.7.1 blocked' })
    const { article } = await write(email)
    await article.getByRole('button', { name: 'Send again' }).click()
    const dialog = page.getByRole('dialog', { name: 'Send again' })
    await dialog.getByLabel('To', { exact: true }).fill(service.replyAddress)
    await dialog.getByRole('button', { name: 'Send again' }).click()
    await dialog.getByRole('alert').getByText('the mail would come back').waitFor()
  })
})
