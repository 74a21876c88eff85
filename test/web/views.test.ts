// The address is the state of the list: filters, order and words come back with it, and a filter can be saved.

import type { Browser } from '@playwright/test'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { useService } from '../support/fixtures.ts'
import { freshWords, mail } from '../support/mail.ts'
import { until } from '../support/until.ts'
import { describeInBrowser, launchBrowser, signIn } from './support/browser.ts'

let count = 0

describeInBrowser('views of the inbox', () => {
  const service = useService()
  let browser: Browser
  beforeAll(async () => {
    browser = await launchBrowser()
  })
  afterAll(async () => {
    await browser.close()
  })

  async function write(subject: string, words = freshWords()): Promise<number> {
    const from = `customer${String(++count)}@customer.example`
    const email = await service.deliver(
      mail({ From: `Customer <${from}>`, To: service.inboxAddress, Subject: subject }, words),
      { to: service.inboxAddress },
    )
    return Number(email.conversation_id)
  }
  const action = (displayId: number, path: string, body: object) =>
    service.api('POST', `/api/v1/accounts/1/conversations/${String(displayId)}/${path}`, body)

  test("an account's address leads to its inbox, and an unknown value in the URL is ignored", async () => {
    await write('A first question')
    const { page, context } = await signIn(browser, service)
    await page.goto('/app/accounts/1')
    await page.waitForURL('**/app/accounts/1/conversations')
    await page.goto('/app/accounts/1/conversations?tab=nonsense&status=nonsense')
    await page.getByRole('button', { name: 'Show unassigned' }).click()
    await page.getByRole('option').filter({ hasText: 'A first question' }).waitFor()
    await context.close()
  })

  test('a filter by priority is in the URL, can be saved, and follows changes', async () => {
    const [urgent, other] = [await write('Fire in the kitchen'), await write('A kind word')]
    await action(urgent, 'toggle_priority', { priority: 'urgent' })
    const { page, context } = await signIn(browser, service)
    await page.goto('/app/accounts/1/conversations?tab=all')
    const rows = page.getByRole('option')
    await rows.filter({ hasText: 'A kind word' }).waitFor()
    await page.getByRole('button', { name: 'Filter', exact: true }).click()
    await page.getByRole('menuitem', { name: 'urgent' }).click()
    await rows.filter({ hasText: 'A kind word' }).waitFor({ state: 'detached' })
    expect(new URL(page.url()).searchParams.get('priority')).toBe('urgent')
    await page.reload()
    await rows.filter({ hasText: 'Fire in the kitchen' }).waitFor()
    expect(await rows.count()).toBe(1)
    await action(other, 'toggle_priority', { priority: 'urgent' })
    await rows.filter({ hasText: 'A kind word' }).waitFor()

    await page.getByRole('button', { name: 'Filter', exact: true }).click()
    await page.getByRole('menuitem', { name: 'Save as a filter…' }).click()
    await page.getByRole('textbox', { name: 'Name of the filter' }).fill('Burning')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByRole('button', { name: 'Remove the filter Burning' }).waitFor()
    await until('both', async () => (await rows.count()) === 2)
    expect(new URL(page.url()).searchParams.get('filter')).toMatch(/^\d+$/)
    await context.close()
  })

  test('a search finds conversations in every status, and Back restores the list', async () => {
    const word = `w${freshWords().replace(/\W/g, '')}`
    const displayId = await write('Something solved', `The ${word} is solved.`)
    await action(displayId, 'toggle_status', { status: 'resolved' })
    await until(
      'the word in the index',
      async () => (await service.sql('select 1 from message_words where conversation_id > 0 limit 1')).length > 0,
    )
    const { page, context } = await signIn(browser, service)
    await page.goto('/app/accounts/1/conversations?tab=all')
    await page.getByRole('option').first().waitFor()
    const search = page.getByRole('searchbox', { name: 'Search in messages' })
    await search.fill(word)
    await search.press('Enter')
    await page.getByRole('option').filter({ hasText: 'Something solved' }).click()
    await page.getByRole('heading', { name: 'Something solved' }).waitFor()
    expect(new URL(page.url()).searchParams.get('q')).toBe(word)
    await page.getByRole('button', { name: 'Clear the search' }).click()
    await page.goBack()
    await context.close()
  })

  test('a link to an early message opens its window; later ones are loaded on scrolling', async () => {
    const displayId = await write('A long story', 'It begins here.')
    const ids: number[] = []
    for (let number = 0; number < 70; number++) {
      const { body } = await action(displayId, 'messages', { content: `Note number ${String(number)}`, private: true })
      ids.push(Number(body.id))
    }
    const { page, context } = await signIn(browser, service)
    await page.goto(`/app/accounts/1/conversations/${String(displayId)}?tab=all&message=${String(ids[5])}`)
    const note = (number: number) => page.getByText(`Note number ${String(number)}`, { exact: true })
    await note(5).waitFor()
    expect(await note(69).count()).toBe(0)
    expect(
      await page.evaluate<boolean>(`document.querySelector('[data-wanted]').getBoundingClientRect().top < innerHeight`),
    ).toBe(true)
    await until('the end', async () => {
      await page.evaluate(`document.querySelector('[role=log]').scrollTo(0, 1e6)`)
      return (await note(69).count()) === 1
    })
    expect(await page.getByText(/^Note number/).count()).toBe(70)
    await context.close()
  })

  test('earlier messages are loaded on scrolling up', async () => {
    const displayId = await write('Another long story')
    for (let number = 0; number < 50; number++)
      await action(displayId, 'messages', { content: `Line ${String(number)}`, private: true })
    const { page, context } = await signIn(browser, service)
    await page.goto(`/app/accounts/1/conversations/${String(displayId)}?tab=all`)
    const line = (number: number) => page.getByText(`Line ${String(number)}`, { exact: true })
    await line(49).waitFor()
    expect(await line(10).count()).toBe(0)
    await until('the beginning', async () => {
      await page.evaluate(`document.querySelector('[role=log]').scrollTo(0, 0)`)
      return (await line(0).count()) === 1
    })
    expect(await page.getByText(/^Line \d+$/).count()).toBe(50)
    await context.close()
  })

  test('a conversation deleted elsewhere shows a message, with a link back', async () => {
    const displayId = await write('Soon gone')
    const { page, context } = await signIn(browser, service)
    await service.api('DELETE', `/api/v1/accounts/1/conversations/${String(displayId)}`)
    await page.goto(`/app/accounts/1/conversations/${String(displayId)}?tab=all`)
    await page.getByRole('heading', { name: 'This conversation no longer exists' }).waitFor()
    await page.getByRole('button', { name: 'Back to the list' }).click()
    await page.waitForURL(/\/conversations\?/)
    await context.close()
  })
})
