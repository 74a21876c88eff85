// `npm run pictures:mail [-- FOLDER]`: a picture of each kind of mail that leaves, light and dark, on a desk and on a
// phone, rendered by Chromium from the functions that make the mail. Into docs/pictures, or a folder to look at.

import { mkdirSync } from 'node:fs'
import { join } from 'node:path'

import { chromium } from '@playwright/test'

import { sampleMails } from './mail-pictures-data.ts'

const folder = process.argv.slice(2).find((one) => !one.startsWith('--')) ?? 'docs/pictures'
const shots = [
  ['light', 'desk', 760],
  ['dark', 'desk', 760],
  ['light', 'phone', 375],
  ['dark', 'phone', 375],
] as const
// A page is put together from both themes of a mail: one file to look at instead of four.
const pair = ([light, dark]: readonly string[]): string =>
  '<body style="margin:0;background:#fff"><div style="display:flex;align-items:stretch">' +
  `<img src="data:image/png;base64,${light ?? ''}"><img src="data:image/png;base64,${dark ?? ''}"></div></body>`

// The page of the docs shows how one mail looks on a phone; a folder of one's own gets all of them.
const devices = (name: string): readonly string[] =>
  folder !== 'docs/pictures' || name === 'notice' ? ['desk', 'phone'] : ['desk']

const browser = await chromium.launch({
  executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
  args: ['--no-sandbox'],
})
try {
  mkdirSync(folder, { recursive: true })
  for (const [name, html] of Object.entries(sampleMails())) {
    const taken = new Map<string, string>()
    for (const [theme, device, width] of shots) {
      const context = await browser.newContext({
        viewport: { width, height: 300 },
        colorScheme: theme,
        locale: 'en-GB',
      })
      const page = await context.newPage()
      await page.setContent(html)
      taken.set(`${device} ${theme}`, (await page.screenshot({ fullPage: true })).toString('base64'))
      await context.close()
    }
    for (const device of devices(name)) {
      const page = await browser.newPage({ viewport: { width: 2 * (device === 'desk' ? 760 : 375), height: 200 } })
      await page.setContent(pair([taken.get(`${device} light`) ?? '', taken.get(`${device} dark`) ?? '']))
      const file = join(folder, `mail-${name}${device === 'desk' ? '' : '-phone'}.png`)
      await page.screenshot({ path: file, fullPage: true })
      console.log(file)
      await page.close()
    }
  }
} finally {
  await browser.close()
}
