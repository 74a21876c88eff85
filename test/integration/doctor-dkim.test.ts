// `rethread doctor --dns` and `rethread dns` where transports sign: the record under the configured selector is
// compared with the configured key.

import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { type DnsServer, startDns } from '../support/dns-server.ts'
import { runServe, type Service, startService } from '../support/service.ts'

describe('doctor --dns with transports that sign', () => {
  const folder = mkdtempSync(join(tmpdir(), 'dkim-'))
  const pair = () => generateKeyPairSync('rsa', { modulusLength: 2048 })
  const [own, stranger] = [pair(), pair()]
  const recordOf = (key: KeyObject) =>
    `v=DKIM1; k=rsa; p=${key.export({ type: 'spki', format: 'der' }).toString('base64')}`
  const file = join(folder, 'key.pem')
  const sign = (name: string, domain: string) =>
    `${name}=smtp://127.0.0.1:9?dkim_domain=${domain}&dkim_selector=rethread1&dkim_key=${encodeURIComponent(file)}`
  let dns: DnsServer
  let service: Service
  let checks: readonly {
    readonly name: string
    readonly records?: readonly unknown[]
    readonly [key: string]: unknown
  }[]

  beforeAll(async () => {
    writeFileSync(file, own.privateKey.export({ type: 'pkcs8', format: 'pem' }))
    dns = await startDns({
      // Longer than one character-string.
      'rethread1._domainkey.acme.example': recordOf(own.publicKey),
      'rethread1._domainkey.other.example': recordOf(stranger.publicKey),
      'rethread1._domainkey.stray.example': recordOf(own.publicKey),
      'default._domainkey.unsigned.example': recordOf(stranger.publicKey),
    })
    service = await startService({
      env: {
        INBOUND_EMAIL_DOMAIN: 'reply.acme.example',
        MAILER_SENDER_EMAIL: 'help@acme.example',
        TRANSPORTS: [sign('a', 'acme.example'), sign('b', 'other.example'), sign('c', 'stray.example')].join(','),
        DNS_SERVERS: dns.address,
      },
    })
    for (const [id, name] of ['other', 'unsigned'].entries())
      await service.sql(
        `insert into accounts (id, name, domain, support_email)
         values ($1, $2, 'reply.' || $2 || '.example', 'help@' || $2 || '.example')`,
        [50 + id, name],
      )
    checks = (JSON.parse((await service.command(['doctor', '--dns', '--json'])).stdout) as { checks: typeof checks })
      .checks
  })
  afterAll(async () => {
    await service[Symbol.asyncDispose]()
    await dns.stop()
    rmSync(folder, { recursive: true })
  })
  const check = (name: string) => checks.find((one) => one.name === name)

  test('the configured key under its selector is well, another one is a fault with the record to publish', () => {
    expect(check('DKIM of acme.example')).toMatchObject({
      ok: true,
      detail: 'rethread1._domainkey.acme.example is the key of the transport a',
    })
    expect(check('DKIM of acme.example')?.['attention']).toBeUndefined()
    expect(check('DKIM of other.example')).toMatchObject({
      ok: false,
      records: [{ name: 'rethread1._domainkey.other.example', type: 'TXT', value: recordOf(own.publicKey) }],
    })
  })

  test('a domain for which no transport signs has the usual selectors, and a signature that does not align is shown', () => {
    expect(check('DKIM of unsigned.example')).toMatchObject({
      ok: true,
      detail: expect.stringContaining('has a key under default') as string,
    })
    expect(check('DKIM of stray.example')).toMatchObject({
      ok: true,
      attention: true,
      detail: expect.stringContaining('no address in From is at stray.example') as string,
    })
  })

  test('rethread dns prints the record of the key', async () => {
    const { stdout } = await service.command(['dns'])
    expect(stdout).toContain('rethread1._domainkey.acme.example. 3600 IN TXT "v=DKIM1; k=rsa; p=')
    expect(stdout).toContain('SELECTOR._domainkey.unsigned.example.')
  })

  test('the service does not start with a key that would leave mail unsigned', async () => {
    const ed = join(folder, 'ed.pem')
    writeFileSync(ed, generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }))
    const ended = await runServe({
      DATA_DIR: join(folder, 'data'),
      PORT: '0',
      SMTP_PORT: 'off',
      LMTP_PORT: 'off',
      TRANSPORTS: `a=smtp://127.0.0.1:9?dkim_domain=acme.example&dkim_selector=s&dkim_key=${encodeURIComponent(ed)}`,
    })
    expect(ended.status).toBe(78)
    expect(ended.stderr).toContain('is a key of the kind ed25519, not RSA')
  }, 30_000)
})
