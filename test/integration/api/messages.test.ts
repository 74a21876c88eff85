import { afterAll, beforeAll, expect, it } from 'vitest'

import { createConversation, createInbox, startApi, type TestApi } from '../../support/api.ts'
import { describeWithDatabase } from '../../support/database.ts'

const messageKeys = ['content', 'content_attributes', 'content_type', 'conversation_id', 'created_at', 'id', 'inbox_id', 'message_type', 'private', 'sender', 'source_id', 'status']

describeWithDatabase('messages', () => {
  let api: TestApi
  let conversation: Awaited<ReturnType<typeof createConversation>>
  let path: string

  beforeAll(async () => {
    api = await startApi()
    conversation = await createConversation(api.pool, api)
    path = `${api.path}/conversations/${String(conversation.displayId)}/messages`
  })
  afterAll(async () => {
    expect(api.faults).toEqual([])
    await api.stop()
  })

  it('a created message is answered bare, in the shape of a REST message', async () => {
    const { status, body } = await api.ask('POST', path, { json: { content: 'Hello', echo_id: 'e-1' } })
    expect(status).toBe(200)
    expect(Object.keys(body).sort()).toEqual([...messageKeys, 'echo_id'].sort())
    expect(body).toMatchObject({ content: 'Hello', message_type: 1, status: 'sent', private: false, conversation_id: conversation.displayId, echo_id: 'e-1' })
    expect(Object.keys(body.sender).sort()).toEqual(['availability_status', 'available_name', 'avatar_url', 'id', 'name', 'thumbnail', 'type'])
  })
})
