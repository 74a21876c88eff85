// Signing in as a person does it: by a link from a mail, with a password and a code; and what becomes of a page whose
// session has ended.

import type { Browser, Page } from '@playwright/test'
import { afterAll, beforeAll, expect, it } from 'vitest'

import { describeWithDatabase } from '../support/database.ts'
import { useService } from '../support/fixtures.ts'
import { linkTo } from '../support/links.ts'
import { codeNow } from '../support/sign-in.ts'
import { describeInBrowser, launchBrowser, signIn } from './support/browser.ts'

const password = 'a long and quiet river'

describeInBrowser('at a browser', () => {
  describeWithDatabase('signing in', () => {
    const service = useService()
    let browser: Browser
    beforeAll(async () => {
      browser = await launchBrowser()
    })
    afterAll(async () => {
      await browser.close()
    })

    const addAgent = async (name: string) => {
      const email = `${name.toLowerCase()}@acme.example`
      const added = await service.api('POST', '/api/v1/installation/accounts/1/account_users', { email, name })
      const token = String(added.body.access_token)
      await service.api('PUT', '/api/v1/profile/password', { password }, token)
      return { email, token }
    }
    const openLogin = async (path = '/login'): Promise<Page> => {
      const page = await (await browser.newContext({ baseURL: service.url, locale: 'en-GB' })).newPage()
      await page.goto(path)
      return page
    }
    const isIn = (page: Page) => page.getByRole('navigation', { name: 'Main' }).waitFor()

    it('by a link from a mail: the page names the user, and its button signs in, once', async () => {
      const { email } = await addAgent('Maria')
      const page = await openLogin()
      await page.getByLabel('Email address').fill(email)
      await page.getByRole('button', { name: 'Send me a link' }).click()
      await page.getByRole('heading', { name: 'Check your mail' }).waitFor()
      const code = (await linkTo(service, email)).split('/').at(-1) ?? ''
      await page.goto(`/login/${code}`)
      await page.getByRole('heading', { name: 'Sign in as Maria' }).waitFor()
      await page.getByRole('button', { name: 'Sign in' }).click()
      await isIn(page)
      const again = await openLogin(`/login/${code}`)
      await again.getByRole('heading', { name: 'This link is no longer valid' }).waitFor()
      await again.getByRole('button', { name: 'Get another link' }).click()
      await again.getByLabel('Email address').waitFor()
    })

    it('with a password: a wrong one is reported at its field; no script can read the session', async () => {
      const { email } = await addAgent('Paul')
      const page = await openLogin()
      await page.getByLabel('Email address').fill(email)
      await page.getByRole('button', { name: 'Use a password' }).click()
      const field = page.getByLabel('Password', { exact: true })
      await field.fill('not this one')
      await field.press('Enter')
      await page.getByRole('alert').getByText('Invalid login credentials').waitFor()
      expect(await field.getAttribute('aria-invalid')).toBe('true')
      await field.fill(password)
      await field.press('Enter')
      await isIn(page)
      const seen = await page.evaluate<string>(
        'document.cookie + JSON.stringify({ ...localStorage, ...sessionStorage })',
      )
      expect(seen).not.toMatch(/rethread_session|token/)
    })

    it('with a second factor, by its code or a recovery code', async () => {
      const { email, token } = await addAgent('Tara')
      const begun = await service.api('POST', '/api/v1/profile/two_factor', {}, token)
      const otp = (later: number) => codeNow(String(begun.body.secret), later)
      const { body } = await service.api('POST', '/api/v1/profile/two_factor/confirm', { otp_code: otp(0) }, token)
      const reachCode = async (): Promise<Page> => {
        const page = await openLogin()
        await page.getByLabel('Email address').fill(email)
        await page.getByRole('button', { name: 'Use a password' }).click()
        await page.getByLabel('Password', { exact: true }).fill(password)
        await page.getByRole('button', { name: 'Sign in' }).click()
        await page.getByRole('heading', { name: 'Second step' }).waitFor()
        return page
      }
      const page = await reachCode()
      await page.getByLabel('Code').fill('000000')
      await page.getByRole('button', { name: 'Sign in' }).click()
      await page.getByRole('alert').getByText('This code is wrong').waitFor()
      await page.getByLabel('Code').fill(otp(1))
      await page.getByRole('button', { name: 'Sign in' }).click()
      await isIn(page)
      const other = await reachCode()
      await other.getByRole('button', { name: 'Use a recovery code' }).click()
      await other.getByLabel('Recovery code').fill(body.recovery_codes[0])
      await other.getByRole('button', { name: 'Sign in' }).click()
      await isIn(other)
    })

    it('a page whose session has ended asks to sign in, and then returns to the same view', async () => {
      const { email, token } = await addAgent('Elena')
      const { page } = await signIn(browser, service, { email })
      await page.goto('/app/accounts/1/conversations?tab=all')
      await isIn(page)
      await page.getByRole('tab', { name: /All/ }).waitFor()
      await service.api('DELETE', '/api/v1/profile/sessions', undefined, token)
      await page.keyboard.type('gu')
      await page.getByText('You were signed out.').waitFor()
      expect(new URL(page.url()).pathname).toBe('/login')
      await page.getByLabel('Email address').fill(email)
      await page.getByRole('button', { name: 'Use a password' }).click()
      await page.getByLabel('Password', { exact: true }).fill(password)
      await page.getByRole('button', { name: 'Sign in' }).click()
      await isIn(page)
      expect(new URL(page.url()).pathname + new URL(page.url()).search).toContain('/app/accounts/1/conversations?tab=')
    })

    it.each([
      '//evil.example/',
      '/\\evil.example/',
      'https://evil.example/',
      'javascript:alert(1)',
      '/\t/evil.example',
    ])('a sign-in link with the target %j leads to the start page', async (back) => {
      const { page } = await signIn(browser, service)
      await page.goto(`/login?back=${encodeURIComponent(back)}`)
      await isIn(page)
      expect(page.url()).toContain(`${service.url}/app/accounts/1/conversations`)
    })
  })
})
