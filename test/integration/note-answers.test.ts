// An agent who is mentioned in a private note answers its notice: the answer is a private note, whatever it says, and
// nothing of it reaches the customer, not even when a person files it.

import { beforeAll, expect, test } from 'vitest'

import { addNoticedAgent, type NotifiedAgent } from '../support/agents.ts'
import { useService } from '../support/fixtures.ts'
import { freshWords, mail } from '../support/mail.ts'
import { addInboxMembers } from '../support/records.ts'
import { until } from '../support/until.ts'

const relay = 'mx.relay.example'
const service = useService({ env: { AUTHSERV_ID: relay } })
let ann: NotifiedAgent
let noteAddress: string

beforeAll(async () => {
  ann = await addNoticedAgent(service)
  await addInboxMembers(service, 1, [ann.userId])
  const words = freshWords()
  const content = `[@Ann](mention://user/${String(ann.userId)}/Ann) ${words}`
  const path = `/api/v1/accounts/1/conversations/${String(ann.place.displayId)}/messages`
  expect((await service.api('POST', path, { content, private: true })).status).toBe(200)
  const notice = await until('the notice', async () =>
    (await service.outbox()).find(({ recipients, text }) => recipients.includes(ann.agent) && text.includes(words)),
  )
  expect(notice.text).toContain('becomes a private note: only your team sees it')
  expect(notice.text).toContain('--- Reply above this line ---')
  noteAddress = notice.address('Reply-To')
})

const verified = { 'Authentication-Results': `${relay}; dmarc=pass header.from=agents.example` }
const answer = (body: string, top: Record<string, string> = verified, from = ann.agent) =>
  service.deliver(mail({ From: from, To: noteAddress, ...top }, body), { to: noteAddress, from })
const quiet = () =>
  until('the end of all work', async () => {
    const rows = await service.sql('select 1 from work where failed_at is null')
    return rows.length === 0
  })
const outboxOf = async (email: string) => {
  await quiet()
  return (await service.outbox()).filter(({ recipients }) => recipients.includes(email))
}
const messageOf = async (words: string) =>
  (await service.messages(ann.place.displayId)).find(({ content }) => content === words)

test('the address is another than that of answers to the customer', () => {
  expect(noteAddress).not.toBe(ann.agentAddress)
})

test('the answer is a private note of the agent', async () => {
  const before = (await outboxOf(ann.place.email)).length
  const words = freshWords()
  expect(await answer(words)).toMatchObject({ status: 'delivered', reason: 'agent-reply' })
  expect(await messageOf(words)).toMatchObject({ private: true, sender: { id: ann.userId } })
  expect(await outboxOf(ann.place.email)).toHaveLength(before)
})

test('commands in it are performed', async () => {
  const words = freshWords()
  expect(await answer(`#label internal\n\n${words}`)).toMatchObject({ status: 'delivered' })
  expect(await messageOf(words)).toMatchObject({ private: true })
  const { body } = await service.api('GET', `/api/v1/accounts/1/conversations/${String(ann.place.displayId)}`)
  expect(body.labels).toContain('internal')
})

test('#cc is refused, and an answer to the report is a note, too', async () => {
  const words = freshWords()
  expect(await answer(`#cc boss@example.com\n\n${words}`)).toMatchObject({
    status: 'held',
    reason: 'command-not-understood',
  })
  const report = (await outboxOf(ann.agent)).find(({ field }) => /^Not done: commands/.test(field('Subject') ?? ''))
  expect(report?.text).toContain('An answer to a private note stays inside your team.')
  expect(report?.address('Reply-To')).toBe(noteAddress)
})

test('one that is held and filed as the answer of its agent is a private note', async () => {
  const before = (await outboxOf(ann.place.email)).length
  const words = freshWords()
  const held = await answer(words, {})
  expect(held).toMatchObject({ status: 'held', reason: 'agent-not-verified' })
  const args = ['inbound', 'file', String(held.id), String(ann.place.displayId), '--send-as-agent']
  expect((await service.command(args)).stdout).toContain('Nothing was sent to the customer.')
  expect(await messageOf(words)).toMatchObject({ private: true, sender: { id: ann.userId } })
  expect(await outboxOf(ann.place.email)).toHaveLength(before)
})

test('so is a held answer to the customer that begins with #private', async () => {
  const before = (await outboxOf(ann.place.email)).length
  const words = freshWords()
  const raw = mail({ From: ann.agent, To: ann.agentAddress }, `#private\n\n${words}`)
  const held = await service.deliver(raw, { to: ann.agentAddress })
  expect(held).toMatchObject({ status: 'held', reason: 'agent-not-verified' })
  await service.command(['inbound', 'file', String(held.id), String(ann.place.displayId), '--send-as-agent'])
  expect(await messageOf(words)).toMatchObject({ private: true })
  expect(await outboxOf(ann.place.email)).toHaveLength(before)
})

test('from another sender it is held', async () => {
  const held = await answer(freshWords(), {}, ann.place.email)
  expect(held).toMatchObject({ status: 'held', reason: 'agent-not-verified' })
})

test('an automatic answer to it is ignored', async () => {
  const ignored = await answer(freshWords(), { ...verified, 'Auto-Submitted': 'auto-replied' })
  expect(ignored).toMatchObject({ status: 'ignored', reason: 'agent-auto-reply' })
})

test('the address ends with the membership of the agent', async () => {
  await service.sql('delete from inbox_members where user_id = $1', [ann.userId])
  await service.sql('update conversations set assignee_id = null where id = $1', [ann.place.id])
  expect(await answer(freshWords())).toMatchObject({ status: 'held' })
})
