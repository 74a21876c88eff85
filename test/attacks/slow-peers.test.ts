// Slow peers: who sends or reads slowly, or not at all, is cut off and counted, and meanwhile takes a share of every
// budget, not all of it.

import { connect, type Socket } from 'node:net'

import { afterAll, beforeAll, expect, test } from 'vitest'

import { describeWithDatabase } from '../support/database.ts'
import { useService } from '../support/fixtures.ts'
import { freshWords, mail } from '../support/mail.ts'
import { until } from '../support/until.ts'

const mega = 1024 * 1024
// Ten seconds of a window that was there from its beginning: twenty at most, and some for a busy machine.
const cutWithinMs = 40_000

interface Peer {
  readonly socket: Socket
  readonly heard: () => string
  readonly isClosed: () => boolean
}

describeWithDatabase('slow peers', () => {
  const service = useService({
    env: {
      TRUSTED_RELAYS: '127.0.0.1/32',
      MAX_MESSAGE_BYTES: String(8 * mega),
      MAX_BYTES_IN_FLIGHT: String(32 * mega),
      MAX_CONNECTIONS: '20',
      MAX_CONNECTIONS_PER_ADDRESS: '10',
      RATE_LIMIT_CONTACT: 'off',
    },
  })
  let visitor = ''
  let file = ''
  const open: Socket[] = []
  beforeAll(async () => {
    const made = await service.api('POST', '/api/v1/accounts/1/inboxes', {
      name: 'Site',
      channel: { type: 'web_widget', website_url: 'https://shop.example' },
    })
    const door = `/public/api/v1/inboxes/${String(made.body.website_token)}/contacts`
    const contact = await (await fetch(`${service.url}${door}`, { method: 'POST' })).json()
    visitor = `${door}/${String((contact as { source_id: string }).source_id)}`
    const form = new FormData()
    form.append('attachment', new Blob([Buffer.alloc(7 * mega, 'x')]), 'large.bin')
    const uploaded = await fetch(`${service.url}/api/v1/accounts/1/upload`, {
      method: 'POST',
      headers: { api_access_token: service.token },
      body: form,
    })
    file = new URL(((await uploaded.json()) as { file_url: string }).file_url).pathname
  }, 60_000)
  afterAll(async () => {
    for (const socket of open) socket.destroy()
  })

  async function peer(port: number, localAddress: string): Promise<Peer> {
    const socket = connect({ port, host: '127.0.0.1', localAddress })
    open.push(socket)
    let heard = ''
    let closed = false
    socket.on('data', (chunk: Buffer) => (heard += chunk.toString('latin1')))
    socket.on('error', () => undefined)
    socket.on('close', () => (closed = true))
    await until('connected', () => socket.readyState === 'open' || closed)
    return { socket, heard: () => heard, isClosed: () => closed }
  }

  async function stall(localAddress: string, head: string, bytes: number): Promise<Peer> {
    const one = await peer(service.ports.http, localAddress)
    one.socket.write(`${head}\r\nHost: x\r\nContent-Length: ${String(8 * mega)}\r\n\r\n`)
    one.socket.write(Buffer.alloc(bytes, 'x'))
    return one
  }

  async function startData(localAddress: string, bytes: number): Promise<Peer> {
    const one = await peer(service.ports.smtp, localAddress)
    for (const [said, answer] of [
      ['', '220'],
      ['EHLO x', '250 '],
      ['MAIL FROM:<a@x.example>', '250 2.1.0'],
      [`RCPT TO:<${service.inboxAddress}>`, '250 2.1.5'],
      ['DATA', '354'],
    ] as const) {
      if (said !== '') one.socket.write(`${said}\r\n`)
      await until(answer, () => one.heard().includes(answer) || one.isClosed())
    }
    one.socket.write(Buffer.alloc(bytes, 'x\r\n'))
    return one
  }

  const multipart = `POST VISITOR/conversations/1/messages HTTP/1.1\r\nContent-Type: multipart/form-data; boundary=b`
  const slowPeers = async () =>
    Number(/^rethread_slow_peers (\d+)$/m.exec(await (await fetch(`${service.url}/metrics`)).text())?.[1])

  test('one address cannot use more than its share of connections, on any listener', async () => {
    const stalled = [
      ...(await Promise.all(
        Array.from({ length: 4 }, () => stall('127.0.0.2', multipart.replace('VISITOR', visitor), 7 * mega)),
      )),
      ...(await Promise.all(Array.from({ length: 4 }, () => startData('127.0.0.3', 7 * mega)))),
    ]
    // Of four that would take 28 MB each, most are refused at once; mail and visitors of other addresses are not.
    const to = service.replyAddress
    const from = 'jane@example.com'
    const raw = mail({ From: from, To: to }, `${freshWords()}\r\n${'x'.repeat(70)}`.repeat(1_000))
    expect((await service.relay(raw, { from, to })).status).toBe(204)
    expect((await service.smtp({ from, to, raw: mail({ From: from, To: to }, freshWords()) })).data[0]).toMatch(/^250/)
    expect((await fetch(`${service.url}${visitor}/conversations`, { method: 'POST' })).status).toBe(200)
    const before = await slowPeers()
    // They go on at 500 B/s, which is not enough for what they hold.
    const dribble = setInterval(() => {
      for (const { socket, isClosed } of stalled) if (!isClosed()) socket.write('x'.repeat(50))
    }, 100)
    try {
      await until('all of them cut off', () => stalled.every(({ isClosed }) => isClosed()), cutWithinMs)
    } finally {
      clearInterval(dribble)
    }
    expect(await slowPeers()).toBeGreaterThan(before)
    expect(stalled.some(({ heard }) => heard().includes('421 4.4.2'))).toBe(true)
    expect(stalled.some(({ heard }) => heard().startsWith('HTTP/1.1 408'))).toBe(true)
  }, 90_000)

  test('unknown clients cannot use every connection of a mail listener', async () => {
    const strangers = await Promise.all(
      Array.from({ length: 24 }, (_, n) => peer(service.ports.smtp, `127.0.1.${String(1 + (n % 4))}`)),
    )
    await until('all of them greeted or refused', () => strangers.every(({ heard }) => /^(220|421)/.test(heard())))
    expect(strangers.filter(({ heard }) => heard().startsWith('220'))).toHaveLength(15)
    const from = 'jane@example.com'
    const to = service.replyAddress
    expect((await service.smtp({ from, to, raw: mail({ From: from, To: to }, freshWords()) })).data[0]).toMatch(/^250/)
    for (const { socket } of strangers) socket.destroy()
  })

  test('a hundred clients that stop reading one file use little memory and are disconnected', async () => {
    const memory = async () =>
      Number(/^rethread_memory_bytes (\d+)$/m.exec(await (await fetch(`${service.url}/metrics`)).text())?.[1])
    const before = await memory()
    const cutBefore = await slowPeers()
    const readers = await Promise.all(
      Array.from({ length: 100 }, async () => {
        const one = await peer(service.ports.http, '127.0.0.4')
        one.socket.pause()
        one.socket.write(`GET ${file} HTTP/1.1\r\nHost: x\r\n\r\n`)
        return one
      }),
    )
    const whole = await fetch(`${service.url}${file}`)
    expect((await whole.arrayBuffer()).byteLength).toBe(7 * mega)
    // Before, each of them held the whole file: 700 MB.
    expect((await memory()) - before).toBeLessThan(200 * mega)
    await until('all of them cut off', async () => (await slowPeers()) >= cutBefore + 100, cutWithinMs)
    for (const { socket } of readers) socket.destroy()
  }, 90_000)

  test('a client that keeps the minimum rate is served completely (control)', async () => {
    const one = await stall('127.0.0.5', multipart.replace('VISITOR', visitor), 0)
    const start = performance.now()
    const drip = setInterval(() => one.socket.write(Buffer.alloc(4_000, 'x')), 200)
    try {
      await until('more than two windows', () => performance.now() - start > 21_000, 60_000)
    } finally {
      clearInterval(drip)
    }
    expect(one.heard()).not.toContain('408')
    expect(one.isClosed()).toBe(false)
  }, 90_000)
})
