import { beforeAll, beforeEach, expect, it } from 'vitest'

import { createPerson, type Person } from '../../support/api.ts'
import { describeWithDatabase } from '../../support/database.ts'
import { useApi } from '../../support/fixtures.ts'

const keys = [
  'account_id',
  'attempts',
  'conversation_id',
  'from',
  'id',
  'inbox_id',
  'incinerates_at',
  'ingress',
  'message_db_id',
  'message_id',
  'reason',
  'received_at',
  'recipients',
  'size',
  'status',
  'subject',
]

describeWithDatabase('inbound emails', () => {
  const api = useApi()
  let root: Person
  let path: string
  beforeAll(async () => {
    root = await createPerson(api.pool, { accountId: null, name: 'Rory Root', type: 'SuperAdmin' })
    path = `${api.path}/inbound_emails`
  })
  beforeEach(() => {
    for (let id = 1; id <= 30; id++)
      api.mailbook.keep({ id, accountId: api.accountId, status: id === 7 ? 'failed' : 'held' })
    api.mailbook.keep({ id: 100, accountId: null })
  })

  it('are listed 25 a page with the count of all', async () => {
    const { status, body } = await api.ask('GET', `${path}?page=2`, { token: api.administrator.token })
    const meta = { count: 30, count_is_exact: true, current_page: 2, next_cursor: null }
    expect([status, body.meta, body.payload.length]).toEqual([200, meta, 5])
    expect(Object.keys(body.payload[0]).sort()).toEqual(keys)
    expect(body.payload[0]).toMatchObject({
      received_at: 1767323045,
      recipients: [{ address: 'reply+00@reply.example.net', learned_from: 'envelope' }],
    })
  })

  it('are filtered by status, reason and words', async () => {
    expect((await api.ask('GET', `${path}?status=failed&reason=parse-failed&q=%20help`)).body.meta.count).toBe(1)
    expect(api.mailbook.asked.at(-1)).toEqual({
      name: 'list',
      scope: { accountId: api.accountId },
      detail: {
        statuses: ['failed'],
        reason: 'parse-failed',
        ingress: null,
        sender: null,
        subject: null,
        messageId: null,
        since: null,
        until: null,
        query: 'help',
        before: null,
        offset: 0,
        limit: 25,
      },
    })
    expect((await api.ask('GET', `${path}?status=lost`)).body).toEqual({
      error: 'status must be one of: pending processing delivered held ignored failed',
    })
  })

  it('one is shown with its trace', async () => {
    const { body } = await api.ask('GET', `${path}/1`, { token: api.administrator.token })
    expect(Object.keys(body).sort()).toEqual([...keys, 'degraded', 'synthesised', 'times', 'trace', 'verdicts'].sort())
    expect(body.trace).toEqual([{ step: 'conversation', outcome: 'none', detail: 'no such reply address' }])
  })

  it('the raw mail comes byte for byte and never as a page', async () => {
    const response = await fetch(`${api.origin}${path}/1/raw`, {
      headers: { api_access_token: api.administrator.token },
    })
    expect(Buffer.from(await response.arrayBuffer())).toEqual(
      Buffer.from('From: carla@customer.example\r\n\r\n\0\xff', 'latin1'),
    )
    expect(response.headers.get('content-type')).toBe('message/rfc822')
    expect(response.headers.get('content-disposition')).toBe('attachment; filename="1.eml"')
    expect(response.headers.get('content-security-policy')).toBe("sandbox; default-src 'none'")
    api.mailbook.keep({ id: 1, accountId: api.accountId, raw: null })
    expect((await api.ask('GET', `${path}/1/raw`)).status).toBe(404)
  })

  it('an administrator replays, files, undoes filing and incinerates', async () => {
    expect((await api.ask('POST', `${path}/1/replay`)).body).toMatchObject({
      id: 1,
      status: 'delivered',
      attempts: 2,
      trace: expect.any(Array),
    })
    expect((await api.ask('POST', `${path}/2/file`, { json: { conversation_id: '12' } })).body).toMatchObject({
      id: 2,
      status: 'delivered',
      conversation_id: 12,
    })
    expect(api.mailbook.asked.at(-1)).toEqual({
      name: 'file',
      scope: { accountId: api.accountId },
      detail: { accountId: api.accountId, conversationDisplayId: 12 },
    })
    expect((await api.ask('DELETE', `${path}/2/file`)).body).toMatchObject({ status: 'held', conversation_id: null })
    const { status, text } = await api.ask('DELETE', `${path}/3`)
    expect([status, text]).toEqual([200, ''])
    expect((await api.ask('GET', `${path}/3`)).status).toBe(404)
  })

  it.each([
    ['GET', '/1/raw'],
    ['POST', '/explain'],
    ['DELETE', '/1'],
  ])('an agent may not %s %s', async (method, tail) => {
    const { status, body } = await api.ask(method, `${path}${tail}`, {
      token: api.agent.token,
      ...(method === 'GET' ? {} : { json: { conversation_id: 1 } }),
    })
    expect([status, body]).toEqual([401, { error: 'You are not authorized to do this action' }])
  })

  it.each([
    ['GET', ''],
    ['POST', '/replay'],
    ['POST', '/file'],
    ['DELETE', '/file'],
    ['POST', '/open'],
    ['DELETE', '/open'],
    ['POST', '/discard'],
    ['DELETE', '/discard'],
    ['POST', '/block'],
    ['DELETE', '/block'],
  ])('an agent gets 404 for mail of another inbox: %s /1%s', async (method, tail) => {
    const { status } = await api.ask(method, `${path}/1${tail}`, {
      token: api.agent.token,
      ...(method === 'GET' ? {} : { json: { conversation_id: 1 } }),
    })
    expect(status).toBe(404)
  })

  it('an agent sees the mail of accessible inboxes, and cannot forward it', async () => {
    api.mailbook.keep({ id: 8, accountId: api.accountId, inboxId: api.inboxId })
    const token = api.agent.token
    expect((await api.ask('GET', path, { token })).body.payload).toMatchObject([{ id: 8, inbox_id: api.inboxId }])
    expect((await api.ask('GET', `${path}/meta`, { token })).body).toEqual({ meta: { held_count: 1, failed_count: 0 } })
    expect((await api.ask('POST', `${path}/8/discard`, { token })).body).toMatchObject({
      status: 'ignored',
      reason: 'discarded',
    })
    const send = { conversation_id: 1, send: true }
    expect((await api.ask('POST', `${path}/8/file`, { token, json: send })).status).toBe(401)
  })

  it('filing needs a conversation that is there', async () => {
    expect((await api.ask('POST', `${path}/1/file`)).body).toEqual({
      error: 'param is missing or the value is empty: conversation_id',
    })
    expect((await api.ask('POST', `${path}/1/file`, { json: { conversation_id: 404 } })).status).toBe(404)
  })

  it('mail of no account is for administrators of the installation only', async () => {
    expect((await api.ask('GET', `${path}/100`)).status).toBe(404)
    expect((await api.ask('GET', '/api/v1/inbound_emails/100')).status).toBe(401)
    expect((await api.ask('GET', '/api/v1/inbound_emails/100', { token: root.token })).body).toMatchObject({
      id: 100,
      account_id: null,
    })
    expect((await api.ask('GET', '/api/v1/inbound_emails', { token: root.token })).body.meta.count).toBe(31)
    await api.ask('POST', '/api/v1/inbound_emails/100/file', {
      token: root.token,
      json: { account_id: 5, conversation_id: 6 },
    })
    expect(api.mailbook.asked.at(-1)?.detail).toEqual({ accountId: 5, conversationDisplayId: 6 })
  })

  it('explain accepts raw bytes', async () => {
    const mail = Buffer.from('From: a@b.example\r\n\r\n\0\xfe', 'latin1')
    const { status, body } = await api.ask('POST', `${path}/explain?sender=a%40b.example&recipient=r%40x.example`, {
      raw: { body: mail, type: 'message/rfc822' },
    })
    expect(status).toBe(200)
    expect(body).toEqual({
      status: 'held',
      reason: 'unknown-recipient',
      account_id: api.accountId,
      conversation_id: null,
      trace: [{ step: 'conversation', outcome: 'none', detail: `${String(mail.length)} bytes` }],
    })
    expect(api.mailbook.asked.at(-1)?.detail).toEqual({ raw: mail, sender: 'a@b.example', recipients: ['r@x.example'] })
  })

  it('explain without a mail answers what to send', async () => {
    for (const question of [{}, { json: { a: 1 } }, { raw: { body: '', type: 'message/rfc822' } }]) {
      const { status, body } = await api.ask('POST', `${path}/explain`, question)
      expect([status, body]).toEqual([422, { error: 'Send the mail as the body, with Content-Type: message/rfc822' }])
    }
    const { status } = await api.ask('POST', `${path}/explain`, {
      raw: { body: Buffer.alloc(9 * 1024 * 1024, 'x'), type: 'message/rfc822' },
    })
    expect(status).toBe(413)
  })

  it.each(['0', 'x', '-1', '99999999999999999999', '31'])('an id %s that is not there is not found', async (id) => {
    expect((await api.ask('GET', `${path}/${id}`)).status).toBe(404)
    expect((await api.ask('POST', `${path}/${id}/replay`)).status).toBe(404)
  })
})
