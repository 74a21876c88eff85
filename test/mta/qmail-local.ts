// A double of qmail-local(8), written from qmail-command(8), dot-qmail(5) and qmail-send(8): there is no package of
// qmail to test with. It runs the program lines of a .qmail file with `sh -c`, the mail on a seekable stdin that
// earlier lines have read from, and does with the exit status what the manual says.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { open, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

export interface Delivery {
  /** Of the mail, as qmail-smtpd took it. */
  readonly sender: string
  readonly recipient: string
  readonly raw: Buffer
  /** `control/virtualdomains`, one line. */
  readonly virtualDomain: string
  readonly dotQmail: string
  readonly home: string
  readonly environment: Readonly<Record<string, string>>
}

export interface Ended {
  readonly outcome: 'delivered' | 'bounced' | 'later'
  /** What the programs wrote; qmail quotes it in the bounce. */
  readonly output: string
}

// qmail-command(8): 0 done; 99 done, and the lines below are left out; 100 never; 111 later. For compatibility 64,
// 65, 70, 76, 77, 78 and 112 mean never, everything else later.
const never = [100, 64, 65, 70, 76, 77, 78, 112]

export async function runQmailLocal(delivery: Delivery): Promise<Ended> {
  const file = join(delivery.home, 'message')
  await writeFile(file, delivery.raw)
  const message = await open(file, 'r')
  let output = ''
  try {
    for (const line of delivery.dotQmail.split('\n').filter((text) => text.startsWith('|'))) {
      const child = spawn('/bin/sh', ['-c', line.slice(1)], {
        cwd: delivery.home,
        env: environmentOf(delivery),
        stdio: [message.fd, 'pipe', 'pipe'],
      })
      for (const stream of [child.stdout, child.stderr])
        stream?.on('data', (chunk: Buffer) => (output += chunk.toString()))
      await once(child, 'close')
      const status = child.exitCode ?? 111
      if (status === 99) break
      if (status !== 0) return { outcome: never.includes(status) ? 'bounced' : 'later', output }
    }
    return { outcome: 'delivered', output }
  } finally {
    await message.close()
    await rm(file)
  }
}

// The mail of a virtual domain `domain:prepend` is for prepend-local@domain; the user is what stands before the first
// dash, and `.qmail-reply-default` leaves the rest of the extension to DEFAULT. Values are as they came: no quotes,
// nothing escaped.
function environmentOf({ sender, recipient, virtualDomain, home, environment }: Delivery): Record<string, string> {
  const at = recipient.lastIndexOf('@')
  const host = recipient.slice(at + 1)
  const [, prepend = ''] = virtualDomain.trim().split(':')
  const local = `${prepend}-${recipient.slice(0, at)}`
  const [user = ''] = local.split('-')
  const parts = (text: string, mark: string, n: number) => text.split(mark).slice(0, -n).join(mark)
  const after = (text: string, n: number) => text.split('-').slice(n).join('-')
  const ext = after(local, 1)
  return {
    ...environment,
    SENDER: sender,
    NEWSENDER: sender,
    RECIPIENT: `${local}@${host}`,
    USER: user,
    HOME: home,
    LOCAL: local,
    HOST: host,
    HOST2: parts(host, '.', 1),
    HOST3: parts(host, '.', 2),
    HOST4: parts(host, '.', 3),
    EXT: ext,
    EXT2: after(ext, 1),
    EXT3: after(ext, 2),
    EXT4: after(ext, 3),
    DEFAULT: recipient.slice(0, at),
    RPLINE: `Return-Path: <${sender}>\n`,
    DTLINE: `Delivered-To: ${local}@${host}\n`,
    UFLINE: `From ${sender === '' ? 'MAILER-DAEMON' : sender} Wed Nov 25 12:00:00 2026\n`,
  }
}
