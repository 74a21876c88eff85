// POST …/upload: files before the message that carries them, and how long they stay.

import { afterAll, beforeAll, expect, it } from 'vitest'

import { sweepUploads } from '../../../src/conversations/files/uploads.ts'
import { createConversation, startApi, type TestApi } from '../../support/api.ts'
import { describeWithDatabase } from '../../support/database.ts'

describeWithDatabase('uploads', () => {
  let api: TestApi
  let path: string
  beforeAll(async () => {
    api = await startApi()
    const { accountId, inboxId } = api
    const { displayId } = await createConversation(api.pool, { accountId, inboxId })
    path = `${api.path}/conversations/${String(displayId)}/messages`
  })
  afterAll(() => api.stop())

  const upload = async (name: string, content: string, type = 'text/plain') => {
    const multipart = new FormData()
    multipart.append('attachment', new Blob([content], { type }), name)
    return api.ask('POST', `${api.path}/upload`, { multipart, token: api.agent.token })
  }
  const fetchAt = async (url: string) => api.ask('GET', new URL(url).pathname, { token: null })
  const age = () => api.pool.query(`update uploads set created_at = now() - interval '25 hours'`)
  const bytesLeft = async (content: string) =>
    (await api.pool.query('select 1 from blobs where bytes = $1', [Buffer.from(content)])).rowCount

  it('are stored, served at their address, and sent by a message that names them, beside its own files', async () => {
    const { status, body } = await upload('../plan "b".txt', 'the plan')
    expect([status, Object.keys(body).sort()]).toEqual([200, ['blob_id', 'file_url']])
    expect(await fetchAt(body.file_url)).toMatchObject({ status: 200, text: 'the plan' })
    const multipart = new FormData()
    multipart.append('content', 'See')
    multipart.append('attachments[]', new Blob(['own'], { type: 'image/png' }), 'own.png')
    multipart.append('attachments[]', body.blob_id)
    const both = await api.ask('POST', path, { multipart })
    expect(both.body.attachments.map((file: any) => [file.file_type, file.file_size])).toEqual([
      ['image', 3],
      ['file', 8],
    ])
    const alone = await api.ask('POST', path, { json: { attachments: [body.blob_id] } })
    expect(alone).toMatchObject({
      status: 200,
      body: { content: null, attachments: [{ file_type: 'file', file_size: 8 }] },
    })
    const file = await fetchAt(alone.body.attachments[0].data_url)
    expect([file.text, file.headers.get('content-disposition')]).toEqual([
      'the plan',
      `attachment; filename="plan _b_.txt"; filename*=UTF-8''plan%20%22b%22.txt`,
    ])
  })

  it('without a file are refused', async () => {
    const multipart = new FormData()
    multipart.append('other', 'x')
    expect(await api.ask('POST', `${api.path}/upload`, { multipart })).toMatchObject({
      status: 422,
      body: { error: 'No file provided: send it as the form field attachment' },
    })
    expect((await api.ask('POST', `${api.path}/upload`, { json: { external_url: 'http://127.0.0.1/' } })).status).toBe(
      422,
    )
  })

  it('of another account cannot be sent', async () => {
    const { blob_id: blobId } = (await upload('a.txt', 'theirs')).body
    const { rows } = await api.pool.query<{ id: number }>(`insert into accounts (name) values ('Other') returning id`)
    await api.pool.query('update uploads set account_id = $1 where token = $2', [rows[0]!.id, blobId])
    expect(await api.ask('POST', path, { json: { content: 'x', attachments: [blobId] } })).toMatchObject({
      status: 422,
      body: { error: 'Attachments must be files, or ids of files that were uploaded' },
    })
  })

  it('are deleted after a day unless a rule or message uses them, and their bytes with the last use', async () => {
    const [idle, carried, ruled] = [
      (await upload('i.txt', 'idle')).body,
      (await upload('c.txt', 'carried')).body,
      (await upload('r.txt', 'ruled')).body,
    ]
    const sent = (await api.ask('POST', path, { json: { attachments: [carried.blob_id] } })).body
    const actions = [{ action_name: 'send_attachment', action_params: [ruled.blob_id] }]
    const rule = (
      await api.ask('POST', `${api.path}/automation_rules`, {
        json: { name: 'Sends', event_name: 'message_created', conditions: [], actions },
      })
    ).body
    await sweepUploads(api.pool)
    expect((await fetchAt(idle.file_url)).status).toBe(200)
    await age()
    await sweepUploads(api.pool)
    expect([
      (await fetchAt(idle.file_url)).status,
      (await fetchAt(carried.file_url)).status,
      (await fetchAt(ruled.file_url)).status,
    ]).toEqual([404, 404, 200])
    expect([await bytesLeft('idle'), await bytesLeft('carried')]).toEqual([0, 1])
    expect((await fetchAt(sent.attachments[0].data_url)).text).toBe('carried')
    await api.ask('DELETE', `${path}/${String(sent.id)}`)
    expect(await bytesLeft('carried')).toBe(0)
    await api.ask('DELETE', `${api.path}/automation_rules/${String(rule.id)}`)
    await sweepUploads(api.pool)
    expect((await fetchAt(ruled.file_url)).status).toBe(404)
  })
})
