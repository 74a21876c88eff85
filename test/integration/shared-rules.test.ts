// Rules that are asked both of stored rows (SQL) and of what is not stored yet (TypeScript) give one answer.

import { afterAll, beforeAll, expect, test } from 'vitest'

import { isByMachine } from '../../src/conversations/messages/new-message.ts'
import * as rules from '../../src/db/rules.ts'
import { createTestDatabase, describeWithDatabase, type TestDatabase } from '../support/database.ts'

const messageTypes = ['outgoing', 'template'] as const
const authors = [null, { type: 'user', id: 1 }, { type: 'agent_bot', id: 1 }] as const
const ruleIds = [undefined, null, '', 0, 7, '7']

const messages = messageTypes.flatMap((messageType) =>
  authors.flatMap((author) =>
    ruleIds.map((ruleId) => ({
      messageType,
      author,
      contentAttributes: ruleId === undefined ? {} : { automation_rule_id: ruleId },
    })),
  ),
)

describeWithDatabase('a rule in SQL and TypeScript', () => {
  let database: TestDatabase
  beforeAll(async () => {
    database = await createTestDatabase()
  })
  afterAll(() => database.drop())

  test.each(messages)('no person wrote it: %j', async ({ messageType, author, contentAttributes }) => {
    const { rows } = await database.pool.query<{ automatic: boolean }>(
      `select ${rules.isByMachine('m')} as automatic
       from (select $1::text as message_type, $2::text as sender_type, $3::jsonb as content_attributes) m`,
      [messageType, author?.type ?? null, JSON.stringify(contentAttributes)],
    )
    expect(rows[0]?.automatic).toBe(isByMachine({ messageType, author, contentAttributes }))
  })
})
