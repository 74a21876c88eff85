// Mail that needs a person, the log and Try it, as a person uses them.

import type { Browser, Page } from '@playwright/test'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'

import { addNoticedAgent } from '../support/agents.ts'
import { useService } from '../support/fixtures.ts'
import { freshId, freshWords, mail } from '../support/mail.ts'
import { until } from '../support/until.ts'
import { describeInBrowser, launchBrowser, signIn, type Visitor } from './support/browser.ts'

describeInBrowser('accepted mail', () => {
  const service = useService({ env: { AUTHSERV_ID: 'mx.relay.example' } })
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
    expect(visitor.complaints).toEqual([])
    await visitor.context.close()
  })

  /** A mail of a stranger who answers a conversation. */
  const hold = async (subject: string) => {
    const id = freshId()
    const to = service.inboxAddress
    const first = await service.deliver(
      mail({ From: `${freshWords()}@customer.example`, To: to, 'Message-ID': `<${id}>` }),
      { to },
    )
    const other = `help@${service.replyAddress.split('@')[1] ?? ''}`
    const fields = { From: `${freshWords()}@stranger.example`, To: other, Subject: subject, 'In-Reply-To': `<${id}>` }
    const held = await service.deliver(mail(fields, 'I am her husband.'), { to: other })
    expect(held.status).toBe('held')
    return { id: held.id, conversation: first.conversation_id }
  }

  test('an answer by mail does not name the addresses that its agent wrote it to', async () => {
    const ann = await addNoticedAgent(service)
    const words = freshWords()
    const fields = {
      From: ann.agent,
      To: ann.agentAddress,
      Cc: 'boss@agents.example',
      'Authentication-Results': 'mx.relay.example; dmarc=pass header.from=agents.example',
    }
    const { status } = await service.deliver(mail(fields, words), { from: ann.agent, to: ann.agentAddress })
    expect(status).toBe('delivered')
    await page.goto(`/app/accounts/1/conversations/${String(ann.place.displayId)}?tab=all`)
    const article = page.getByRole('article').filter({ hasText: words })
    await article.waitFor()
    expect(await article.innerText()).not.toMatch(/reply\+|boss@agents\.example/)
  })

  test('a held mail is filed by one key and unfiled by another', async () => {
    const subject = `Order ${freshWords()}`
    const held = await hold(subject)
    await page.goto('/app/accounts/1/conversations')
    await page.getByRole('tab', { name: /^Held/ }).click()
    await page.getByRole('option').filter({ hasText: subject }).waitFor()
    await page.keyboard.press('j')
    await page.getByRole('heading', { name: subject }).waitFor()
    const panel = page.getByRole('complementary', { name: 'What you can do' })
    await panel.getByText('It answers a mail of this conversation.').waitFor()
    await page.keyboard.press('f')
    await page.getByText(`Filed into #${String(held.conversation)}`).waitFor()
    expect(await service.show(held.id)).toMatchObject({ status: 'delivered', conversation_id: held.conversation })
    await page.keyboard.press('z')
    await page.getByText('Undone').first().waitFor()
    await until('the mail is held again', async () => (await service.show(held.id)).status === 'held')
    await page.getByRole('option').filter({ hasText: subject }).waitFor()
  })

  test('a mail that is held appears in the list and in the count without reloading', async () => {
    await page.goto('/app/accounts/1/held')
    await page.getByRole('tab', { name: /^Held/ }).waitFor()
    const subject = `Scan ${freshWords()}`
    await hold(subject)
    await page.getByRole('option').filter({ hasText: subject }).waitFor()
  })

  test('Try it explains a mail, stores nothing until it is delivered, and links to the result', async () => {
    const count = async () => (await service.sql('select 1 from inbound_emails')).length
    const before = await count()
    await page.goto('/app/accounts/1/try')
    await page.getByLabel('To', { exact: true }).fill(service.inboxAddress)
    const subject = `Pump ${freshWords()}`
    await page.getByLabel('Subject').fill(subject)
    await page.getByRole('button', { name: 'Explain' }).click()
    await page.getByRole('heading', { name: 'What would happen' }).waitFor()
    expect(await count()).toBe(before)
    await page.getByRole('button', { name: 'Deliver' }).click()
    await page.getByRole('link', { name: 'See this mail' }).click()
    await page.getByRole('heading', { name: subject }).waitFor()
    await page.getByRole('tab', { name: 'Parsed parts' }).click()
    await page.getByText('The parser reads this mail today as it is stored.').waitFor()
  })

  test('the log is filtered by its URL', async () => {
    const subject = `Filter ${freshWords()}`
    await hold(subject)
    await page.goto(`/app/accounts/1/mail?state=held&q=${encodeURIComponent(subject)}`)
    await page.getByRole('link', { name: subject }).waitFor()
    expect(await page.getByRole('row').count()).toBe(2)
    await page.goto(`/app/accounts/1/mail?state=delivered&q=${encodeURIComponent(subject)}`)
    await page.getByText('No mail matches').waitFor()
    await page.getByRole('button', { name: 'Clear the filters' }).click()
    await page.getByRole('link', { name: subject }).waitFor()
    expect(new URL(page.url()).search).toBe('')
  })
})
