// Working through the inbox with the keyboard alone, side by side with another agent, and over a broken connection.

import type { Browser } from '@playwright/test'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { useService } from '../support/fixtures.ts'
import { freshWords, mail } from '../support/mail.ts'
import { addAgent } from '../support/people.ts'
import { until } from '../support/until.ts'
import { describeInBrowser, launchBrowser, signIn } from './support/browser.ts'

let count = 0
const freshAddress = (name: string) => `${name}${String(++count)}@customer.example`

describeInBrowser('triage', () => {
  const service = useService()
  let browser: Browser
  beforeAll(async () => {
    browser = await launchBrowser()
  })
  afterAll(async () => {
    await browser.close()
  })

  async function write(subject: string): Promise<number> {
    const from = freshAddress('customer')
    const email = await service.deliver(
      mail({ From: `Customer <${from}>`, To: service.inboxAddress, Subject: subject }, freshWords()),
      { to: service.inboxAddress },
    )
    return Number(email.conversation_id)
  }
  const read = async (displayId: number) =>
    (await service.api('GET', `/api/v1/accounts/1/conversations/${String(displayId)}`)).body

  test('a whole triage needs no mouse: open, assign, label, answer, snooze, resolve, undo', async () => {
    await service.api('POST', '/api/v1/accounts/1/labels', { title: 'billing', color: '#336699' })
    const [first, second] = [await write('First in line'), await write('Second in line')]
    const { page, context } = await signIn(browser, service)
    const press = (key: string) => page.keyboard.press(key)
    const heading = (text: string) => page.getByRole('heading', { name: text, level: 1 }).waitFor()
    await page.goto('/app/accounts/1/conversations?tab=all')
    await page.getByRole('option').first().waitFor()

    await press('j')
    await heading('Second in line')
    await press('i')
    await until('assigned to me', async () => (await read(second)).meta.assignee?.name === 'Administrator')
    await press('l')
    await page.getByRole('combobox', { name: 'Labels' }).waitFor()
    await page.keyboard.type('bil')
    await press('Enter')
    await until('labelled', async () => (await read(second)).labels.includes('billing'))
    await press('Escape')

    await press('r')
    const words = `Answer ${freshWords()}`
    await page.keyboard.type(words)
    await press('Control+Enter')
    await page.getByRole('article').filter({ hasText: words }).waitFor()
    await press('Escape')

    await press('e')
    await heading('First in line')
    await until('resolved', async () => (await read(second)).status === 'resolved')
    await press('z')
    await until('open again', async () => (await read(second)).status === 'open')

    await press('s')
    await page.getByRole('combobox', { name: /Snooze/ }).waitFor()
    await page.keyboard.type('in 3 days')
    await press('Enter')
    const snoozed = await until('snoozed', async () => {
      const conversation = await read(first)
      return conversation.status === 'snoozed' ? conversation : null
    })
    const days = (Date.parse(snoozed.snoozed_until) - Date.now()) / 86_400_000
    expect(days).toBeGreaterThan(2.9)
    expect(days).toBeLessThan(3.1)
    await context.close()
  })

  test('single keys do nothing while typing, and ? lists them', async () => {
    const displayId = await write('Keys while typing')
    const { page, context } = await signIn(browser, service)
    await page.goto(`/app/accounts/1/conversations/${String(displayId)}?tab=all`)
    const reply = page.getByRole('textbox', { name: 'Reply' })
    await reply.fill('')
    await reply.press('e')
    await reply.press('x')
    expect(await reply.inputValue()).toBe('ex')
    expect((await read(displayId)).status).toBe('open')
    await reply.press('Escape')
    await page.keyboard.press('Shift+?')
    await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).getByText('Resolve').first().waitFor()
    await context.close()
  })

  test('the palette finds a conversation and runs a command', async () => {
    const subject = `Pallet ${freshWords()}`
    await write(subject)
    const { page, context } = await signIn(browser, service)
    await page.goto('/app/accounts/1/conversations')
    await page.getByRole('tab', { name: /Mine/ }).waitFor()
    await page.keyboard.press('Control+k')
    const palette = page.getByRole('combobox', { name: 'Search or run a command' })
    await palette.fill('go to held')
    await page.keyboard.press('Enter')
    await page.waitForURL('**/held')
    await context.close()
  })

  test("two agents at once: each sees the other's changes, and typed text stays", async () => {
    const displayId = await write('Shared work')
    const email = freshAddress('gus').replace('customer.example', 'staff.example')
    const id = await addAgent(service, email)
    await service.sql('insert into inbox_members (inbox_id, user_id) values (1, $1)', [id])
    const ada = await signIn(browser, service)
    const gus = await signIn(browser, service, { email })
    const address = `/app/accounts/1/conversations/${String(displayId)}?tab=all`
    await ada.page.goto(address)
    await gus.page.goto(address)
    await gus.page.getByRole('textbox', { name: 'Reply' }).fill('half a sentence')
    await ada.page.getByText('Gus Agent is typing').waitFor()
    await ada.page.keyboard.press('i')
    await gus.page.getByRole('button', { name: 'Assigned to Administrator' }).waitFor()
    await ada.page.keyboard.press('n')
    const words = freshWords()
    await ada.page.keyboard.type(words)
    await ada.page.keyboard.press('Control+Enter')
    await gus.page.getByRole('article').filter({ hasText: words }).waitFor()
    expect(await gus.page.getByRole('textbox', { name: 'Reply' }).inputValue()).toBe('half a sentence')
    await ada.context.close()
    await gus.context.close()
  })

  test('over a broken connection a reply waits, and is sent once on retry', async () => {
    const displayId = await write('Broken line')
    const { page, context } = await signIn(browser, service)
    await page.goto(`/app/accounts/1/conversations/${String(displayId)}?tab=all`)
    await page.getByRole('group', { name: 'Recipients' }).waitFor()
    await context.setOffline(true)
    const words = `Offline ${freshWords()}`
    await page.getByRole('textbox', { name: 'Reply' }).fill(words)
    await page.getByRole('button', { name: 'Send', exact: true }).click()
    const unsent = page.getByRole('article').filter({ hasText: words })
    await unsent.getByText(/Not sent/).waitFor()
    await context.setOffline(false)
    // It is kept over a reload.
    await page.reload()
    await unsent.getByRole('button', { name: 'Try again' }).click()
    await unsent.getByText('Not sent').waitFor({ state: 'detached' })
    const sent = await until('the mail', async () => {
      const mails = (await service.outbox()).filter(({ text }) => text.includes(words))
      return mails.length > 0 ? mails : null
    })
    expect(sent).toHaveLength(1)
    await context.close()
  })

  test('a draft survives a reload, and is shown in the list', async () => {
    const displayId = await write('Half written')
    const { page, context } = await signIn(browser, service)
    await page.goto(`/app/accounts/1/conversations/${String(displayId)}?tab=all`)
    const reply = page.getByRole('textbox', { name: 'Reply' })
    await reply.fill('Dear customer, ')
    await page.reload()
    await until('the draft', async () => (await reply.inputValue()) === 'Dear customer, ')
    await page.getByRole('option').filter({ hasText: 'Half written' }).getByText('draft').waitFor()
    await context.close()
  })
})
