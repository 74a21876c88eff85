// Settings at a browser: what a person changes of themselves and of the account; the server's sentences stand at
// their field.

import type { Browser } from '@playwright/test'
import { afterAll, beforeAll, expect, it } from 'vitest'

import { describeWithDatabase } from '../support/database.ts'
import { useService } from '../support/fixtures.ts'
import { codeNow } from '../support/sign-in.ts'
import { until } from '../support/until.ts'
import { describeInBrowser, launchBrowser, signIn } from './support/browser.ts'

const settings = '/app/accounts/1/settings'

describeInBrowser('at a browser', () => {
  describeWithDatabase('settings', () => {
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
      const { body } = await service.api('POST', '/api/v1/installation/accounts/1/account_users', { email, name })
      return { email, token: String(body.access_token), id: Number(body.id) }
    }

    it('the name is saved on Save, and discarded otherwise', async () => {
      const { email, token } = await addAgent('Nina')
      const { page, complaints } = await signIn(browser, service, { email })
      await page.goto('/app/profile')
      await page.getByLabel('Display name').fill('Nina N.')
      await page.getByText('1 change').waitFor()
      await page.getByRole('button', { name: 'Discard' }).click()
      expect(await page.getByLabel('Display name').inputValue()).toBe('')
      await page.getByLabel('Name', { exact: true }).fill('')
      await page.getByRole('button', { name: 'Save' }).click()
      await page.getByRole('alert').getByText("Name can't be blank").waitFor()
      await page.getByLabel('Name', { exact: true }).fill('Nina Neu')
      await page.getByRole('button', { name: 'Save' }).click()
      await until('the new name', async () => {
        return (await service.api('GET', '/api/v1/profile', undefined, token)).body.name === 'Nina Neu'
      })
      expect(complaints.filter((one) => !one.includes('422'))).toEqual([])
    })

    it('a session that is ended in the list is signed out in its browser', async () => {
      const { email } = await addAgent('Rita')
      const [one, two] = [await signIn(browser, service, { email }), await signIn(browser, service, { email })]
      await two.page.goto('/app/accounts/1/conversations')
      await two.page.getByRole('navigation', { name: 'Main' }).waitFor()
      await one.page.goto(`${settings}/security`)
      const sessions = one.page.getByRole('list', { name: 'Sessions' })
      await sessions.getByText('this browser').waitFor()
      expect(await sessions.getByRole('listitem').count()).toBe(2)
      await sessions.getByRole('button', { name: 'Sign out' }).click()
      await until('one session', async () => (await sessions.getByRole('listitem').count()) === 1)
      await two.page.reload()
      await two.page.getByLabel('Email address').waitFor()
      expect(new URL(two.page.url()).pathname).toBe('/login')
    })

    it('a refused password is shown at its field; the second factor is enabled and disabled', async () => {
      const { email, token } = await addAgent('Sven')
      const { page } = await signIn(browser, service, { email })
      await page.goto(`${settings}/security`)
      await page.getByLabel('New password', { exact: true }).fill('password')
      await page.getByLabel('Repeat the new password').fill('password')
      await page.getByRole('button', { name: 'Save' }).click()
      await page.getByRole('alert').getByText('anybody would guess').waitFor()
      expect(await page.getByLabel('New password', { exact: true }).getAttribute('aria-invalid')).toBe('true')
      await page.getByRole('button', { name: 'Switch on' }).click()
      const secret = (await page.getByLabel('Secret for the authenticator app').innerText()).replaceAll(' ', '')
      const dialog = page.getByRole('dialog', { name: 'Second factor' })
      await dialog.getByLabel('Code').fill('000000')
      await dialog.getByRole('button', { name: 'Switch on' }).click()
      await dialog.getByRole('alert').waitFor()
      await dialog.getByLabel('Code').fill(codeNow(secret))
      await dialog.getByRole('button', { name: 'Switch on' }).click()
      const codes = dialog.getByRole('list', { name: 'Recovery codes' })
      await codes.waitFor()
      expect(await codes.getByRole('listitem').count()).toBe(10)
      const [recovery = ''] = await codes.getByRole('listitem').allInnerTexts()
      await dialog.getByRole('button', { name: 'I have kept them' }).click()
      await page.getByText('10 recovery codes left').waitFor()
      await page.getByRole('button', { name: 'Switch off' }).click()
      await dialog.getByLabel('Code').fill(recovery)
      await dialog.getByRole('button', { name: 'Switch off' }).click()
      await until('no second factor', async () => {
        return (await service.api('GET', '/api/v1/profile/two_factor', undefined, token)).body.enabled === false
      })
    })

    it('an agent makes, replaces and removes their address for new conversations', async () => {
      const { email, token, id } = await addAgent('Wanda')
      await service.api('POST', '/api/v1/accounts/1/inbox_members', { inbox_id: 1, user_ids: [id] })
      const own = async () =>
        (await service.api('GET', '/api/v1/accounts/1/new_conversation_addresses', undefined, token)).body.payload as {
          new_conversation_address: string
        }[]
      const { page, complaints } = await signIn(browser, service, { email })
      await page.goto(`${settings}/notifications`)
      const address = page.getByLabel(/^Address for new conversations in /)
      await page.getByRole('button', { name: 'Make an address' }).click()
      await address.waitFor()
      const [first] = await own()
      expect(await address.innerText()).toBe(first?.new_conversation_address)
      await page.getByRole('button', { name: 'Copy' }).waitFor()
      await page.getByRole('button', { name: 'Replace it' }).click()
      await until('another address', async () => (await address.innerText()) !== first?.new_conversation_address)
      await page.getByRole('button', { name: 'Remove it' }).click()
      await address.waitFor({ state: 'hidden' })
      expect(await own()).toEqual([])
      expect(complaints).toEqual([])
    })

    it('an administrator invites, creates an inbox and a label; a refusal is shown at its field', async () => {
      const { page } = await signIn(browser, service)
      await page.goto(`${settings}/people`)
      await page.getByRole('button', { name: 'Invite' }).click()
      await page.getByRole('dialog', { name: 'Invite' }).getByLabel('Email address').fill('ines@acme.example')
      await page.getByRole('dialog', { name: 'Invite' }).getByRole('button', { name: 'Invite' }).click()
      await page.getByText('ines@acme.example', { exact: true }).waitFor()
      await page.getByRole('link', { name: 'Inboxes' }).click()
      const make = async (address: string) => {
        await page.getByLabel('Address', { exact: true }).fill(address)
        await page.getByRole('button', { name: 'Create' }).click()
      }
      await page.getByRole('button', { name: 'New inbox' }).click()
      await page.getByLabel('Name', { exact: true }).fill('Sales')
      await make(service.inboxAddress)
      await page.getByRole('dialog', { name: 'New inbox' }).getByRole('alert').waitFor()
      await make('sales@reply.localhost')
      await page.getByRole('listitem').filter({ hasText: 'sales@reply.localhost' }).waitFor()
      await page.getByRole('button', { name: 'Edit: Sales' }).click()
      await page
        .getByRole('dialog', { name: 'Sales' })
        .getByRole('checkbox', { name: /Administrator/ })
        .check()
      await page.getByRole('dialog', { name: 'Sales' }).getByRole('button', { name: 'Save' }).click()
      await page.getByRole('dialog', { name: 'Sales' }).waitFor({ state: 'hidden' })
      await page.getByRole('link', { name: 'Labels' }).click()
      await page.getByRole('button', { name: 'New label' }).first().click()
      await page.getByRole('dialog', { name: 'New label' }).getByLabel('Name').fill('two words')
      await page.getByRole('dialog', { name: 'New label' }).getByRole('button', { name: 'Create' }).click()
      await page.getByRole('dialog', { name: 'New label' }).getByRole('alert').waitFor()
      await page.getByRole('dialog', { name: 'New label' }).getByLabel('Name').fill('billing')
      await page.getByRole('dialog', { name: 'New label' }).getByRole('button', { name: 'Create' }).click()
      await page.getByRole('button', { name: 'Delete: billing' }).click()
      await page.getByRole('dialog', { name: 'Delete: billing' }).getByRole('button', { name: 'Delete' }).click()
      await page.getByRole('heading', { name: 'No labels yet' }).waitFor()
    })

    it('an agent sees personal pages, and the suppressed addresses', async () => {
      const { email } = await addAgent('Otto')
      const { page } = await signIn(browser, service, { email })
      await page.goto(`${settings}/people`)
      await page.getByRole('heading', { name: 'There is no such page' }).waitFor()
      expect(await page.getByRole('navigation', { name: 'Settings' }).getByRole('link').count()).toBe(6)
    })
  })
})
