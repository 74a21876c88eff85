// Automation rules through the API: Chatwoot's payloads, and their actions on events, once, and
// never because of themselves.

import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'

import { createConversation, createPerson, type Person } from '../../support/api.ts'
import { describeWithDatabase } from '../../support/database.ts'
import { startEventDelivery, type TestEventDelivery } from '../../support/event-delivery.ts'
import { type Receiver, startReceiver } from '../../support/receiver.ts'
import { createTeam } from '../../support/records.ts'
import { until } from '../../support/until.ts'

describeWithDatabase('automation rules', () => {
  let api: TestEventDelivery
  let receiver: Receiver
  let path: string
  let teamId: number
  let helper: Person
  beforeAll(async () => {
    receiver = await startReceiver()
    api = await startEventDelivery()
    path = `${api.path}/automation_rules`
    helper = await createPerson(api.pool, { accountId: api.accountId, name: 'Hanna Helper' })
    teamId = await createTeam(api, { name: 'billing', userIds: [helper.id] })
  })
  afterAll(async () => {
    await api.stop()
    await receiver.stop()
    expect(api.faults).toEqual([])
  })
  afterEach(async () => {
    await api.pool.query('delete from automation_rules')
  })

  const condition = (
    attribute_key: string,
    filter_operator: string,
    values: unknown[],
    query_operator: string | null = null,
  ) => ({ attribute_key, filter_operator, values, query_operator, custom_attribute_type: '' })
  const action = (action_name: string, ...action_params: unknown[]) => ({ action_name, action_params })
  const rule = (event_name: string, conditions: object[], actions: object[], more: object = {}) => ({
    name: 'Rule',
    description: 'does it',
    event_name,
    conditions,
    actions,
    ...more,
  })
  const make = async (...given: Parameters<typeof rule>) => {
    const answer = await api.ask('POST', path, { json: rule(...given) })
    expect(answer.status).toBe(200)
    return answer.body
  }
  const converse = () => createConversation(api.pool, { accountId: api.accountId, inboxId: api.inboxId })
  const read = async (displayId: number) =>
    (await api.ask('GET', `${api.path}/conversations/${String(displayId)}`)).body
  const write = (displayId: number, content: string) =>
    api.ask('POST', `${api.path}/conversations/${String(displayId)}/messages`, { json: { content } })
  const allLooked = () =>
    until(
      'all rules have looked',
      async () =>
        (
          await api.pool.query(
            `select from events where position is null union all select from work where kind = 'react'`,
          )
        ).rowCount === 0,
    )

  it('are created, read, changed, copied and deleted', async () => {
    const made = await make(
      'message_created',
      [condition('content', 'contains', ['invoice'])],
      [action('add_label', 'billing')],
    )
    expect(made).toEqual({
      id: expect.any(Number),
      account_id: api.accountId,
      name: 'Rule',
      description: 'does it',
      event_name: 'message_created',
      conditions: [condition('content', 'contains', ['invoice'])],
      actions: [action('add_label', 'billing')],
      created_on: expect.any(Number),
      active: true,
    })
    const at = `${path}/${String(made.id)}`
    expect((await api.ask('GET', at)).body).toEqual({ payload: made })
    expect((await api.ask('PATCH', at, { json: { active: false, name: 'Other' } })).body.payload).toEqual({
      ...made,
      active: false,
      name: 'Other',
    })
    const copy = (await api.ask('POST', `${at}/clone`)).body.payload
    expect(copy).toEqual({ ...made, id: copy.id, created_on: copy.created_on, name: 'Other', active: false })
    expect((await api.ask('GET', path)).body.payload.map(({ id }: { id: number }) => id)).toEqual([made.id, copy.id])
    expect(await api.ask('DELETE', at)).toMatchObject({ status: 200, text: '' })
    expect((await api.ask('GET', at)).status).toBe(404)
    expect((await api.ask('GET', path, { token: api.agent.token })).status).toBe(401)
  })

  it.each([
    ['no name', { name: '' }, "Name can't be blank"],
    ['an unknown event', { event_name: 'world_ended' }, 'Event name is not included in the list'],
    [
      'an unknown action',
      { actions: [action('make_coffee')] },
      'Actions Automation actions make_coffee not supported.',
    ],
    [
      'an action without what it needs',
      { actions: [action('assign_team', 'x')] },
      'Actions Automation action params of assign_team are invalid',
    ],
    [
      'a file that was never uploaded',
      { actions: [action('send_attachment', 'no-such-file')] },
      'Actions name a file that was not uploaded',
    ],
    [
      'an unknown attribute',
      { conditions: [condition('shoe_size', 'equal_to', ['44'])] },
      /^Conditions Invalid attribute key/,
    ],
    [
      'an operator that is none',
      { conditions: [condition('status', 'is_greater_than', ['open'])] },
      /^Conditions Invalid operator/,
    ],
  ])('%s is refused with a message', async (_title, change, message) => {
    const { status, body } = await api.ask('POST', path, { json: { ...rule('message_created', [], []), ...change } })
    expect(status).toBe(422)
    expect(body.message).toMatch(message)
  })

  it('run all their actions on a matching conversation, and none on others', async () => {
    await make(
      'conversation_updated',
      [condition('priority', 'equal_to', ['urgent'], 'and'), condition('status', 'equal_to', ['open'])],
      [
        action('assign_team', teamId),
        action('assign_agent', api.agent.id),
        action('add_label', 'vip', 'hot'),
        action('remove_label', 'hot'),
        action('add_private_note', 'Look at this'),
        action('send_message', 'We are on it'),
        action('change_priority', 'high'),
        action('pending_conversation'),
      ],
    )
    const [matching, other] = [await converse(), await converse()]
    await api.ask('POST', `${api.path}/conversations/${String(other.displayId)}/toggle_priority`, {
      json: { priority: 'low' },
    })
    await api.ask('POST', `${api.path}/conversations/${String(matching.displayId)}/toggle_priority`, {
      json: { priority: 'urgent' },
    })
    await until('it is pending', async () => (await read(matching.displayId)).status === 'pending')
    expect(await read(matching.displayId)).toMatchObject({
      labels: ['vip'],
      priority: 'high',
      meta: { assignee: { id: api.agent.id }, team: { id: teamId } },
      first_reply_created_at: 0,
    })
    expect(
      (await api.ask('GET', `${api.path}/conversations/${String(matching.displayId)}/participants`)).body,
    ).toMatchObject([{ id: api.agent.id }])
    await allLooked()
    expect(await read(other.displayId)).toMatchObject({ status: 'open', labels: [], priority: 'low' })
    const { payload } = (await api.ask('GET', `${api.path}/conversations/${String(matching.displayId)}/messages`)).body
    const written = payload.filter(({ message_type }: { message_type: number }) => message_type === 1)
    expect(
      written.map(({ content, private: isPrivate, content_attributes, sender }: any) => [
        content,
        isPrivate,
        Number.isInteger(content_attributes.automation_rule_id),
        sender,
      ]),
    ).toEqual([
      ['Look at this', true, true, undefined],
      ['We are on it', false, true, undefined],
    ])
    const { rows } = await api.pool.query(
      `select payload from work where kind = 'send-reply' and (payload ->> 'messageId')::int = $1`,
      [written[1].id],
    )
    expect(rows).toHaveLength(1)
  })

  it('send files that were uploaded before, and show them', async () => {
    const multipart = new FormData()
    multipart.append('attachment', new Blob(['prices'], { type: 'application/pdf' }), 'prices.pdf')
    const { blob_id: blobId, file_url: url } = (await api.ask('POST', `${api.path}/upload`, { multipart })).body
    const made = await make(
      'message_created',
      [condition('content', 'contains', ['prices?'])],
      [action('send_attachment', blobId)],
    )
    expect(made).toMatchObject({
      actions: [{ action_name: 'send_attachment', action_params: [blobId] }],
      files: [
        {
          automation_rule_id: made.id,
          filename: 'prices.pdf',
          file_type: 'application/pdf',
          file_url: url,
          blob_id: blobId,
        },
      ],
    })
    const { displayId } = await converse()
    await api.ask('POST', `${api.path}/conversations/${String(displayId)}/messages`, {
      json: { content: 'prices?', private: true },
    })
    const sent = await until('the file', async () =>
      (await api.ask('GET', `${api.path}/conversations/${String(displayId)}/messages`)).body.payload.find(
        (message: any) => message.attachments !== undefined,
      ),
    )
    expect(sent).toMatchObject({
      message_type: 1,
      content: null,
      content_attributes: { automation_rule_id: made.id },
      attachments: [{ extension: 'pdf', file_size: 6 }],
    })
  })

  it('run once for each event, and not on changes by rules: two rules do not trigger each other for ever', async () => {
    await make('message_created', [condition('content', 'contains', ['ping'])], [action('send_message', 'pong ping')])
    await make('message_created', [condition('content', 'contains', ['pong'])], [action('send_message', 'ping pong')])
    const conversation = await converse()
    await write(conversation.displayId, 'ping')
    const count = async () =>
      Number(
        (
          await api.pool.query(
            `select count(*) as n from messages where conversation_id = $1 and message_type = 'outgoing'`,
            [conversation.id],
          )
        ).rows[0].n,
      )
    await until('the answer', async () => (await count()) === 2)
    await allLooked()
    expect(await count()).toBe(2)
    // The same work once more, as after a crash.
    await api.pool.query(
      `
        insert into work (kind, payload)
        select 'react', jsonb_build_object('accountId', account_id, 'position', position)
        from events
        where conversation_id = $1 and name = 'message_created'
      `,
      [conversation.id],
    )
    await allLooked()
    expect(await count()).toBe(2)
  })

  it('write at most ten messages to one contact in an hour', async () => {
    await make(
      'message_created',
      [condition('content', 'contains', ['again'])],
      [action('send_message', 'Thank you'), action('add_label', 'still-looking')],
    )
    const conversation = await converse()
    for (let n = 0; n < 12; n++) await write(conversation.displayId, `again ${String(n)}`)
    await allLooked()
    const { rows } = await api.pool.query<{ n: number }>(
      `select count(*)::int as n from messages where conversation_id = $1 and content = 'Thank you'`,
      [conversation.id],
    )
    expect([
      rows[0]?.n,
      (await read(conversation.displayId)).labels,
      api.said.filter(({ event }) => event === 'rule-budget').length,
    ]).toEqual([10, ['still-looking'], 2])
  })

  it('match messages by type, text and privacy, and never activities', async () => {
    await make(
      'message_created',
      [condition('message_type', 'equal_to', ['outgoing'], 'and'), condition('private_note', 'equal_to', ['false'])],
      [action('add_label', 'answered')],
    )
    await make('message_created', [], [action('add_label', 'touched')])
    const conversation = await converse()
    await api.ask('POST', `${api.path}/conversations/${String(conversation.displayId)}/toggle_priority`, {
      json: { priority: 'high' },
    })
    await allLooked()
    expect((await read(conversation.displayId)).labels).toEqual([])
    await api.ask('POST', `${api.path}/conversations/${String(conversation.displayId)}/messages`, {
      json: { content: 'note', private: true },
    })
    await allLooked()
    expect((await read(conversation.displayId)).labels).toEqual(['touched'])
    await write(conversation.displayId, 'Hello')
    await allLooked()
    expect((await read(conversation.displayId)).labels.sort()).toEqual(['answered', 'touched'])
  })

  it('open, resolve, mute and snooze; an inactive one does nothing', async () => {
    await make('conversation_resolved', [], [action('open_conversation')])
    await make('conversation_opened', [], [action('resolve_conversation')], { active: false })
    const conversation = await converse()
    await api.ask('POST', `${api.path}/conversations/${String(conversation.displayId)}/toggle_status`, {
      json: { status: 'resolved' },
    })
    await until('it is open again', async () => (await read(conversation.displayId)).status === 'open')
    await allLooked()
    expect((await read(conversation.displayId)).status).toBe('open')
    await make('message_created', [condition('content', 'equal_to', ['spam'])], [action('mute_conversation')])
    await write(conversation.displayId, 'spam')
    await until('it is muted', async () => (await read(conversation.displayId)).muted)
  })

  it('call a webhook, mail a team, and send a transcript', async () => {
    await make(
      'message_created',
      [condition('content', 'equal_to', ['tell'])],
      [
        action('send_webhook_event', `${receiver.origin}/rule`),
        action('send_email_to_team', { team_ids: [teamId], message: 'Please look' }),
        action('send_email_transcript', 'ann@customer.example, nobody'),
      ],
    )
    const conversation = await converse()
    await write(conversation.displayId, 'tell')
    const post = await until('the webhook', () => receiver.at('/rule')[0])
    expect(post.body).toMatchObject({
      event: 'automation_event.message_created',
      id: conversation.displayId,
      messages: [{ content: 'tell' }],
    })
    expect(post.headers['x-chatwoot-signature']).toBeUndefined()
    const { rows } = await api.pool.query(
      `select kind, payload from work where kind in ('notify-team', 'send-transcript') order by kind`,
    )
    expect(rows).toMatchObject([
      { kind: 'notify-team', payload: { conversationId: conversation.id, userId: helper.id, message: 'Please look' } },
      { kind: 'send-transcript', payload: { conversationId: conversation.id, email: 'ann@customer.example' } },
    ])
  })

  it('call each named webhook once, and one that an earlier version has queued', async () => {
    const urls = ['/first', '/second', '/second'].map((at) => `${receiver.origin}${at}`)
    const made = await make(
      'message_created',
      [condition('content', 'equal_to', ['tell all'])],
      [
        ...urls.slice(0, 2).map((url) => action('send_webhook_event', url)),
        { action_name: 'send_webhook_event', action_params: urls[2] },
      ],
    )
    const conversation = await converse()
    await write(conversation.displayId, 'tell all')
    await until('both', () => receiver.at('/first').length > 0 && receiver.at('/second').length > 0)
    await until(
      'nothing waits',
      async () => (await api.pool.query('select from webhook_deliveries where finished_at is null')).rowCount === 0,
    )
    expect(['/first', '/second'].map((at) => receiver.at(at).length)).toEqual([1, 1])
    const old = `automation_rule:${String(made.id)}`
    await api.pool.query('insert into webhook_subscribers (id, account_id) values ($1, $2)', [old, api.accountId])
    await api.pool.query(
      `
        insert into webhook_deliveries (account_id, subscriber, event, position, key)
        select account_id, $1, event, position, key
        from webhook_deliveries
        where subscriber like $1 || ':%'
        limit 1
      `,
      [old],
    )
    await until('the old one', () => receiver.at('/first').length === 2)
    expect(receiver.at('/second')).toHaveLength(1)
  })

  it('with a deleted agent or team do their other actions', async () => {
    await make(
      'message_created',
      [condition('content', 'equal_to', ['go on'])],
      [action('assign_agent', 2_000_000), action('assign_team', 2_000_000), action('add_label', 'done')],
    )
    const conversation = await converse()
    await write(conversation.displayId, 'go on')
    await until('the rest', async () => (await read(conversation.displayId)).labels.includes('done'))
  })
})
