// The triggers that write events, on each member of the database contract: which change is announced, under which name,
// and that nothing else is.

import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'

import { eventKinds } from '../../src/contracts/event-names.ts'
import { performedBy, recordEvent } from '../../src/conversations/record-event.ts'
import { copyDatabase } from '../../src/db/copy.ts'
import { inTransaction } from '../../src/db/pool.ts'
import { connectionOf } from '../../src/db/pool.ts'
import { createAccount, createConversation, createInbox, createPerson } from '../support/api.ts'
import {
  createEmptyDatabase,
  createTestDatabase,
  describeOnEachDatabase,
  type TestDatabase,
} from '../support/database.ts'

interface RecordedEvent {
  readonly name: string
  readonly changes: Record<string, { previous_value: unknown; current_value: unknown }> | null
  readonly performer: string | null
  readonly facts: Record<string, unknown> | null
}

describeOnEachDatabase('events', (member) => {
  let database: TestDatabase
  let place: { accountId: number; inboxId: number; agentId: number; teamId: number; botId: number }
  let conversation: Awaited<ReturnType<typeof createConversation>>
  let before = 0

  const run = (text: string, values: unknown[] = []) => database.pool.query(text, values)
  const details = async (): Promise<RecordedEvent[]> =>
    (
      await database.pool.query<RecordedEvent>(
        'select name, changes, performer, facts from events where id > $1 order by id',
        [before],
      )
    ).rows
  const names = async (): Promise<string[]> => (await details()).map(({ name }) => name)
  const addMessage = async (): Promise<number> =>
    (
      await run(
        `
          insert into messages (
            account_id, inbox_id, conversation_id, message_type, content, content_attributes, updated_at
          )
          values ($1, $2, $3, 'incoming', 'Hello', '{"a": 1, "b": 2}', now())
          returning id
        `,
        [place.accountId, place.inboxId, conversation.id],
      )
    ).rows[0].id
  const mark = async (): Promise<void> => {
    before =
      (await database.pool.query<{ id: number }>('select coalesce(max(id), 0) as id from events')).rows[0]?.id ?? 0
  }

  beforeAll(async () => {
    database = await createTestDatabase(member)
    const accountId = await createAccount(database.pool, 'Acme')
    const agent = await createPerson(database.pool, { accountId, name: 'Gus Agent' })
    const inboxId = await createInbox(database.pool, { accountId, type: 'Channel::Api', name: 'Api' })
    const teamId = (
      await run(`insert into teams (account_id, name, updated_at) values ($1, 'sales', now()) returning id`, [
        accountId,
      ])
    ).rows[0].id
    const botId = (
      await run(`insert into agent_bots (account_id, name, secret) values ($1, 'Bob', 's') returning id`, [accountId])
    ).rows[0].id
    place = { accountId, inboxId, agentId: agent.id, teamId, botId }
  })
  afterAll(() => database.drop())
  beforeEach(async () => {
    conversation = await createConversation(database.pool, place)
    await mark()
  })

  test('a new conversation and the messages of one statement are announced, in order', async () => {
    const another = await createConversation(database.pool, place)
    await run(
      `
        insert into messages (account_id, inbox_id, conversation_id, message_type, content, updated_at)
        select $1, $2, $3, 'incoming', 'm' || n, now()
        from generate_series(1, 3) n
      `,
      [place.accountId, place.inboxId, another.id],
    )
    const { rows } = await run(
      `
        select name, e.conversation_id, e.inbox_id, e.contact_id, m.content
        from events e
        left join messages m on m.id = e.message_id
        where e.id > $1
        order by e.id
      `,
      [before],
    )
    expect(rows.map((row) => [row.name, row.conversation_id, row.content])).toEqual([
      ['contact_created', null, null],
      ['conversation_created', another.id, null],
      ['message_created', another.id, 'm1'],
      ['message_created', another.id, 'm2'],
      ['message_created', another.id, 'm3'],
    ])
    expect(rows[1]).toMatchObject({ inbox_id: place.inboxId, contact_id: another.contactId })
  })

  const status = (previous_value: string, current_value: string) => ({ status: { previous_value, current_value } })
  test.each([
    ['resolved', 'resolved', ['conversation_resolved', 'conversation_status_changed', 'conversation_updated']],
    ['pending', 'pending', ['conversation_status_changed', 'conversation_updated']],
  ])('a change of status to %s is announced with the previous value', async (_title, to, expected) => {
    await run('update conversations set status = $2::conversation_status where id = $1', [conversation.id, to])
    expect(await names()).toEqual(expected)
    for (const event of await details()) expect(event.changes).toEqual(status('open', to))
    await mark()
    await run(`update conversations set status = 'open' where id = $1`, [conversation.id])
    expect(await names()).toEqual(['conversation_opened', 'conversation_status_changed', 'conversation_updated'])
  })

  test.each<[string, string, string[]]>([
    ['assignee_id', '$2', ['assignee_changed', 'conversation_updated']],
    ['assignee_agent_bot_id', '$4', ['conversation_updated']],
    ['team_id', '$3', ['team_changed', 'conversation_updated']],
    ['priority', `'high'`, ['conversation_updated']],
    ['snoozed_until', `now() + interval '1 day'`, ['conversation_updated']],
    ['custom_attributes', `'{"plan": "gold"}'`, ['conversation_updated']],
    ['waiting_since', 'null', ['conversation_updated']],
    ['first_reply_created_at', 'now()', ['first_reply_created', 'conversation_updated']],
  ])('a change of %s is announced', async (column, value, expected) => {
    await run(
      `
        update conversations
        set ${column} = ${value}, updated_at = now()
        where id = $1 and $2::int is not null and $3::int is not null and $4::int is not null
      `,
      [conversation.id, place.agentId, place.teamId, place.botId],
    )
    expect(await names()).toEqual(expected)
    expect(Object.keys((await details()).at(-1)?.changes ?? {})).toEqual([column])
  })

  test('labels are announced as label_list, the language with all additional attributes', async () => {
    await run(`update conversations set labels = '{vip}' where id = $1`, [conversation.id])
    await run(
      `
        update conversations
        set additional_attributes = additional_attributes || '{"conversation_language": "de"}'
        where id = $1
      `,
      [conversation.id],
    )
    expect((await details()).map(({ changes }) => changes)).toEqual([
      { label_list: { previous_value: [], current_value: ['vip'] } },
      { additional_attributes: { previous_value: {}, current_value: { conversation_language: 'de' } } },
    ])
  })

  test('a read by the contact is announced; a read by an agent, or mere activity, is not', async () => {
    await run(
      `
        update conversations
        set
          agent_last_seen_at = now(),
          last_activity_at = now(),
          updated_at = now(),
          contact_inbox_id = contact_inbox_id
        where id = $1
      `,
      [conversation.id],
    )
    await run(`update conversations set additional_attributes = '{"referer": "x"}' where id = $1`, [conversation.id])
    expect(await names()).toEqual([])
    await run('update conversations set contact_last_seen_at = now() where id = $1', [conversation.id])
    expect(await names()).toEqual(['conversation_read'])
  })

  test('a conversation that moves to another contact is announced', async () => {
    const other = await createConversation(database.pool, place)
    await mark()
    await run('update conversations set contact_id = $2 where id = $1', [conversation.id, other.contactId])
    expect(await details()).toMatchObject([
      {
        name: 'conversation_contact_changed',
        changes: { contact_id: { previous_value: conversation.contactId, current_value: other.contactId } },
      },
    ])
  })

  test('a change of a message is announced with what changed, and only the attributes that did', async () => {
    const id = await addMessage()
    await mark()
    await run(
      `
        update messages
        set status = 'read', content_attributes = content_attributes || '{"b": 3, "c": 4}'
        where id = $1
      `,
      [id],
    )
    expect(await details()).toMatchObject([
      {
        name: 'message_updated',
        changes: {
          status: { previous_value: 'sent', current_value: 'read' },
          content_attributes: { previous_value: { b: 2 }, current_value: { b: 3, c: 4 } },
        },
      },
    ])
    await mark()
    await run(`update messages set source_id = 'x@y', updated_at = now(), status = status where id = $1`, [id])
    expect(await names()).toEqual([])
  })

  test('contacts are announced when created, changed and deleted, not for activity alone', async () => {
    const id = (
      await run(
        `
          insert into contacts (account_id, name, email, updated_at)
          values ($1, 'Ann', 'ann@customer.example', now())
          returning id
        `,
        [place.accountId],
      )
    ).rows[0].id
    await run('update contacts set last_activity_at = now(), updated_at = now() where id = $1', [id])
    await run(`update contacts set name = 'Anna', labels = '{vip}' where id = $1`, [id])
    await run('delete from contacts where id = $1', [id])
    expect(await details()).toMatchObject([
      { name: 'contact_created', changes: null },
      {
        name: 'contact_updated',
        changes: {
          name: { previous_value: 'Ann', current_value: 'Anna' },
          label_list: { previous_value: [], current_value: ['vip'] },
        },
      },
      { name: 'contact_deleted', facts: { id, account_id: place.accountId } },
    ])
  })

  test('inboxes are announced when created and changed', async () => {
    const id = await createInbox(database.pool, { accountId: place.accountId, type: 'Channel::Api', name: 'One' })
    await run(`update inboxes set name = 'Two', updated_at = now() where id = $1`, [id])
    await run('update inboxes set updated_at = now() where id = $1', [id])
    expect(await details()).toMatchObject([
      { name: 'inbox_created' },
      { name: 'inbox_updated', changes: { name: { previous_value: 'One', current_value: 'Two' } } },
    ])
  })

  test('an event names its performer, in that transaction only', async () => {
    await inTransaction(database.pool, async (tx) => {
      await performedBy(tx, 'automation_rule:3')
      await tx.query(`update conversations set priority = 'low' where id = $1`, [conversation.id])
      await recordEvent(tx, {
        accountId: place.accountId,
        name: 'conversation_typing_on',
        conversationId: conversation.id,
        facts: { is_private: true },
      })
    })
    await run(`update conversations set priority = 'high' where id = $1`, [conversation.id])
    expect((await details()).map(({ name, performer }) => [name, performer])).toEqual([
      ['conversation_updated', 'automation_rule:3'],
      ['conversation_typing_on', 'automation_rule:3'],
      ['conversation_updated', null],
    ])
  })

  test('triggers write only events of the list of event names', async () => {
    const { rows } = await database.pool.query<{ body: string }>(
      `select prosrc as body from pg_proc where prosrc ~* 'insert into events'`,
    )
    const verbs = 'created|updated|deleted|changed|opened|resolved|read|held'
    const written = rows.flatMap(({ body }) =>
      [...body.matchAll(new RegExp(`'([a-z_]+_(?:${verbs}))'`, 'g'))].map((match) => match[1] ?? ''),
    )
    const listed = Object.entries(eventKinds).flatMap(([name, { cause }]) => (cause === 'rows' ? [name] : []))
    expect([...new Set(written)].sort()).toEqual(listed.sort())
  })

  test('a rolled-back change is not announced', async () => {
    await inTransaction(database.pool, async (tx) => {
      await tx.query(`update conversations set status = 'resolved' where id = $1`, [conversation.id])
      throw new Error('no')
    }).catch(() => undefined)
    expect(await names()).toEqual([])
  })

  test('a copied database announces none of its data and continues the numbering', async () => {
    await run(`update events set position = nextval('event_positions')`)
    const target = await createEmptyDatabase(member)
    try {
      await copyDatabase(connectionOf(database.url), connectionOf(target.url))
      const counts = (pool: typeof database.pool) =>
        pool
          .query(`select (select count(*) from events) as events, nextval('event_positions') as next`)
          .then(({ rows }) => rows[0])
      const [source, copy] = [await counts(database.pool), await counts(target.pool)]
      expect(copy).toEqual(source)
    } finally {
      await target.drop()
    }
  })
})
