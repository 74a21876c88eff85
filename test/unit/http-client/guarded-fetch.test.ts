// What an ingress may ask, and whom: never an inside host, never another than the provider's, never without end.

import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { createGuardedFetch } from '../../../src/http-client/guarded-fetch.ts'
import { isPublicAddress } from '../../../src/http-client/public-address.ts'

let server: Server
let origin = ''
let touched = 0
beforeAll(async () => {
  server = createServer((request, response) => {
    touched++
    const { url = '' } = request
    if (url === '/redirect') response.writeHead(302, { location: `${origin}/fine` }).end()
    else if (url === '/missing') response.writeHead(404).end('no')
    else if (url === '/endless') {
      response.writeHead(200)
      const timer = setInterval(() => response.write(Buffer.alloc(10_000)), 1)
      response.on('close', () => {
        clearInterval(timer)
      })
    } else if (url === '/silent') response.writeHead(200).write('x')
    else if (url === '/cut') response.writeHead(200, { 'content-length': '100' }).write('x', () => response.destroy())
    else response.writeHead(200).end(JSON.stringify(request.headers))
  })
  server.listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  origin = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`
})
afterAll(async () => {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

const rule = {
  hosts: ['127.0.0.1', 'localhost', '.provider.example', '[::1]', '::1', '10.0.0.1'],
  maxBytes: 1_000,
  timeoutMs: 5_000,
}
const inside = createGuardedFetch(['127.0.0.0/8'])
const strict = createGuardedFetch([])

describe('refused before any connection', () => {
  test.each([
    'https://127.0.0.1/x',
    'https://localhost/x',
    'https://[::1]/x',
    'https://[::ffff:127.0.0.1]/x',
    'https://2130706433/x',
    'https://0x7f.1/x',
    'https://10.0.0.1/',
    'http://provider.example/x',
    'https://provider.example/',
    'https://a.provider.example:8443/',
    'https://user:pass@a.provider.example/',
    'https://a.provider.example.evil.example/',
    'ftp://a.provider.example/',
    'file:///etc/passwd',
    'no url',
  ])('%s', async (url) => {
    const before = touched
    await expect(strict(url, rule)).rejects.toMatchObject({ kind: 'forbidden' })
    expect(touched).toBe(before)
  })

  test('a name that resolves to a private address, also for a host of the provider', async () => {
    const before = touched
    await expect(
      strict(origin.replace('http:', 'https:').replace('127.0.0.1', 'localhost').replace(/:\d+$/, ''), rule),
    ).rejects.toMatchObject({ kind: 'forbidden', message: expect.stringContaining('private address') })
    expect(touched).toBe(before)
  })

  test('a private host of SAFE_URL_ALLOW that is not a host of the provider', async () => {
    await expect(inside(`${origin}/x`, { ...rule, hosts: ['.provider.example'] })).rejects.toMatchObject({
      kind: 'forbidden',
    })
  })
})

describe('where SAFE_URL_ALLOW allows a private host', () => {
  test('it is requested, over http too, with the right headers', async () => {
    const body = JSON.parse(
      (await inside(`${origin}/fine`, { ...rule, headers: { authorization: 'x' } })).toString(),
    ) as object
    expect(body).toMatchObject({ authorization: 'x', 'accept-encoding': 'identity' })
  })

  test('a redirect is not followed', async () => {
    const before = touched
    await expect(inside(`${origin}/redirect`, rule)).rejects.toMatchObject({
      kind: 'unavailable',
      message: expect.stringContaining('redirect'),
    })
    expect(touched).toBe(before + 1)
  })

  test.each([
    ['/missing', 'unavailable'],
    ['/cut', 'unavailable'],
    ['/endless', 'too-large'],
  ])('%s is %s', async (path, kind) => {
    await expect(inside(`${origin}${path}`, rule)).rejects.toMatchObject({ kind })
  })

  test('an endless answer is aborted', async () => {
    await expect(inside(`${origin}/silent`, { ...rule, timeoutMs: 100 })).rejects.toMatchObject({ kind: 'unavailable' })
  })

  test('a refused connection is a temporary failure', async () => {
    await expect(inside('http://127.0.0.1:1/', rule)).rejects.toMatchObject({ kind: 'unavailable' })
  })
})

// IANA's registries of special-purpose addresses.
test.each([
  ...[
    '0.0.0.0',
    '10.1.2.3',
    '100.64.0.1',
    '127.9.9.9',
    '169.254.169.254',
    '172.31.255.255',
    '192.168.0.1',
    '198.19.0.1',
    '192.0.2.1',
    '224.0.0.1',
    '255.255.255.255',
  ],
  ...[
    '::',
    '::1',
    '::ffff:10.0.0.1',
    '::ffff:7f00:1',
    '64:ff9b::7f00:1',
    'fc00::1',
    'fd12::1',
    'fe80::1',
    'fec0::1',
    'ff02::1',
    '2002:7f00:1::',
    '2001:db8::1',
    'localhost',
    '',
  ],
])('%j is not a public address', (address) => {
  expect(isPublicAddress(address)).toBe(false)
})

test.each(['1.1.1.1', '52.24.126.164', '172.32.0.1', '2600:1f24:64:8000::1', '2a00:1450:4001::1'])(
  '%s is a public address',
  (address) => {
    expect(isPublicAddress(address)).toBe(true)
  },
)
