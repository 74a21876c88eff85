// The shell blocks of the quick start and the README, and the receivers of the webhook guide, run as they are printed.
// Only ports, addresses and the folder of secrets are those of the service under test.

import { spawn, spawnSync } from 'node:child_process'
import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { root } from '../house/tree.ts'
import { blocksOf } from '../support/pages.ts'
import { startService } from '../support/service.ts'
import { until } from '../support/until.ts'

const program = join(root, 'dist', 'main.js')

describe('the documented steps', () => {
  let service: Awaited<ReturnType<typeof startService>>
  let folder: string
  beforeAll(async () => {
    service = await startService({ env: { SAFE_URL_ALLOW: '127.0.0.1' } })
    folder = await mkdtemp(join(tmpdir(), 'rethread-reader-'))
    await symlink(service.dataDir, join(folder, 'data'))
  })
  afterAll(async () => {
    await rm(folder, { recursive: true, force: true })
    await service[Symbol.asyncDispose]()
  })

  const here = (text: string): string =>
    text
      .replaceAll('127.0.0.1:3000', `127.0.0.1:${String(service.ports.http)}`)
      .replaceAll('127.0.0.1:2525', `127.0.0.1:${String(service.ports.smtp)}`)
      .replaceAll('npx rethread', `"${process.execPath}" "${program}"`)
  const paste = (text: string) =>
    spawnSync('bash', ['-euo', 'pipefail', '-c', here(text)], {
      cwd: folder,
      env: { ...process.env, RETHREAD_URL: service.url, RETHREAD_TOKEN: service.token },
      encoding: 'utf8',
      timeout: 30_000,
    })

  const blocks = (file: string, words: string): string => {
    const found = blocksOf(file).filter(({ language, text }) => language === 'sh' && text.includes(words))
    expect(found).toHaveLength(1)
    return found[0]?.text ?? ''
  }

  test.each(['README.md', 'docs/quickstart.md'])('%s: the reply is delivered by its reply address', async (file) => {
    const sent = paste(blocks(file, '--url smtp').replace('npx rethread inbound show 1\n', ''))
    expect([sent.status, sent.stderr, sent.stdout]).toEqual([0, '', ''])
    const shown = await until('the mail', () => {
      const { stdout } = paste('npx rethread inbound show 1')
      return stdout.includes('decision') ? stdout : null
    })
    expect(shown).toContain('inbound email 1: delivered (reply-address)')
    expect(shown).toMatch(/conversation +by-reply-address +conversation 1 by the live reply address of its contact/)
    expect(shown).toMatch(/authority +participant +jane@example.com is/)
    expect(shown).toMatch(/decision +append +reply-address/)
  })

  test.each(['README.md', 'docs/quickstart.md'])('%s: the answer is sent with a reply address', async (file) => {
    const before = (await service.outbox()).length
    const answered = paste(blocks(file, 'Good to hear!').replace('ls data/outbox\n', ''))
    expect(JSON.parse(answered.stdout)).toMatchObject({ content: 'Good to hear!', message_type: 1 })
    const sent = await until('the answer', async () => (await service.outbox())[before] ?? null)
    expect(sent.address('Reply-To')).toMatch(/^reply\+[0-9a-f]{32}@reply\.localhost$/)
  })

  test.each([
    ['node', 'js', 'receiver.mjs'],
    ['python3', 'python', 'receiver.py'],
  ])('docs/guides/webhooks.md: the receiver for %s prints what a customer wrote', async (command, language, name) => {
    if (spawnSync(command, ['--version']).error !== undefined) return
    const source = blocksOf('docs/guides/webhooks.md').find((block) => block.language === language)?.text ?? ''
    await writeFile(join(folder, name), source)
    const port = await findPort()
    const hook = await service.api('POST', '/api/v1/accounts/1/webhooks', {
      url: `http://127.0.0.1:${String(port)}/`,
      subscriptions: ['message_created'],
    })
    const { id, secret } = hook.body.payload.webhook as { id: number; secret: string }
    const receiver = spawn(command, [name], {
      cwd: folder,
      env: { ...process.env, PORT: String(port), WEBHOOK_SECRET: secret },
    })
    let printed = ''
    receiver.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString('utf8')))
    try {
      const post = (words: string, key: string) => postSigned(port, words, key)
      await until('the receiver', () => post('ready', secret).catch(() => null))
      expect(await post('forged', 'another key')).toBe(401)
      await service.api('POST', `/api/v1/accounts/1/webhooks/${String(id)}/test`)
      const words = `Written for ${command}.`
      const mail = `From: Jane <jane@example.com>\r\nTo: ${service.replyAddress}\r\n\r\n${words}\r\n`
      await service.deliver(Buffer.from(mail), { to: service.replyAddress })
      await until('the words', () => (printed.includes(words) ? printed : null))
      expect(printed).not.toContain('forged')
    } finally {
      receiver.kill()
      await once(receiver, 'close')
    }
  })
})

async function postSigned(port: number, content: string, key: string): Promise<number> {
  const body = JSON.stringify({ event: 'message_created', message_type: 'incoming', content })
  const timestamp = String(Math.floor(Date.now() / 1000))
  const signature = createHmac('sha256', key).update(`${timestamp}.${body}`).digest('hex')
  const { status } = await fetch(`http://127.0.0.1:${String(port)}/`, {
    method: 'POST',
    headers: { 'x-chatwoot-timestamp': timestamp, 'x-chatwoot-signature': `sha256=${signature}` },
    body,
  })
  return status
}

async function findPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
