// Conversations are merged and parted again through the API: who may, what moves, what goes back.

import { beforeAll, expect, it } from 'vitest'

import { createAccount, createConversation, createInbox, createPerson } from '../../support/api.ts'
import { describeWithDatabase } from '../../support/database.ts'
import { useApi } from '../../support/fixtures.ts'

describeWithDatabase('merging conversations', () => {
  const api = useApi()
  beforeAll(async () => {
    await api.pool.query('update inboxes set enable_auto_assignment = false')
  })

  type Place = Awaited<ReturnType<typeof createConversation>>
  const open = (place: { inboxId?: number; status?: string } = {}) =>
    createConversation(api.pool, { accountId: api.accountId, inboxId: api.inboxId, ...place })
  const at = ({ displayId }: Place) => `${api.path}/conversations/${String(displayId)}`
  const get = async (place: Place) => (await api.ask('GET', at(place))).body
  const say = async (
    { id, contactId }: Place,
    content: string,
    sourceId: string | null = null,
    inboxId = api.inboxId,
  ) =>
    (
      await api.pool.query<{ id: number }>(
        `
          insert into messages (
            account_id,
            inbox_id,
            conversation_id,
            message_type,
            content,
            source_id,
            sender_type,
            sender_id,
            created_at,
            updated_at
          )
          values ($1, $2, $3, 'incoming', $4, $5, 'contact', $6, clock_timestamp(), now())
          returning id
        `,
        [api.accountId, inboxId, id, content, sourceId, contactId],
      )
    ).rows[0]!.id
  const merge = (target: Place, merged: Place, token = api.administrator.token) =>
    api.ask('POST', `${at(target)}/merge`, { json: { conversation_id: merged.displayId }, token })
  const undo = (target: Place, id: number, token = api.administrator.token) =>
    api.ask('DELETE', `${at(target)}/merge/${String(id)}`, { token })
  const words = async (place: Place) =>
    (await api.ask('GET', `${at(place)}/messages`)).body.payload
      .filter((message: { message_type: number }) => message.message_type !== 2)
      .map((message: { content: string }) => message.content)
  // All that an undo must bring back, but the times of its own actions.
  const whole = async ({ id }: Place) =>
    (
      await api.pool.query(
        `
          select
            to_jsonb(c) - 'updated_at' - 'last_activity_at' as row,
            (
              select jsonb_agg(to_jsonb(m) order by m.id)
              from messages m
              where m.conversation_id = c.id and m.message_type <> 'activity'
            ) as messages,
            (
              select jsonb_agg(p.user_id order by 1)
              from conversation_participants p
              where p.conversation_id = c.id
            ) as participants,
            (
              select jsonb_agg(p.contact_id order by 1)
              from conversation_contacts p
              where p.conversation_id = c.id
            ) as contacts,
            (select jsonb_agg(p.user_id order by 1) from mentions p where p.conversation_id = c.id) as mentions,
            (
              select jsonb_agg(to_jsonb(r) order by r.id) from reporting_events r where r.conversation_id = c.id
            ) as reports
          from conversations c
          where id = $1
        `,
        [id],
      )
    ).rows[0]
  const settle = (place: Place) =>
    api.pool.query(
      `
        update conversations c
        set last_incoming_at = (
          select max(created_at) from messages m where m.conversation_id = c.id and m.message_type = 'incoming'
        )
        where id = $1
      `,
      [place.id],
    )

  it('messages move in order of time, labels and people unite, and both say what happened', async () => {
    const [target, merged] = [await open(), await open()]
    await say(target, 'one')
    await say(merged, 'two')
    await say(target, 'three')
    await api.ask('POST', `${at(target)}/labels`, { json: { labels: ['a', 'b'] } })
    await api.ask('POST', `${at(merged)}/labels`, { json: { labels: ['b', 'c'] } })
    await api.ask('POST', `${at(merged)}/participants`, { json: { user_ids: [api.agent.id] } })
    const { status, body } = await merge(target, merged)
    expect([status, body.conversation_id, body.merged_conversation_id, body.message_count, body.undone_at]).toEqual([
      200,
      target.displayId,
      merged.displayId,
      1,
      null,
    ])
    expect(body.user_id).toBe(api.administrator.id)
    expect(await words(target)).toEqual(['one', 'two', 'three'])
    expect((await get(target)).labels).toEqual(['a', 'b', 'c'])
    expect((await api.ask('GET', `${at(target)}/participants`)).body).toMatchObject([{ id: api.agent.id }])
    const lines = async (place: Place) =>
      (await api.ask('GET', `${at(place)}/messages`)).body.payload.at(-1).content as string
    expect(await lines(target)).toBe(`Ada Admin merged conversation #${String(merged.displayId)} into this one`)
    expect(await lines(merged)).toBe(`Ada Admin merged this conversation into #${String(target.displayId)}`)
    expect((await api.ask('GET', `${at(target)}/merges`)).body.payload).toEqual([body])
  })

  it('the merged one appears as resolved, is in no list, and accepts no changes', async () => {
    const [target, merged] = [await open(), await open()]
    await say(merged, `needle${String(merged.id)}`)
    await merge(target, merged)
    expect(await get(merged)).toMatchObject({
      id: merged.displayId,
      status: 'resolved',
      additional_attributes: { merged_into: target.displayId },
    })
    const listed = async (query: string) =>
      (await api.ask('GET', `${api.path}/conversations?${query}`)).body.data.payload.map(
        (one: { id: number }) => one.id,
      )
    for (const query of ['status=all', 'status=resolved', 'status=open'])
      expect(await listed(query)).not.toContain(merged.displayId)
    const filtered = await api.ask('POST', `${api.path}/conversations/filter`, {
      json: {
        payload: [{ attribute_key: 'status', filter_operator: 'not_equal_to', values: ['open'], query_operator: null }],
      },
    })
    expect(filtered.body.payload.map((one: { id: number }) => one.id)).not.toContain(merged.displayId)
    const counted = async () => (await api.ask('GET', `${api.path}/conversations/meta?status=all`)).body.meta.all_count
    const { rows } = await api.pool.query<{ n: number }>(
      `select count(*)::int as n from conversations where account_id = $1 and merged_into_id is null`,
      [api.accountId],
    )
    expect(await counted()).toBe(rows[0]?.n)
    const contact = `${api.path}/contacts/${String(merged.contactId)}/conversations`
    expect((await api.ask('GET', contact)).body.payload).toEqual([])
    const refused = { status: 409, body: { error: `This conversation was merged into #${String(target.displayId)}` } }
    expect(await api.ask('POST', `${at(merged)}/messages`, { json: { content: 'x' } })).toMatchObject(refused)
    expect(await api.ask('POST', `${at(merged)}/toggle_status`, { json: { status: 'open' } })).toMatchObject(refused)
    expect(await api.ask('POST', `${at(merged)}/labels`, { json: { labels: ['x'] } })).toMatchObject(refused)
    expect(await api.ask('POST', `${at(merged)}/assignments`, { json: { assignee_id: api.agent.id } })).toMatchObject(
      refused,
    )
  })

  it('undoing restores both exactly; later messages stay in the target', async () => {
    const [target, merged] = [await open({ status: 'resolved' }), await open()]
    await say(target, 'one', 'same@x')
    const double = await say(merged, 'two', 'same@x')
    await say(merged, 'three', 'other@x')
    await api.ask('POST', `${at(target)}/labels`, { json: { labels: ['a'] } })
    await api.ask('POST', `${at(merged)}/labels`, { json: { labels: ['a', 'c'] } })
    await api.ask('POST', `${at(merged)}/participants`, { json: { user_ids: [api.agent.id] } })
    await settle(target)
    await settle(merged)
    const [before, other] = [await whole(target), await whole(merged)]
    const { body } = await merge(target, merged)
    expect((await get(target)).status).toBe('open')
    expect((await whole(merged)).reports).toEqual(other?.reports)
    const undone = await undo(target, body.id)
    expect([undone.status, undone.body.undone_at === null]).toEqual([200, false])
    expect(await whole(target)).toEqual(before)
    expect(await whole(merged)).toEqual(other)
    expect((await undo(target, body.id)).body).toEqual({ error: 'This merge was already undone' })
    const again = await merge(target, merged)
    const late = await say(target, 'late')
    await undo(target, again.body.id)
    expect(await words(target)).toEqual(['one', 'late'])
    expect(await words(merged)).toEqual(['two', 'three'])
    expect((await whole(merged)).messages.find((m: { id: number }) => m.id === double).source_id).toBe('same@x')
    expect(late).toBeGreaterThan(double)
  })

  it('chains lead to the last, and are undone from the last', async () => {
    const [a, b, c] = [await open(), await open(), await open()]
    await say(a, 'a')
    await say(b, 'b')
    await say(c, 'c')
    const states = [await whole(a), await whole(b), await whole(c)].map((state) => state?.messages)
    const first = (await merge(b, a)).body
    const second = (await merge(c, b)).body
    expect(await words(c)).toEqual(['a', 'b', 'c'])
    expect((await get(a)).additional_attributes.merged_into).toBe(c.displayId)
    expect(await undo(b, first.id)).toMatchObject({
      status: 409,
      body: { error: 'This conversation was later merged into another: undo that merge first' },
    })
    expect((await merge(c, a)).status).toBe(409)
    expect((await merge(a, c)).status).toBe(409)
    await undo(c, second.id)
    expect([await words(a), await words(b), await words(c)]).toEqual([[], ['a', 'b'], ['c']])
    expect((await get(a)).additional_attributes.merged_into).toBe(b.displayId)
    await undo(b, first.id)
    expect([await whole(a), await whole(b), await whole(c)].map((state) => state?.messages)).toEqual(states)
  })

  it('two conversations merged into each other at once: one of the two happens', async () => {
    for (let round = 0; round < 8; round++) {
      const [a, b] = [await open(), await open()]
      await say(a, 'a')
      await say(b, 'b')
      const answers = await Promise.all([merge(a, b), merge(b, a)])
      expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 409])
      const target = answers[0].status === 200 ? a : b
      expect(await words(target)).toEqual(['a', 'b'])
    }
  })

  it('a message written while its conversation is merged is in the target or refused, never lost', async () => {
    for (let round = 0; round < 8; round++) {
      const [target, merged] = [await open(), await open()]
      const content = `note ${String(round)}`
      const [written] = await Promise.all([
        api.ask('POST', `${at(merged)}/messages`, { json: { content, private: true } }),
        merge(target, merged),
      ])
      expect([200, 409]).toContain(written.status)
      expect(await words(target)).toEqual(written.status === 200 ? [content] : [])
      expect(await words(merged)).toEqual([])
    }
  })

  it('pending mail to another recipient prevents a merge of its conversation', async () => {
    const [target, merged] = [await open(), await open()]
    const { body } = await api.ask('POST', `${at(merged)}/messages`, { json: { content: 'x', send_after_seconds: 60 } })
    const refused = await merge(target, merged)
    expect(refused.status).toBe(409)
    expect(refused.body.error).toContain('has not been sent yet')
    await api.pool.query('update messages set status = $2 where id = $1', [body.id, 'failed'])
    expect((await merge(target, merged)).status).toBe(200)
    const retried = await api.ask('POST', `${at(target)}/messages/${String(body.id)}/retry`)
    expect(retried.body.content_attributes.to_emails).toEqual([merged.email])
  })

  it('a merge is refused without access to both, and over accounts, inboxes and visitors', async () => {
    const [target, merged] = [await open(), await open()]
    const outsider = await createPerson(api.pool, { accountId: api.accountId, name: 'Olga Outside' })
    const otherInbox = await createInbox(api.pool, { accountId: api.accountId, type: 'Channel::Email', name: 'Sales' })
    const elsewhere = await open({ inboxId: otherInbox })
    expect((await merge(target, merged, outsider.token)).status).toBe(401)
    expect((await merge(target, elsewhere, api.agent.token)).status).toBe(401)
    expect((await merge(elsewhere, target, api.agent.token)).status).toBe(401)
    expect((await merge(target, elsewhere)).status).toBe(422)
    expect((await merge(target, target)).status).toBe(422)
    for (const conversation_id of [4711, 0, 'x', null, -1])
      expect((await api.ask('POST', `${at(target)}/merge`, { json: { conversation_id } })).status).toBe(404)
    const account = await createAccount(api.pool, 'Other')
    const stranger = await createPerson(api.pool, { accountId: account, name: 'Stan', role: 'administrator' })
    expect((await merge(target, merged, stranger.token)).status).toBe(401)
    const chat = await createInbox(api.pool, { accountId: api.accountId, type: 'Channel::WebWidget', name: 'Chat' })
    expect((await merge(await open({ inboxId: chat }), await open({ inboxId: chat }))).status).toBe(422)
    const done = (await merge(target, merged, api.agent.token)).body
    expect((await undo(target, done.id, outsider.token)).status).toBe(401)
    expect((await undo(elsewhere, done.id)).status).toBe(404)
    await api.pool.query(`update conversation_merges set created_at = now() - interval '31 days' where id = $1`, [
      done.id,
    ])
    expect(await undo(target, done.id)).toMatchObject({
      status: 409,
      body: { error: 'A merge can be undone for 30 days' },
    })
  })

  it("a deleted contact's messages are deleted, and those of others stay", async () => {
    const [target, merged] = [await open(), await open()]
    await say(target, 'stays')
    await say(merged, 'goes')
    await merge(target, merged)
    await api.ask('DELETE', `${api.path}/contacts/${String(merged.contactId)}`)
    expect(await words(target)).toEqual(['stays'])
    const [other, one] = [await open(), await open()]
    await say(other, 'goes')
    await say(one, 'stays')
    await merge(other, one)
    await api.ask('DELETE', at(other))
    expect(await words(one)).toEqual(['stays'])
    expect((await get(one)).status).toBe('open')
  })

  it('streams receive the merge with both numbers, and webhooks the status', async () => {
    const [target, merged] = [await open(), await open()]
    const { body } = await merge(target, merged)
    await undo(target, body.id)
    const { rows } = await api.pool.query(
      `select name, facts, changes -> 'status' as status, performer from events
       where conversation_id = any($1) and (name like '%merged' or name = 'conversation_status_changed') order by id`,
      [[target.id, merged.id]],
    )
    const performer = `user:${String(api.administrator.id)}`
    const facts = { merge_id: body.id, merged_conversation_id: merged.displayId }
    expect(rows).toEqual([
      { name: 'conversation_merged', facts, status: null, performer },
      {
        name: 'conversation_status_changed',
        facts: null,
        status: { previous_value: 'open', current_value: 'resolved' },
        performer,
      },
      { name: 'conversation_unmerged', facts, status: null, performer },
      {
        name: 'conversation_status_changed',
        facts: null,
        status: { previous_value: 'resolved', current_value: 'open' },
        performer,
      },
    ])
  })
})
