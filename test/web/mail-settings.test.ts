// Settings of outgoing mail at a browser: the suppressed addresses, the transport of the account and of an inbox, and
// the notices that a person does not want of one inbox.

import type { Browser } from '@playwright/test'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { useService } from '../support/fixtures.ts'
import { until } from '../support/until.ts'
import { describeInBrowser, launchBrowser, signIn } from './support/browser.ts'

const settings = '/app/accounts/1/settings'
const account = '/api/v1/accounts/1'

describeInBrowser('settings of outgoing mail', () => {
  const service = useService({ env: { TRANSPORTS: 'main=smtp://127.0.0.1:9,backup=smtp://127.0.0.1:10' } })
  let browser: Browser
  beforeAll(async () => {
    browser = await launchBrowser()
  })
  afterAll(async () => {
    await browser.close()
  })

  const suppress = (email: string, reason = '') =>
    service.api('POST', `${account}/suppressed_addresses`, { email, reason })
  const listed = async (q: string) =>
    (await service.api('GET', `${account}/suppressed_addresses?q=${q}`)).body.payload as { email: string }[]
  const addAgent = async (name: string) => {
    const email = `${name.toLowerCase()}@acme.example`
    const { body } = await service.api('POST', '/api/v1/installation/accounts/1/account_users', { email, name })
    await service.api('POST', `${account}/inbox_members`, { inbox_id: 1, user_ids: [Number(body.id)] })
    return { email, token: String(body.access_token) }
  }

  test('suppressed addresses are added, found, turned page by page, and removed after a question', async () => {
    const { page, context, complaints } = await signIn(browser, service)
    await page.goto(`${settings}/suppressed`)
    await page.getByRole('heading', { name: 'No address is suppressed' }).waitFor()
    await page.getByRole('button', { name: 'Add address' }).click()
    const dialog = page.getByRole('dialog', { name: 'Add address' })
    await dialog.getByLabel('Email address').fill('Ann@Acme.example')
    await dialog.getByLabel('Reason').fill('asked by phone')
    await dialog.getByRole('button', { name: 'Add address' }).click()
    await page.getByRole('listitem').filter({ hasText: 'ann@acme.example' }).getByText('asked by phone').waitFor()
    for (let n = 1; n <= 26; n++) await suppress(`many${String(n)}@crowd.example`)
    await page.reload()
    await page.getByText('1–25 of 27').waitFor()
    await page.getByRole('button', { name: 'Older' }).click()
    await page.getByText('26–27 of 27').waitFor()
    expect(new URL(page.url()).searchParams.get('p')).toBe('2')
    const search = page.getByRole('searchbox', { name: 'Search addresses' })
    await search.fill('acme')
    await search.press('Enter')
    const rows = page.getByRole('list', { name: 'Suppressed addresses' }).getByRole('listitem')
    await until('one row', async () => (await rows.count()) === 1)
    await page.getByRole('button', { name: 'Remove: ann@acme.example' }).click()
    const question = page.getByRole('dialog', { name: 'Remove: ann@acme.example' })
    await question.getByRole('button', { name: 'Cancel' }).click()
    expect(await listed('acme')).toHaveLength(1)
    await page.getByRole('button', { name: 'Remove: ann@acme.example' }).press('Enter')
    await question.getByRole('button', { name: 'Remove' }).click()
    await page.getByRole('heading', { name: 'No such address is suppressed' }).waitFor()
    expect(await listed('acme')).toEqual([])
    expect(complaints).toEqual([])
    await context.close()
  })

  test('an agent reads the suppressed addresses, and cannot change them', async () => {
    await suppress('read@only.example')
    const { email } = await addAgent('Otto')
    const { page, context } = await signIn(browser, service, { email })
    await page.goto(`${settings}/suppressed?q=only`)
    await page.getByRole('listitem').filter({ hasText: 'read@only.example' }).waitFor()
    expect(await page.getByRole('button', { name: /Remove|Add address/ }).count()).toBe(0)
    await context.close()
  })

  test('the transport of the account and of an inbox is chosen among those of the installation', async () => {
    const { page, context } = await signIn(browser, service)
    await page.goto(`${settings}/account`)
    await page.getByLabel('Transport').selectOption('backup')
    await page.getByRole('button', { name: 'Save' }).click()
    await until('the account’s transport', async () => {
      return (await service.api('GET', account)).body.transport === 'backup'
    })
    await page.goto(`${settings}/inboxes`)
    await page
      .getByRole('button', { name: /^Edit: / })
      .first()
      .click()
    const field = page.getByRole('dialog').getByLabel('Transport')
    await field.locator('option', { hasText: 'backup' }).waitFor({ state: 'attached' })
    expect(await field.locator('option').allInnerTexts()).toEqual(['As the account', 'main', 'backup'])
    await field.selectOption('main')
    await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click()
    await until('the inbox’s transport', async () => {
      return (await service.api('GET', `${account}/inboxes/1`)).body.transport === 'main'
    })
    await context.close()
  })

  test('a kind of notice is switched off for one inbox, and not for the account', async () => {
    const { email, token } = await addAgent('Mia')
    const { page, context } = await signIn(browser, service, { email })
    await page.goto(`${settings}/notifications`)
    const inbox = page.getByRole('group', { name: /./ }).filter({ has: page.getByLabel('New conversations') })
    await page.locator('summary').first().press('Enter')
    await inbox.getByRole('checkbox', { name: 'A colleague mentions me' }).uncheck()
    await inbox.getByLabel('New conversations').selectOption('none')
    const path = `${account}/inboxes/1/notification_settings`
    await until('the setting', async () => {
      const { body } = await service.api('GET', path, undefined, token)
      return body.new_conversations === 'none' && body.muted_email_flags.length === 1
    })
    const { body } = await service.api('GET', path, undefined, token)
    expect(body.muted_email_flags).toEqual(['email_conversation_mention'])
    const own = (await service.api('GET', `${account}/notification_settings`, undefined, token)).body
    expect(own.selected_email_flags).toContain('email_conversation_mention')
    await page.getByText('1 kind switched off').waitFor()
    await context.close()
  })
})
