// Threads that are sent in a burst: a mail that answers one which is accepted but not appended yet waits for it, in
// whatever process that is.

import { afterAll, beforeAll, expect, test } from 'vitest'

import { createTestDatabase, describeOnEachDatabase } from '../support/database.ts'
import { freshId, freshWords, mail } from '../support/mail.ts'
import { addAccount } from '../support/people.ts'
import { acceptedId, createDataDir, type InboundEmail, startProcess } from '../support/service.ts'
import { until } from '../support/until.ts'

const inbox = 'support@reply.localhost'
const otherInbox = 'desk@other.example'

describeOnEachDatabase('the mails of a thread', (member) => {
  let two: Awaited<ReturnType<typeof startTwo>>
  beforeAll(async () => {
    two = await startTwo()
  }, 60_000)
  afterAll(async () => {
    await (two as typeof two | undefined)?.end()
  })

  // The first accepts and has no worker; the second accepts and works. Mail whose id begins with "held" is leased to
  // nobody, with "orphan" to a process that is gone.
  async function startTwo() {
    const database = await createTestDatabase(member)
    const folders = [await createDataDir(), await createDataDir()] as const
    const common = {
      DATABASE_URL: database.url,
      ADMIN_ACCESS_TOKEN: 'one-token-for-both-processes',
      RAILS_INBOUND_EMAIL_PASSWORD: 'secret',
    }
    const door = await startProcess({ ...common, DATA_DIR: folders[0].path, RUN_WORKER: 'false' })
    const worker = await startProcess({ ...common, DATA_DIR: folders[1].path })
    const first = Object.assign(door, { token: common.ADMIN_ACCESS_TOKEN, password: 'secret' })
    await door.sql(`create function hold() returns trigger language plpgsql as $$
      begin
        if new.message_id like 'held%' then new.run_at = now() + interval '10 minutes'; new.owner = null; end if;
        if new.message_id like 'orphan%' then new.run_at = now() + interval '10 minutes'; new.owner = 999999; end if;
        return new;
      end $$`)
    await door.sql('create trigger hold before insert on inbound_emails for each row execute function hold()')
    await addAccount(door, { domain: 'other.example', inboxEmail: otherInbox })
    return {
      door: first,
      worker: Object.assign(worker, { token: common.ADMIN_ACCESS_TOKEN, password: 'secret' }),
      end: async () => {
        await Promise.all([door.kill(), worker.kill()])
        await database.drop()
        await Promise.all(folders.map((folder) => folder.remove()))
      },
    }
  }

  const thread = (to = inbox) => {
    const from = `${freshWords()}@example.org`
    return (id: string, answers: readonly string[] = []) => ({
      from,
      to,
      raw: mail(
        {
          From: from,
          To: to,
          Subject: 'Photos',
          'Message-ID': `<${id}>`,
          'In-Reply-To': answers.length === 0 ? undefined : `<${answers.at(-1) ?? ''}>`,
          References: answers.length === 0 ? undefined : answers.map((one) => `<${one}>`).join(' '),
        },
        `mail ${id}`,
      ),
    })
  }
  const ids = (count: number): string[] => Array.from({ length: count }, freshId)
  const send = async (process: 'door' | 'worker', submission: ReturnType<ReturnType<typeof thread>>) =>
    acceptedId(await two[process].smtp(submission))
  const outcomes = (email: InboundEmail) => email.trace.map(({ outcome }) => outcome)
  const contentsOf = async (conversation: number | null) =>
    (await two.door.messages(conversation ?? 0)).map(({ content }) => content?.trim())
  const letGo = (id: number) => two.door.sql('update inbound_emails set run_at = now() where id = $1', [id])

  test.for(['door', 'worker'] as const)('sent without a pause are one conversation, in order', async (process) => {
    const rounds = await Promise.all(
      Array.from({ length: 4 }, async () => {
        const [compose, own] = [thread(), ids(5)]
        const sent: number[] = []
        for (const [n, id] of own.entries()) sent.push(await send(process, compose(id, own.slice(0, n))))
        return { own, settled: await Promise.all(sent.map((id) => two.door.settled(id))) }
      }),
    )
    for (const { own, settled } of rounds) {
      expect(settled.map(({ status }) => status)).toEqual(own.map(() => 'delivered'))
      expect(new Set(settled.map(({ conversation_id }) => conversation_id)).size).toBe(1)
      expect(await contentsOf(settled[0]?.conversation_id ?? 0)).toEqual(own.map((id) => `mail ${id}`))
    }
  })

  test('wait for one in another process, record it in the trace, and delay no other mail', async () => {
    const [compose, held, next] = [thread(), `held.${freshId()}`, freshId()]
    const first = await send('door', compose(held))
    const second = await send('worker', compose(next, [held]))
    const waiting = await until('the second waits', async () => {
      const email = await two.door.show(second)
      return outcomes(email).includes('waits') ? email : null
    })
    expect(waiting).toMatchObject({ conversation_id: null, reason: null })
    expect(waiting.trace[0]?.detail).toContain(`inbound email ${String(first)}`)
    const other = await two.door.settled(await send('worker', thread()(freshId())), 2_000)
    expect(other).toMatchObject({ status: 'delivered' })
    expect(await two.door.show(second)).toMatchObject({ conversation_id: null, reason: null })
    await letGo(first)
    const [one, answer] = [await two.door.settled(first), await two.door.settled(second)]
    expect(answer.conversation_id).toBe(one.conversation_id)
    expect(await contentsOf(one.conversation_id)).toEqual([`mail ${held}`, `mail ${next}`])
    expect(answer.trace[0]).toMatchObject({ step: 'conversation', outcome: 'waited' })
    expect(answer.trace[0]?.detail).toContain(`inbound email ${String(first)}`)
  })

  test('wait for one of a process that died, until another process has taken it over', async () => {
    const [compose, orphan, next] = [thread(), `orphan.${freshId()}`, freshId()]
    const first = await send('door', compose(orphan))
    const second = await send('worker', compose(next, [orphan]))
    const [one, answer] = [await two.door.settled(first), await two.door.settled(second)]
    expect(answer.conversation_id).toBe(one.conversation_id)
    expect(await contentsOf(one.conversation_id)).toEqual([`mail ${orphan}`, `mail ${next}`])
  })

  test('wait two minutes at most, and are not lost', async () => {
    const [compose, held] = [thread(), `held.${freshId()}`]
    const first = await send('door', compose(held))
    const second = await send('worker', compose(freshId(), [held]))
    await until('the second waits', async () => outcomes(await two.door.show(second)).includes('waits'))
    await two.door.sql('update inbound_emails set waits = 30, run_at = now() where id = $1', [second])
    const alone = await two.door.settled(second)
    expect(alone).toMatchObject({ status: 'delivered', reason: 'new-conversation' })
    expect(outcomes(alone)).toContain('waited-too-long')
    await letGo(first)
    expect(await two.door.settled(first)).toMatchObject({ status: 'delivered' })
  })

  test('do not wait for mail that ended without a message', async () => {
    const [compose, held] = [thread(), `held.${freshId()}`]
    const first = await send('door', compose(held))
    const second = await send('worker', compose(freshId(), [held]))
    await until('the second waits', async () => outcomes(await two.door.show(second)).includes('waits'))
    await two.door.sql(`update inbound_emails set status = 'failed', reason = 'tried-to-the-end' where id = $1`, [
      first,
    ])
    expect(await two.door.settled(second)).toMatchObject({ status: 'delivered', reason: 'new-conversation' })
  })

  test('do not wait for mail of another account', async () => {
    const held = `held.${freshId()}`
    const foreign = await send('door', thread(otherInbox)(held))
    const own = await two.door.settled(await send('worker', thread()(freshId(), [held])), 2_000)
    expect(own).toMatchObject({ status: 'delivered', account_id: 1, reason: 'new-conversation' })
    expect(outcomes(own)).not.toContain('waited')
    await letGo(foreign)
    const settled = await two.door.settled(foreign)
    expect(settled).toMatchObject({ status: 'delivered' })
    expect(settled.account_id).not.toBe(1)
  })

  test('do not wait for a second copy of an appended mail', async () => {
    const [compose, held] = [thread(), `held.${freshId()}`]
    const first = await send('door', compose(held))
    await letGo(first)
    const one = await two.door.settled(first)
    await send('door', thread()(held))
    const answer = await two.door.settled(await send('worker', compose(freshId(), [held])), 2_000)
    expect(answer.conversation_id).toBe(one.conversation_id)
  })

  test('that refer to themselves, each other or hundreds of others are processed at once', async () => {
    const [a, b, self, many] = ids(4) as [string, string, string, string]
    const compose = thread()
    const sent = [
      await send('worker', compose(self, [self])),
      await send('worker', compose(a, [b])),
      await send('worker', compose(b, [a])),
      await send('worker', compose(many, [...ids(600), b])),
    ]
    const settled = await Promise.all(sent.map((id) => two.door.settled(id, 5_000)))
    expect(settled.map(({ status }) => status)).toEqual(['delivered', 'delivered', 'delivered', 'delivered'])
    expect(settled[2]?.conversation_id).toBe(settled[1]?.conversation_id)
    expect(settled[3]?.conversation_id).toBe(settled[1]?.conversation_id)
  })

  test('without references begin a conversation each', async () => {
    const compose = thread()
    const sent = [await send('worker', compose(freshId())), await send('worker', compose(freshId()))]
    const settled = await Promise.all(sent.map((id) => two.door.settled(id)))
    expect(settled[0]?.conversation_id).not.toBe(settled[1]?.conversation_id)
  })
})
