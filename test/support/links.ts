// One-time links as their recipients use them: found in the mail that left, opened in a browser.

import type { Service } from './service.ts'
import { until } from './until.ts'

/** The newest link that was mailed to an address, once there are `count`. */
export async function linkTo(service: Service, address: string, count = 1): Promise<string> {
  const links = await until(`${String(count)} links for ${address}`, async () => {
    const found = (await service.outbox())
      .filter(({ recipients }) => recipients.includes(address))
      .flatMap(({ text }) => /^https?:\/\/\S+\/(?:confirm|login)\/([\w-]+)/m.exec(unfold(text))?.[1] ?? [])
    return found.length >= count ? found : null
  })
  return `${service.url}/confirm/${links.at(-1) ?? ''}`
}

/** Presses the page's button; the status. */
export async function openLink(url: string): Promise<number> {
  return (await fetch(url, { method: 'POST' })).status
}

// Quoted-printable breaks long lines (RFC 2045 §6.7).
function unfold(text: string): string {
  return text.replace(/=\r\n/g, '').replace(/=3D/g, '=')
}
