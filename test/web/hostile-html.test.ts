// Mail whose HTML is written to attack who reads it: it is shown, runs nothing, and fetches nothing.

import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

import type { Browser, Page } from '@playwright/test'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { useService } from '../support/fixtures.ts'
import { until } from '../support/until.ts'
import { describeInBrowser, launchBrowser, signIn } from './support/browser.ts'
import { hostileForms } from './support/hostile-html.ts'

// What must be nowhere in a frame: elements that act or fetch, handlers, and links to anything but the web, mail and
// phones.
const findDangerous = `[
  ...[...document.querySelectorAll(
    'script, iframe, object, embed, form, input, button, video, audio, svg, math, template, dialog, ' +
      'link, base, [http-equiv=refresh]'
  )].map(({ outerHTML }) => outerHTML),
  ...[...document.querySelectorAll('*')].flatMap(({ attributes }) =>
    [...attributes].map(({ name }) => name)
      .filter((name) => name.startsWith('on') || name === 'id' || name === 'name')),
  ...[...document.querySelectorAll('a[href]')].map(({ href }) => href)
    .filter((href) => !/^(?:https?|mailto|tel):/.test(href)),
]`

describeInBrowser('hostile HTML', () => {
  const service = useService()
  let browser: Browser
  let probe: Server
  const asked: string[] = []
  beforeAll(async () => {
    probe = createServer((request, response) => {
      asked.push(request.url ?? '')
      response.end()
    })
    await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve))
    browser = await launchBrowser()
  })
  afterAll(async () => {
    await browser.close()
    probe.close()
  })

  const mailOf = (name: string, html: string) =>
    Buffer.from(
      [
        'From: Eve <jane@example.com>',
        `To: ${service.replyAddress}`,
        `Subject: ${name}`,
        `Message-ID: <${Buffer.from(name).toString('hex').slice(0, 60)}@eve.example>`,
        'MIME-Version: 1.0',
        'Content-Type: text/html; charset=utf-8',
        'Content-Transfer-Encoding: base64',
        '',
        (
          Buffer.from(`<p>${name}</p>${html}`)
            .toString('base64')
            .match(/.{1,76}/g) ?? []
        ).join('\r\n'),
        '',
      ].join('\r\n'),
    )
  const address = () => `http://127.0.0.1:${String((probe.address() as AddressInfo).port)}`

  async function showAll(page: Page, count: number): Promise<void> {
    const articles = page.getByRole('article')
    await until(
      'all messages',
      async () => {
        await page.evaluate(`document.querySelector('[role=log]')?.scrollTo(0, 0)`)
        return (await articles.count()) >= count
      },
      60_000,
    )
    await pressAll(page, 'Original')
  }

  // The names of buttons change as they are pressed. Scripts for the page are texts: this project has no types of the
  // DOM.
  const pressAll = (page: Page, name: string) =>
    page.evaluate(
      `for (const button of [...document.querySelectorAll('button')].filter(({ textContent }) => ` +
        `textContent.trim() === '${name}')) button.click()`,
    )

  test('of many forms runs no script, fetches nothing and stays in its frame, also with pictures on', async () => {
    const forms = hostileForms(address())
    expect(forms.length).toBeGreaterThanOrEqual(60)
    let received = 0
    for (const { name, html } of forms) {
      const { status } = await service.deliver(mailOf(name, html), { to: service.replyAddress })
      if (status === 'delivered') received += 1
    }
    expect(received).toBe(forms.length)
    const { page, context } = await signIn(browser, service)
    const foreign: string[] = []
    context.on('request', (request) => {
      const url = request.url()
      if (!url.startsWith(service.url) && !/^(?:data|blob|about):/.test(url)) foreign.push(url)
    })
    page.on('dialog', (dialog) => {
      foreign.push(`dialog: ${dialog.message()}`)
      void dialog.dismiss()
    })
    context.on('page', (opened) => foreign.push(`page: ${opened.url()}`))
    await page.goto('/app/accounts/1/conversations/1?tab=all')
    await showAll(page, forms.length)
    const frames = () => page.frames().filter((frame) => frame !== page.mainFrame())
    // Each form is shown with its name, in a frame of its own.
    const missing = async () => {
      const texts = await Promise.all(frames().map((frame) => frame.evaluate<string>('document.body.textContent')))
      return forms.filter(({ name }) => !texts.some((text) => text.includes(name))).map(({ name }) => name)
    }
    await until('a frame for each form', async () => (await missing()).length === 0, 60_000)

    await pressAll(page, 'Show pictures')
    await until('an answer for each picture', async () => {
      const states = await Promise.all(
        frames().map((frame) => frame.evaluate<boolean>('[...document.images].every(({ complete }) => complete)')),
      )
      return !states.includes(false)
    })
    const marks = await Promise.all(page.frames().map((frame) => frame.evaluate<boolean>(`'hacked' in window`)))
    expect(marks).not.toContain(true)
    const elements = await Promise.all(frames().map((frame) => frame.evaluate<string[]>(findDangerous)))
    expect(elements.flat()).toEqual([])
    expect(foreign).toEqual([])
    expect(asked).toEqual([])
    expect(page.url()).toContain('/app/accounts/1/conversations/1')
    await context.close()
  })

  test('a picture of the mail is shown in its place without asking, and then not listed below', async () => {
    const png = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='
    const raw = Buffer.from(
      [
        'From: Ann <ann@customer.example>',
        `To: ${service.inboxAddress}`,
        'Subject: A screenshot',
        'Message-ID: <screenshot@customer.example>',
        'MIME-Version: 1.0',
        'Content-Type: multipart/related; boundary=b',
        '',
        '--b',
        'Content-Type: text/html',
        '',
        '<p>See <img alt="the screen" src="cid:Screen%20One@x"></p>',
        '--b',
        'Content-Type: image/png; name="screen.png"',
        'Content-ID: <screen one@x>',
        'Content-Transfer-Encoding: base64',
        '',
        png,
        '--b--',
        '',
      ].join('\r\n'),
    )
    const { conversation_id: displayId } = await service.deliver(raw, { to: service.inboxAddress })
    const { page, context } = await signIn(browser, service)
    await page.goto(`/app/accounts/1/conversations/${String(displayId)}?tab=all`)
    const file = page.getByRole('article').getByRole('button', { name: 'Preview of screen.png' })
    await file.waitFor()
    await page.getByRole('button', { name: 'Original' }).click()
    const picture = page.frameLocator('iframe').getByRole('img', { name: 'the screen' })
    await picture.waitFor()
    await until('the picture is loaded', () =>
      page.frames().at(-1)!.evaluate<boolean>('[...document.images].some(({ naturalWidth }) => naturalWidth === 1)'),
    )
    expect(await file.count()).toBe(0)
    expect(await page.getByRole('button', { name: 'Show pictures' }).count()).toBe(0)
    await context.close()
  })
})
