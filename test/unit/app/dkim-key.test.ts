// The published record of a signing key (RFC 6376 §3.6.1) against the key itself.

import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, expect, test } from 'vitest'

import type { Found, Lookups } from '../../../src/app/dns/lookups.ts'
import { examineKey } from '../../../src/app/doctor/route/dkim-key.ts'
import { readSigner } from '../../../src/delivery/transports/dkim.ts'

const folder = mkdtempSync(join(tmpdir(), 'dkim-'))
afterAll(() => {
  rmSync(folder, { recursive: true })
})
const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
writeFileSync(join(folder, 'key.pem'), privateKey.export({ type: 'pkcs1', format: 'pem' }))
const signer = readSigner({
  name: 'main',
  options: { dkim_domain: 'Acme.example', dkim_selector: 's1', dkim_key: join(folder, 'key.pem') },
})!
const spki = publicKey.export({ type: 'spki', format: 'der' }).toString('base64')
const pkcs1 = createPublicKey(publicKey.export({ type: 'spki', format: 'pem' }))
  .export({ type: 'pkcs1', format: 'der' })
  .toString('base64')
const other = generateKeyPairSync('rsa', { modulusLength: 2048 })
  .publicKey.export({ type: 'spki', format: 'der' })
  .toString('base64')

const examine = async (found: Found<string>) => {
  const asked: string[] = []
  const lookups = {
    txt: (name: string) => {
      asked.push(name)
      return Promise.resolve(found)
    },
  } as unknown as Lookups
  const finding = await examineKey(signer, lookups)
  expect(asked).toEqual(['s1._domainkey.acme.example'])
  return finding
}
const wanted = [{ name: 's1._domainkey.acme.example', type: 'TXT', value: `v=DKIM1; k=rsa; p=${spki}` }]

test.each([
  `v=DKIM1; k=rsa; p=${spki}`,
  `p=${spki}`,
  `v=DKIM1;p=${pkcs1};`,
  ` v = DKIM1 ; p = ${spki.replace(/.{60}/g, '$& \t')} ; h=sha1:sha256; s=email; n=a note`,
])('%s is the key', async (record) => {
  expect(await examine({ is: 'found', records: [record] })).toEqual({
    ok: true,
    detail: 's1._domainkey.acme.example is the key of the transport main',
  })
})

test.each([
  [`v=DKIM1; k=rsa; p=${other}`, /publishes another key than dkim_key of the transport main: every signature fails/],
  [`v=DKIM1; k=ed25519; p=${spki}`, /publishes another key/],
  ['v=DKIM1; p=nonsense', /publishes another key/],
  ['v=DKIM1; p=', /is revoked/],
  ['words', /is revoked/],
  [`v=DKIM2; p=${spki}`, /is not a record of DKIM/],
  [`v=DKIM1; h=sha1; p=${spki}`, /does not allow SHA-256/],
  [`v=DKIM1; s=other; p=${spki}`, /is not for mail/],
])('%s is a fault, with the record to publish', async (record, sentence) => {
  expect(await examine({ is: 'found', records: [record] })).toEqual({
    ok: false,
    detail: expect.stringMatching(sentence) as string,
    records: wanted,
  })
})

test('a missing record and two of them are faults, test mode and no answer are not', async () => {
  expect(await examine({ is: 'none' })).toMatchObject({ ok: false, records: wanted })
  const good = `v=DKIM1; p=${spki}`
  expect(await examine({ is: 'found', records: [good, good] })).toMatchObject({ ok: false, records: wanted })
  expect(await examine({ is: 'found', records: [`v=DKIM1; t=s:y; p=${spki}`] })).toMatchObject({
    ok: true,
    attention: true,
  })
  expect(await examine({ is: 'unknown', why: 'silence' })).toMatchObject({
    ok: true,
    attention: true,
    detail: expect.stringContaining('could not be looked up (silence)') as string,
  })
})
