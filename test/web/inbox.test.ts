// A day's work in the inbox, as a person does it.

import type { Browser, Page } from '@playwright/test'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'

import { useService } from '../support/fixtures.ts'
import { freshWords, mail } from '../support/mail.ts'
import { until } from '../support/until.ts'
import { describeInBrowser, launchBrowser, signIn, type Visitor } from './support/browser.ts'

let count = 0
const freshAddress = (name: string) => `${name}${String(++count)}@customer.example`

describeInBrowser('the inbox', () => {
  const service = useService()
  let browser: Browser
  let visitor: Visitor
  let page: Page
  beforeAll(async () => {
    browser = await launchBrowser()
  })
  afterAll(async () => {
    await browser.close()
  })
  beforeEach(async () => {
    visitor = await signIn(browser, service)
    page = visitor.page
  })
  afterEach(async () => {
    await visitor.context.close()
  })

  const write = (from: string, subject: string, words: string) =>
    service.deliver(mail({ From: from, To: service.inboxAddress, Subject: subject }, words), {
      to: service.inboxAddress,
    })
  const rows = () => page.getByRole('listbox', { name: 'Conversations' }).getByRole('option')

  test('a mail that arrives appears at the top of the list without reloading', async () => {
    await page.goto('/app/accounts/1/conversations?tab=all')
    await rows().first().waitFor()
    const subject = `Pump ${freshWords()}`
    await write(`Ines Holm <${freshAddress('ines')}>`, subject, 'It leaks since this morning.')
    await rows().first().filter({ hasText: subject }).waitFor()
    expect(await rows().first().textContent()).toContain('It leaks since this morning.')
  })

  test('a reply is sent to exactly the shown recipients, and can be undone before', async () => {
    const from = freshAddress('bob')
    const { conversation_id: id } = await write(`Bob Berg <${from}>`, 'Invoice 4711', 'Could you send it once more?')
    await page.goto(`/app/accounts/1/conversations/${String(id)}?tab=all`)
    const recipients = page.getByRole('group', { name: 'Recipients' })
    await recipients.getByText(from).waitFor()
    const words = freshWords()
    const reply = page.getByRole('textbox', { name: 'Reply' })
    await reply.fill(words)
    await page.getByRole('button', { name: 'Send', exact: true }).click()
    await page.getByRole('article').filter({ hasText: words }).waitFor()
    await page.getByRole('button', { name: 'Undo' }).click()
    await until('the words back in the field', async () => (await reply.inputValue()) === words)
    expect((await service.outbox()).filter(({ text }) => text.includes(words))).toEqual([])
    await page.getByRole('button', { name: 'Send', exact: true }).click()
    const sent = await until('the mail that leaves', async () =>
      (await service.outbox()).find(({ text }) => text.includes(words)),
    )
    expect(sent.recipients).toEqual([from])
    await page
      .getByRole('article')
      .filter({ hasText: words })
      .getByRole('button', { name: 'Written to a file, not sent' })
      .waitFor()
  })
})
