// Requests that a client sends again because it does not know whether the first arrived (docs/reference/api.md,
// "Retries").

import { beforeAll, expect, it } from 'vitest'

import { createIdempotencyKeys, sweepIdempotencyKeys } from '../../../src/conversations/retries/idempotency-keys.ts'
import { type Answer, createConversation, type Question } from '../../support/api.ts'
import { describeWithDatabase } from '../../support/database.ts'
import { useApi } from '../../support/fixtures.ts'
import { until } from '../../support/until.ts'

describeWithDatabase('retries', () => {
  const api = useApi()
  let contactId: number
  beforeAll(async () => {
    contactId = (await createConversation(api.pool, { accountId: api.accountId, inboxId: api.inboxId })).contactId
  })

  const newKey = () => crypto.randomUUID()
  const post = (path: string, key: string, question: Question = {}): Promise<Answer> =>
    api.ask('POST', `${api.path}${path}`, { ...question, headers: { 'idempotency-key': key, ...question.headers } })
  const count = async (table: string, where: string, values: unknown[]): Promise<number> =>
    (await api.pool.query<{ n: number }>(`select count(*)::int as n from ${table} where ${where}`, values)).rows[0]!.n
  const converse = async () => {
    const row = await createConversation(api.pool, { accountId: api.accountId, inboxId: api.inboxId })
    return { ...row, messages: `/conversations/${String(row.displayId)}/messages` }
  }
  const age = (key: string, interval: string) =>
    api.pool.query(
      `update idempotency_keys set created_at = created_at - $2::interval, leased_until = leased_until - $2::interval
       where key = $1`,
      [key, interval],
    )

  it('a retry gets the first answer again, and is not done twice', async () => {
    const { id, messages } = await converse()
    const key = newKey()
    const first = await post(messages, key, { json: { content: 'once', private: true } })
    const again = await post(`${messages}/`, key, { json: { private: true, content: 'once' } })
    expect(first.status).toBe(200)
    expect(again.status).toBe(200)
    expect(again.body).toEqual(first.body)
    expect(first.headers.get('idempotent-replayed')).toBeNull()
    expect(again.headers.get('idempotent-replayed')).toBe('true')
    expect(await count('messages', 'conversation_id = $1', [id])).toBe(1)
  })

  it.each([
    ['/contacts', () => ({ name: 'Retried' }), 'contacts', `name = 'Retried'`],
    ['/labels', () => ({ title: 'retried' }), 'labels', `title = 'retried'`],
    ['/canned_responses', () => ({ short_code: 'rt', content: 'x' }), 'canned_responses', `short_code = 'rt'`],
    ['/teams', () => ({ name: 'retried' }), 'teams', `name = 'retried'`],
    ['/webhooks', () => ({ url: 'https://example.com/rt' }), 'webhooks', `url = 'https://example.com/rt'`],
    ['/conversations', () => ({ inbox_id: api.inboxId, contact_id: contactId }), 'conversations', 'inbox_id > 0'],
  ] as const)('POST %s is done once for a key', async (path, json, table, where) => {
    const key = newKey()
    const before = await count(table, where, [])
    const first = await post(path, key, { json: json() })
    expect(first.status).toBe(200)
    expect((await post(path, key, { json: json() })).text).toBe(first.text)
    expect(await count(table, where, [])).toBe(before + 1)
  })

  it('an action with an empty answer is answered the same way again', async () => {
    const { displayId } = await converse()
    const key = newKey()
    const answers = [
      await post(`/conversations/${String(displayId)}/mute`, key),
      await post(`/conversations/${String(displayId)}/mute`, key),
    ]
    expect(answers.map(({ status, text }) => [status, text])).toEqual([
      [200, ''],
      [200, ''],
    ])
    expect(answers[1]!.headers.get('idempotent-replayed')).toBe('true')
  })

  it('an import is started once, and its retry returns the same import', async () => {
    const key = newKey()
    const question = { raw: { body: 'name,email\nAnn,ann-retry@example.com\n', type: 'text/csv' } }
    const first = await post('/contacts/import', key, question)
    expect(first.status).toBe(200)
    let again = await post('/contacts/import', key, question)
    await until('the answer to be kept', async () => {
      again = await post('/contacts/import', key, question)
      return again.status !== 409
    })
    expect(again.headers.get('location')).toBe(first.headers.get('location'))
  })

  it('422 where the same key asks for something else', async () => {
    const { messages } = await converse()
    const other = await converse()
    const key = newKey()
    await post(messages, key, { json: { content: 'first' } })
    const refusals = [
      await post(messages, key, { json: { content: 'second' } }),
      await post(other.messages, key, { json: { content: 'first' } }),
      await post('/labels', key, { json: { title: 'other' } }),
    ]
    for (const { status, body } of refusals)
      expect([status, body.error]).toEqual([
        422,
        'This Idempotency-Key was used for another request. Use a new key for a new request.',
      ])
  })

  it('409 while the first request is running; of many at once, one is done', async () => {
    const { id, messages } = await converse()
    const key = newKey()
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => post(messages, key, { json: { content: 'at once' } })),
    )
    const statuses = answers.map(({ status }) => status)
    expect(statuses.filter((status) => status !== 200 && status !== 409)).toEqual([])
    expect(statuses).toContain(200)
    expect(new Set(answers.filter(({ status }) => status === 200).map(({ body }) => body.id)).size).toBe(1)
    expect(await count('messages', 'conversation_id = $1', [id])).toBe(1)
    for (const { headers } of answers.filter(({ status }) => status === 409))
      expect(headers.get('retry-after')).toBe('1')
  })

  it('a request that was refused frees its key', async () => {
    const { messages } = await converse()
    const key = newKey()
    expect((await post(messages, key, { json: { content: '' } })).status).toBe(422)
    expect((await post(messages, key, { json: { content: 'filled' } })).status).toBe(200)
  })

  it('a message of a process that died before it answered is found by the retry', async () => {
    const { id, messages } = await converse()
    const key = newKey()
    const first = await post(messages, key, { json: { content: 'cut off' } })
    await api.pool.query('update idempotency_keys set answer = null where key = $1', [key])
    expect((await post(messages, key, { json: { content: 'cut off' } })).status).toBe(409)
    await age(key, '3 minutes')
    const again = await post(messages, key, { json: { content: 'cut off' } })
    expect([again.status, again.body.id]).toEqual([200, first.body.id])
    expect(await count('messages', 'conversation_id = $1', [id])).toBe(1)
  })

  it('a conversation of such a process is found as well, with its first message', async () => {
    const key = newKey()
    const json = { inbox_id: api.inboxId, contact_id: contactId, message: { content: 'begun once' } }
    const first = await post('/conversations', key, { json })
    await api.pool.query('update idempotency_keys set answer = null where key = $1', [key])
    await age(key, '3 minutes')
    expect((await post('/conversations', key, { json })).body.id).toBe(first.body.id)
    expect(await count('messages', 'content = $1', ['begun once'])).toBe(1)
  })

  // The database refuses what the trigger names, as it does when it is away at that moment.
  const failing = async <T>(event: string, action: () => Promise<T>): Promise<T> => {
    await api.pool.query(
      `create function fails() returns trigger language plpgsql as $$ begin raise exception 'away'; end $$;
       create trigger fails ${event} execute function fails()`,
    )
    try {
      return await action()
    } finally {
      await api.pool.query('drop function fails() cascade')
    }
  }

  it('a message whose answer cannot be kept is answered, and its retry does not write it again', async () => {
    const { id, messages } = await converse()
    const key = newKey()
    const first = await failing('before update of answer on idempotency_keys for each row', () =>
      post(messages, key, { json: { content: 'kept once' } }),
    )
    expect(first.status).toBe(200)
    await age(key, '3 minutes')
    expect((await post(messages, key, { json: { content: 'kept once' } })).body.id).toBe(first.body.id)
    expect(await count('messages', 'conversation_id = $1', [id])).toBe(1)
  })

  it('a request that is released keeps its result: its retry finds it at once', async () => {
    const { id, messages } = await converse()
    const key = newKey()
    const first = await post(messages, key, { json: { content: 'freed' } })
    await api.pool.query('update idempotency_keys set answer = null where key = $1', [key])
    const { rows } = await api.pool.query('select owner, key from idempotency_keys where key = $1', [key])
    await createIdempotencyKeys(api.pool).free(rows[0])
    const again = await post(messages, key, { json: { content: 'freed' } })
    expect([again.status, again.body.id]).toEqual([200, first.body.id])
    expect(await count('messages', 'conversation_id = $1', [id])).toBe(1)
  })

  it.each(['/contacts/filter', '/conversations/filter'])(
    'POST %s only reads: nothing is kept for its key',
    async (path) => {
      const key = newKey()
      const answers = [
        await post(path, key, { json: { payload: [] } }),
        await post(path, key, { json: { payload: [] } }),
      ]
      expect(answers.map(({ status }) => status)).toEqual([200, 200])
      expect(await count('idempotency_keys', 'key = $1', [key])).toBe(0)
    },
  )

  it('a key counts for 24 hours, and for one token', async () => {
    const { id, messages } = await converse()
    const key = newKey()
    const json = { content: 'daily' }
    await post(messages, key, { json })
    const other = await api.ask('POST', `${api.path}${messages}`, {
      json,
      token: api.agent.token,
      headers: { 'idempotency-key': key },
    })
    expect([other.status, other.headers.get('idempotent-replayed')]).toEqual([200, null])
    await age(key, '25 hours')
    expect((await post(messages, key, { json })).headers.get('idempotent-replayed')).toBeNull()
    expect(await count('messages', 'conversation_id = $1', [id])).toBe(3)
    await age(key, '25 hours')
    expect(await sweepIdempotencyKeys(api.pool)).toBeGreaterThanOrEqual(2)
    expect(await count('idempotency_keys', 'key = $1', [key])).toBe(0)
  })

  it.each(['', ' ', 'two words', 'a'.repeat(256), 'é'])('422 for %j as a key', async (key) => {
    const { messages } = await converse()
    const answer = await post(messages, key, { json: { content: 'x' } })
    expect([answer.status, answer.body.error]).toEqual([
      422,
      'Idempotency-Key must be 1 to 255 visible ASCII characters',
    ])
  })

  it('the database holds no answer in readable form', async () => {
    const key = newKey()
    const { body } = await post('/labels', key, { json: { title: 'sealed-answer' } })
    expect(body.title).toBe('sealed-answer')
    const { rows } = await api.pool.query<{ answer: Buffer }>('select answer from idempotency_keys where key = $1', [
      key,
    ])
    expect(rows[0]!.answer.toString('latin1')).not.toContain('sealed-answer')
  })

  it('a message with the same echo_id and contents is written once for each writer', async () => {
    const { id, messages } = await converse()
    const say = (json: object, token = api.administrator.token) =>
      api.ask('POST', `${api.path}${messages}`, { json, token })
    const first = await say({ content: 'hello', echo_id: 'e1' })
    const again = await say({ content: 'hello', echo_id: 'e1' })
    expect(again.body).toMatchObject({ id: first.body.id, echo_id: 'e1' })
    const others = [
      await say({ content: 'hello again', echo_id: 'e1' }),
      await say({ content: 'hello', echo_id: 'e2' }),
      await say({ content: 'hello', echo_id: 'e1' }, api.agent.token),
      await say({ content: 'hello' }),
    ]
    expect(new Set([first, ...others].map(({ body }) => body.id)).size).toBe(5)
    const atOnce = await Promise.all(Array.from({ length: 6 }, () => say({ content: 'burst', echo_id: 'e3' })))
    expect(new Set(atOnce.map(({ body }) => body.id)).size).toBe(1)
    expect(await count('messages', 'conversation_id = $1', [id])).toBe(6)
  })

  it('a visitor’s retries do not double, and strangers do not see each other’s answers', async () => {
    const inbox = (
      await api.ask('POST', `${api.path}/inboxes`, { json: { name: 'Retries', channel: { type: 'api' } } })
    ).body
    const base = `/public/api/v1/inboxes/${String(inbox.inbox_identifier)}/contacts`
    const ask = (path: string, key: string, json: object) =>
      api.ask('POST', `${base}${path}`, { json, token: null, headers: { 'idempotency-key': key } })
    expect((await ask('', 'guess', { name: 'Vera' })).status).toBe(422)
    const key = newKey()
    const visitor = (await ask('', key, { name: 'Vera' })).body
    expect((await ask('', key, { name: 'Vera' })).body.source_id).toBe(visitor.source_id)
    const conversation = (await ask(`/${String(visitor.source_id)}/conversations`, 'c1', {})).body
    expect((await ask(`/${String(visitor.source_id)}/conversations`, 'c1', {})).body.id).toBe(conversation.id)
    const path = `/${String(visitor.source_id)}/conversations/${String(conversation.id)}/messages`
    const said = await ask(path, 'm1', { content: 'hi' })
    expect((await ask(path, 'm1', { content: 'hi' })).body.id).toBe(said.body.id)
    const other = (await ask('', newKey(), { name: 'Otto' })).body
    const theirs = (await ask(`/${String(other.source_id)}/conversations`, 'c1', {})).body
    expect(theirs.id).not.toBe(conversation.id)
  })
})
