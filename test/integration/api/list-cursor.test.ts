// Paging through conversation lists with `cursor` while they change (docs/reference/api.md, "Pages").

import { beforeAll, expect, it } from 'vitest'

import { createConversation, createInbox } from '../../support/api.ts'
import { describeWithDatabase } from '../../support/database.ts'
import { useApi } from '../../support/fixtures.ts'

const many = 60

describeWithDatabase('cursors of conversation lists', () => {
  const api = useApi()
  let inboxId: number
  beforeAll(async () => {
    inboxId = await createInbox(api.pool, { accountId: api.accountId, type: 'Channel::Api', name: 'Paged' })
    for (let n = 0; n < many; n++) {
      const { id, displayId } = await createConversation(api.pool, { accountId: api.accountId, inboxId })
      await post(`/conversations/${String(displayId)}/messages`, { content: 'paged', message_type: 'incoming' })
      await api.pool.query(
        `update conversations set priority = $2, created_at = now() - $3 * interval '1 minute',
           last_activity_at = now() - $4 * interval '1 minute'
         where id = $1`,
        [id, [null, 'low', 'urgent'][n % 3], many - n, 2 * many - (n % 7)],
      )
      await api.pool.query(
        `update messages m set created_at = c.last_activity_at from conversations c
         where m.conversation_id = c.id and c.id = $1`,
        [id],
      )
    }
  })

  const post = (path: string, json: object) => api.ask('POST', `${api.path}${path}`, { json })
  const scope = () => ({ inbox_id: String(inboxId), status: 'all' })
  const listed = async (query: Record<string, string>) => {
    const { status, body } = await api.ask(
      'GET',
      `${api.path}/conversations?${String(new URLSearchParams({ ...scope(), ...query }))}`,
    )
    expect(status).toBe(200)
    return body.data as { meta: { next_cursor: string | null; all_count: number }; payload: { id: number }[] }
  }
  const byPages = async (sort: string): Promise<number[]> => {
    const pages = await Promise.all([1, 2, 3].map((page) => listed({ sort_by: sort, page: String(page) })))
    return pages.flatMap(({ payload }) => payload.map(({ id }) => id))
  }
  /** Pages on until the end; `change` happens after each page. */
  const byCursor = async (query: Record<string, string>, change: () => Promise<unknown> = () => Promise.resolve()) => {
    const ids: number[] = []
    let cursor: string | null = 'start'
    do {
      const page = await listed({ ...query, cursor })
      ids.push(...page.payload.map(({ id }) => id))
      cursor = page.meta.next_cursor
      await change()
    } while (cursor !== null)
    return ids
  }

  it.each([
    'latest',
    'last_activity_at_asc',
    'created_at_asc',
    'created_at_desc',
    'priority_asc',
    'priority_desc',
    'priority_desc_created_at_asc',
    'waiting_since_asc',
    'waiting_since_desc',
    'last_user_message_at',
    'unread',
  ])('the pages of a cursor are those of page, ordered by %s', async (sort) => {
    const ids = await byCursor({ sort_by: sort })
    expect(ids).toHaveLength(many)
    expect(ids).toEqual(await byPages(sort))
  })

  it.each(['latest', 'last_activity_at_asc', 'priority_desc', 'created_at_desc'])(
    'ordered by %s, each conversation comes once while others move to the top or begin',
    async (sort) => {
      const before = await byPages(sort)
      let moved = 3
      const ids = await byCursor({ sort_by: sort }, async () => {
        // One that was shown, and two that were not.
        for (const at of [moved, 30 + moved, 55 + moved])
          await post(`/conversations/${String(before[at % many])}/messages`, { content: 'moved' })
        moved += 1
        if (sort !== 'last_activity_at_asc')
          await createConversation(api.pool, { accountId: api.accountId, inboxId: api.inboxId })
      })
      expect(ids).toEqual(before)
    },
  )

  it('searches and filters have cursors, too', async () => {
    const all = [...(await byPages('latest'))].sort()
    const searched: number[] = []
    let cursor: string | null = 'start'
    do {
      const { body } = await api.ask(
        'GET',
        `${api.path}/conversations/search?q=paged&inbox_id=${String(inboxId)}&cursor=${cursor}`,
      )
      searched.push(...body.payload.map(({ id }: { id: number }) => id))
      cursor = body.meta.next_cursor
    } while (cursor !== null)
    expect(searched.toSorted()).toEqual(all)
    const payload = [
      { attribute_key: 'inbox_id', filter_operator: 'equal_to', values: [inboxId], query_operator: null },
    ]
    const filtered: number[] = []
    let next: string | null = 'start'
    do {
      const { status, body } = await post('/conversations/filter', {
        payload,
        cursor: next,
      })
      expect(status).toBe(200)
      filtered.push(...body.payload.map(({ id }: { id: number }) => id))
      next = body.meta.next_cursor
    } while (next !== null)
    expect(filtered.toSorted()).toEqual(all)
  })

  it('a cursor shows only accessible conversations', async () => {
    const { meta } = await listed({ cursor: 'start' })
    const { body } = await api.ask('GET', `${api.path}/conversations?status=all&cursor=${String(meta.next_cursor)}`, {
      token: api.agent.token,
    })
    expect(body.data.payload.filter((row: { inbox_id: number }) => row.inbox_id === inboxId)).toEqual([])
  })

  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
  it.each([
    ['x'],
    [encode({})],
    [encode([])],
    [encode([null, 'now'])],
    [encode([null, '2026-01-01', null, '1'])],
    [encode([null, '2026-01-01', '2026-01-01', null])],
    [encode([null, 'never', '2026-01-01', '1'])],
    [encode([null, '2026-01-01 00:00:00+00', '2026-99-01 00:00:00+00', '1'])],
    [encode([null, '2026-01-01 00:00:00+00', '2026-01-01 00:00:00+00', '99999999999'])],
    [encode(['unread', '2026-01-01 00:00:00+00', 'maybe', '2026-01-01 00:00:00+00', '1'])],
    [encode(['priority_desc', '2026-01-01 00:00:00+00', 'low\0', '2026-01-01 00:00:00+00', '1'])],
    [encode([null, '2026-01-01', 'x', '1'])],
    [encode(['priority_desc', '2026-01-01', 'low', '2026-01-01'])],
    [encode([null, '2026-01-01', '2026-01-01', '1; drop table conversations'])],
  ])('422 for the cursor %s', async (cursor) => {
    const { status, body } = await api.ask('GET', `${api.path}/conversations?cursor=${cursor}`)
    expect([status, body]).toEqual([422, { error: 'cursor is not valid. Begin again with cursor=start.' }])
  })
})
