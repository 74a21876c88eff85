// The page of doctor at a browser: an administrator of the installation sees all checks with the records to publish, an
// administrator of an account those of its domains alone. The DNS is one of our own.

import type { Browser } from '@playwright/test'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { type DnsServer, startDns } from '../support/dns-server.ts'
import { startService } from '../support/service.ts'
import { describeInBrowser, launchBrowser, signIn } from './support/browser.ts'

const page1 = '/app/accounts/1/settings/doctor'

describeInBrowser('doctor', () => {
  let dns: DnsServer
  let service: Awaited<ReturnType<typeof startService>>
  let browser: Browser
  beforeAll(async () => {
    dns = await startDns({ 'mail.acme.example': { A: ['192.0.2.25'] } })
    service = await startService({
      env: { INBOUND_EMAIL_DOMAIN: 'reply.acme.example', MAIL_HOST: 'mail.acme.example', DNS_SERVERS: dns.address },
    })
    browser = await launchBrowser()
  })
  afterAll(async () => {
    await browser.close()
    await service[Symbol.asyncDispose]()
    await dns.stop()
  })

  test('shows each domain with the record to publish, copies it, and checks again', async () => {
    const { page, context, complaints } = await signIn(browser, service)
    await context.grantPermissions(['clipboard-read', 'clipboard-write'])
    await page.goto(page1)
    const domain = page.getByRole('region', { name: 'reply.acme.example' })
    const mx = domain.getByRole('listitem').filter({ has: page.getByRole('heading', { name: /^MX/ }) })
    await mx.getByText('has no MX record').waitFor()
    await mx.getByText('failed', { exact: true }).waitFor()
    await mx.getByText('It leads replies and bounces to this server.').waitFor()
    await mx.getByRole('button', { name: 'Copy: MX Value' }).press('Enter')
    await mx.getByRole('button', { name: 'Copied: MX Value' }).waitFor()
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe('10 mail.acme.example.')
    await page
      .getByRole('region', { name: 'Server and data' })
      .getByRole('heading', { name: /^Database/ })
      .waitFor()
    await page
      .getByRole('status')
      .getByText(/\d+ failed/)
      .waitFor()
    const asked = dns.asked.length
    await page.getByRole('button', { name: 'Check again' }).press('Enter')
    await page.getByRole('progressbar').waitFor()
    await page
      .getByRole('status')
      .getByText(/\d+ failed/)
      .waitFor()
    expect(dns.asked.length).toBeGreaterThan(asked)
    expect(complaints).toEqual([])
    await context.close()
  })

  test('shows an administrator of an account the domains of that account, and nothing of the server', async () => {
    const email = 'boss@other.example'
    await service.sql(`insert into accounts (id, name, domain) values (7, 'Other', 'reply.other.example')`)
    await service.api('POST', '/api/v1/installation/accounts/7/account_users', {
      email,
      name: 'Boss',
      role: 'administrator',
    })
    const { page, context } = await signIn(browser, service, { email })
    await page.goto('/app/accounts/7/settings/doctor')
    await page.getByRole('region', { name: 'reply.other.example' }).getByRole('heading', { name: /^SPF/ }).waitFor()
    const groups = page.getByRole('main').getByRole('region')
    expect(await groups.evaluateAll((all) => all.map((one) => one.getAttribute('aria-label')))).toEqual([
      'reply.other.example',
    ])
    await context.close()
  })
})
