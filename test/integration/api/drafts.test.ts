// Drafts are their writer's alone, and two tabs do not overwrite each other silently. Who looks is seen by the others.

import { beforeAll, describe, expect, it } from 'vitest'

import { sweepUploads } from '../../../src/conversations/files/uploads.ts'
import { createConversation, createPerson, type Person } from '../../support/api.ts'
import { describeWithDatabase } from '../../support/database.ts'
import { useApi } from '../../support/fixtures.ts'

describeWithDatabase('drafts and viewers', () => {
  const api = useApi()
  let at: string
  let displayId: number
  let outsider: Person
  beforeAll(async () => {
    outsider = await createPerson(api.pool, { accountId: api.accountId, name: 'Olga Outside' })
    displayId = (await createConversation(api.pool, api)).displayId
    at = `${api.path}/conversations/${String(displayId)}`
  })

  const save = (json: object, token = api.administrator.token) => api.ask('PUT', `${at}/draft`, { json, token })
  const show = async (token = api.administrator.token) => (await api.ask('GET', `${at}/draft`, { token })).body.payload
  const clear = () => api.ask('DELETE', `${at}/draft`)

  describe('a draft', () => {
    it('is stored unchanged, and is listed', async () => {
      expect(await show()).toBeNull()
      const { body: file } = await api.ask('POST', `${api.path}/upload`, { multipart: form('attachment') })
      const fields = {
        content: 'Hello *An',
        mode: 'note',
        to: ['ann@x.example', 'half'],
        cc: ['b@x.example'],
        bcc: [],
        attachments: [file.blob_id],
      }
      const { status, body } = await save(fields)
      expect([status, body.payload]).toEqual([200, expect.objectContaining({ ...fields, conversation_id: displayId })])
      expect(await show()).toEqual(body.payload)
      expect((await api.ask('GET', `${api.path}/drafts`)).body.payload).toEqual([body.payload])
      expect(await show(api.agent.token)).toBeNull()
      expect((await api.ask('GET', `${api.path}/drafts`, { token: api.agent.token })).body.payload).toEqual([])
      // Its files are kept for as long as it names them.
      await api.pool.query(`update uploads set created_at = now() - interval '2 days'`)
      await sweepUploads(api.pool)
      expect((await save({ ...fields, version: body.payload.version })).status).toBe(200)
      await clear()
      await sweepUploads(api.pool)
      expect((await save(fields)).status).toBe(422)
    })

    it('is saved only over the version that its writer read', async () => {
      const first = (await save({ content: 'one' })).body.payload
      const second = (await save({ content: 'two', version: first.version })).body.payload
      const refused = { status: 409, body: { error: 'The draft was changed elsewhere', payload: second } }
      expect(await save({ content: 'three', version: first.version })).toMatchObject(refused)
      expect(await save({ content: 'three' })).toMatchObject(refused)
      expect(await api.ask('DELETE', `${at}/draft`, { json: { version: first.version } })).toMatchObject(refused)
      expect(await show()).toEqual(second)
      expect((await clear()).status).toBe(200)
      // One that is gone is not revived by a tab that missed it.
      expect(await save({ content: 'four', version: second.version })).toMatchObject({
        status: 409,
        body: { payload: null },
      })
      const anew = (await save({ content: 'five' })).body.payload
      expect(anew.version).not.toBe(first.version)
      expect((await clear()).status).toBe(200)
    })

    it('of many simultaneous tabs one writes', async () => {
      const answers = await Promise.all(Array.from({ length: 6 }, (_, n) => save({ content: String(n) })))
      expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 409, 409, 409, 409, 409])
      await clear()
    })

    it('is deleted when it is sent, and stays when the message is refused', async () => {
      await save({ content: 'text' })
      await save({ content: 'theirs' }, api.agent.token)
      const write = (json: object) => api.ask('POST', `${at}/messages`, { json })
      expect((await write({ content: 'x', message_type: 'incoming', draft: true })).status).toBe(422)
      expect((await write({ content: 'other' })).status).toBe(200)
      expect(await show()).not.toBeNull()
      expect((await write({ content: 'text', draft: true })).status).toBe(200)
      expect(await show()).toBeNull()
      expect((await show(api.agent.token)).content).toBe('theirs')
    })

    it('an invalid one is refused, and so is a user without access to the conversation', async () => {
      for (const json of [
        { content: 'x'.repeat(150_001) },
        { content: 'x', mode: 'poem' },
        { content: 'x', attachments: ['4711'] },
        { content: 'x', attachments: ['677f54fc-4f2e-4a5c-9b1b-0f0d6f1a8a10'] },
        { content: 'x', to: Array.from({ length: 501 }, (_, n) => `a${String(n)}@x.example`) },
      ])
        expect((await save(json)).status).toBe(422)
      expect((await save({ content: 'x' }, outsider.token)).status).toBe(401)
      expect((await api.ask('GET', `${at}/draft`, { token: outsider.token })).status).toBe(401)
      await save({ content: 'nul \u0000 here' })
      expect((await show()).content).toBe('nul  here')
    })
  })

  describe('a viewer of a conversation', () => {
    const look = (token: string, json = {}) => api.ask('POST', `${at}/viewing`, { json, token })
    const readViewings = async () =>
      (
        await api.pool.query<{ id: number; viewing: boolean }>(
          `
            select (facts #>> '{user,id}')::int as id, (facts ->> 'viewing')::bool as viewing
            from events
            where name = 'conversation_viewing'
            order by id
          `,
        )
      ).rows

    it('is shown to others, announced once for many keystrokes, and disappears', async () => {
      expect((await look(api.administrator.token)).body.payload).toEqual([])
      expect((await look(api.agent.token)).body.payload).toMatchObject([
        { id: api.administrator.id, name: 'Ada Admin' },
      ])
      await look(api.agent.token)
      await look(api.agent.token)
      expect((await readViewings()).length).toBe(2)
      await api.pool.query(`update conversation_viewers set expires_at = now() + interval '20 seconds'`)
      await look(api.agent.token)
      expect((await readViewings()).length).toBe(3)
      await look(api.agent.token, { viewing: false })
      await look(api.agent.token, { viewing: false })
      expect((await readViewings()).at(-1)).toEqual({ id: api.agent.id, viewing: false })
      expect((await readViewings()).length).toBe(4)
      await api.pool.query(`update conversation_viewers set expires_at = now() - interval '1 second'`)
      expect((await look(api.agent.token)).body.payload).toEqual([])
      expect((await look(outsider.token)).status).toBe(401)
    })
  })
})

function form(field: string): FormData {
  const multipart = new FormData()
  multipart.append(field, new Blob(['file']), 'a.txt')
  return multipart
}
