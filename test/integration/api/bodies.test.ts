// The memory that a body may take: none before the caller and the route are known, none for unexpected files, and a
// budget over all requests.

import { type ClientRequest, request } from 'node:http'

import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'

import { createByteBudget } from '../../../src/ingress/reading/budget.ts'
import { type Answer, startApi, type TestApi } from '../../support/api.ts'
import { describeWithDatabase } from '../../support/database.ts'
import { until } from '../../support/until.ts'

const kept = 500_000

describeWithDatabase('the body of a request', () => {
  const callers = createByteBudget(2 * kept)
  const strangers = createByteBudget(kept, callers)
  let api: TestApi
  let visitorGate: string
  let visitor: string
  beforeAll(async () => {
    api = await startApi({ budgets: { callers, strangers } })
    const inbox = (
      await api.ask('POST', `${api.path}/inboxes`, {
        json: {
          name: 'Shop',
          channel: { type: 'web_widget', website_url: 'https://shop.example', authorized_domains: ['shop.example'] },
        },
      })
    ).body
    visitorGate = `/public/api/v1/inboxes/${String(inbox.website_token)}`
    const { body } = await api.ask('POST', `${visitorGate}/contacts`, { token: null, json: {} })
    visitor = `${visitorGate}/contacts/${String(body.source_id)}`
  })
  beforeEach(() => until('all room given back', () => callers.used() === 0))
  afterAll(() => api.stop())

  // Sends the beginning of a body and waits; the answer, if one comes.
  function hold(
    path: string,
    { beginning = '{', headers = {} }: { beginning?: string; headers?: Record<string, string> } = {},
  ): { asking: ClientRequest; status: Promise<number> } {
    const asking = request(`${api.origin}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'content-length': '900000', ...headers },
    })
    const status = new Promise<number>((resolve, reject) => {
      asking.on('response', (response) => {
        resolve(response.statusCode ?? 0)
        asking.destroy()
      })
      asking.on('error', reject)
    })
    status.catch(() => undefined)
    asking.write(beginning)
    return { asking, status }
  }

  it.each([
    ['of an unknown inbox', (): string => '/public/api/v1/inboxes/none/contacts', {}, 404],
    ['of no visitor', (): string => `${visitorGate}/contacts/none/conversations`, {}, 404],
    ['from another website', (): string => `${visitorGate}/contacts`, { origin: 'https://evil.example' }, 403],
    [
      'from another website, as a form',
      (): string => `${visitor}/conversations/1/messages`,
      { origin: 'https://evil.example', 'content-type': 'multipart/form-data; boundary=x' },
      403,
    ],
  ] as const)('%s is not read', async (_whose, path, headers, status) => {
    const held = hold(path(), { headers, beginning: 'x'.repeat(1_000) })
    expect([await held.status, callers.used()]).toEqual([status, 0])
  })

  it('an unexpected file is skipped, and counts like text', async () => {
    const multipart = new FormData()
    multipart.append('name', 'Vic')
    multipart.append('avatar', new Blob(['x'.repeat(1_000)]), 'a.png')
    expect(await api.ask('PATCH', visitor, { token: null, multipart })).toMatchObject({
      status: 200,
      body: { name: 'Vic' },
    })
    const large = `--x\r\nContent-Disposition: form-data; name="avatar"; filename="a"\r\n\r\n${'x'.repeat(kept)}`
    expect(
      (await api.ask('PATCH', visitor, { token: null, raw: { body: large, type: 'multipart/form-data; boundary=x' } }))
        .status,
    ).toBe(503)
  })

  it('JSON with too many values is refused', async () => {
    const answer = await api.ask('POST', `${api.path}/contacts`, {
      raw: { type: 'application/json', body: `{"custom_attributes":{"a":[${'0,'.repeat(100_000)}0]}}` },
    })
    expect([answer.status, answer.body]).toEqual([422, { error: 'The request has too many values' }])
  })

  it('slow uploads of strangers fill their share of memory only, and aborted ones release it', async () => {
    const part = `{"name":"${'x'.repeat(kept / 5)}`
    const slow = Array.from({ length: 4 }, () => hold(`${visitorGate}/contacts`, { beginning: part }))
    await until('all of them held', () => strangers.used() > 4 * (kept / 5))
    const json = { name: 'y'.repeat(kept / 4) }
    const refused: Answer = await api.ask('POST', `${visitorGate}/contacts`, { token: null, json })
    expect([refused.status, refused.body, Number(refused.headers.get('retry-after'))]).toEqual([
      503,
      { error: 'Too much at once, try again later' },
      5,
    ])
    expect((await api.ask('POST', `${api.path}/contacts`, { json })).status).toBe(422)
    expect((await api.ask('POST', `${visitorGate}/contacts`, { token: null, json: { name: 'small' } })).status).toBe(
      200,
    )
    for (const { asking } of slow) asking.destroy()
    await until('all room given back', () => callers.used() === 0)
    expect((await api.ask('POST', `${visitorGate}/contacts`, { token: null, json })).status).toBe(422)
  })

  it('files of a form are held in memory during the upload, within the budget', async () => {
    const multipart = new FormData()
    multipart.append('attachments[]', new Blob(['x'.repeat(2 * kept)]), 'a.txt')
    const conversation = (await api.ask('POST', `${visitor}/conversations`, { token: null, json: {} })).body
    const answer = await api.ask('POST', `${visitor}/conversations/${String(conversation.id)}/messages`, {
      token: null,
      multipart,
    })
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5'])
  })
})
