// One browser, one person after the other: neither sees or sends the drafts of the other.

import type { Browser, BrowserContext, Page } from '@playwright/test'
import { afterAll, beforeAll, expect, it } from 'vitest'

import { describeWithDatabase } from '../support/database.ts'
import { useService } from '../support/fixtures.ts'
import { freshWords } from '../support/mail.ts'
import { addConversation } from '../support/people.ts'
import { until } from '../support/until.ts'
import { describeInBrowser, launchBrowser, signIn } from './support/browser.ts'

describeInBrowser('at a browser', () => {
  describeWithDatabase('shared by several users', () => {
    const service = useService()
    let browser: Browser
    beforeAll(async () => {
      browser = await launchBrowser()
    })
    afterAll(async () => {
      await browser.close()
    })

    const addColleague = async () => {
      const email = `${freshWords()}@acme.example`.toLowerCase()
      await service.api('POST', '/api/v1/installation/accounts/1/account_users', {
        email,
        name: email.split('@')[0],
        role: 'administrator',
      })
      return email
    }
    const open = async (page: Page, displayId: number) => {
      await page.goto(`/app/accounts/1/conversations/${String(displayId)}`)
      await page.getByRole('textbox', { name: 'Reply' }).waitFor()
      await page.getByRole('group', { name: 'Recipients' }).waitFor()
    }
    const write = (page: Page, words: string) => page.getByRole('textbox', { name: 'Reply' }).fill(words)
    const enterAs = async (context: BrowserContext, email: string) => {
      const { body } = await service.api('POST', '/api/v1/login_links', { email })
      const page = await context.newPage()
      await page.goto(new URL(String(body.url)).pathname)
      await page.getByRole('button', { name: 'Sign in' }).click()
      await page.getByRole('navigation', { name: 'Main' }).waitFor()
      return page
    }
    const kept = (page: Page) => page.evaluate<string>('JSON.stringify({ ...localStorage, ...sessionStorage })')

    it('shows the next user no draft and no unsent message after a session has ended', async () => {
      const { displayId, id } = await addConversation(service, `${freshWords()}@customer.example`)
      const [first, second] = [await addColleague(), await addColleague()]
      const { page, context } = await signIn(browser, service, { email: first })
      await open(page, displayId)
      await page.route('**/messages', (route) =>
        route.request().method() === 'POST' ? route.abort() : route.continue(),
      )
      const [unsent, draft] = [freshWords(), freshWords()]
      await write(page, unsent)
      await page.getByRole('button', { name: 'Send', exact: true }).click()
      await page.getByRole('button', { name: 'Try again' }).waitFor()
      await write(page, draft)
      await until('the draft is kept', async () => (await kept(page)).includes(draft))
      await context.clearCookies()
      const next = await enterAs(context, second)
      await open(next, displayId)
      expect(await next.getByRole('textbox', { name: 'Reply' }).inputValue()).toBe('')
      expect(await next.getByText(unsent).count()).toBe(0)
      expect(await kept(next)).not.toMatch(new RegExp(`${draft}|${unsent}`))
      // The first one's tab shows the second now, too, and says nothing for the first.
      await until('the other tab was read anew', async () => !(await page.content()).includes(unsent))
      expect(await service.sql('select 1 from messages where conversation_id = $1', [id])).toEqual([])
    })

    it('keeps no data after sign-out; drafts are on the server, and other tabs close the inbox', async () => {
      const { displayId } = await addConversation(service, `${freshWords()}@customer.example`)
      const email = await addColleague()
      const { page, context } = await signIn(browser, service, { email })
      await open(page, displayId)
      const other = await context.newPage()
      await open(other, displayId)
      const draft = freshWords()
      await write(page, draft)
      await page.getByRole('button', { name: /, Offline|, Online/ }).click()
      await page.getByRole('menuitem', { name: 'Sign out' }).click()
      await page.getByRole('heading', { name: 'Sign in' }).waitFor()
      await other.getByRole('heading', { name: 'Sign in' }).waitFor()
      expect(await kept(page)).not.toContain(draft)
      const again = await enterAs(context, email)
      await open(again, displayId)
      await until('the draft is there', async () => {
        return (await again.getByRole('textbox', { name: 'Reply' }).inputValue()) === draft
      })
    })

    it('says that the user is still signed in when the server does not answer', async () => {
      const { page, context } = await signIn(browser, service, { email: await addColleague() })
      await page.goto('/app/accounts/1/conversations')
      await page.route('**/auth/sign_out', (route) => route.abort())
      await page.getByRole('button', { name: /, Offline|, Online/ }).click()
      await page.getByRole('menuitem', { name: 'Sign out' }).click()
      await page.getByText('The server does not answer.').first().waitFor()
      expect(await context.cookies()).not.toEqual([])
    })
  })
})
