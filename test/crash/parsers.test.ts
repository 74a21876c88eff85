// Threads that hang, run out of memory or crash on a mail, in the running service: the mail is stored and degraded, and
// other mail is not affected.

import { tmpdir } from 'node:os'

import { expect, test } from 'vitest'

import { describeWithDatabase } from '../support/database.ts'
import { useService } from '../support/fixtures.ts'
import { freshWords, mail } from '../support/mail.ts'
import { acceptedId } from '../support/service.ts'
import { faultEnv } from './faults.ts'

const jane = 'jane@example.com'

// A long deadline: mails that hang need it to end, and others have time on a busy machine.
describeWithDatabase.each([
  ['hang', 'hangs', 'SMTP', /it took longer than 4000 ms/, '8000'],
  ['eat', 'runs out of memory', 'LMTP', /it needs more memory than one mail may have/, '60000'],
  ['throw', 'fails', 'HTTP', /the parser failed: a bug/, '60000'],
  ['exit', 'ends', 'SMTP', /the parser stopped/, '60000'],
] as const)('a mail at which the parser does %s (it %s), over %s,', (parser, _what, door, why, timeoutMs) => {
  const service = useService({
    env: { ...faultEnv(tmpdir(), { CRASH_PARSER: 'on' }), PARSE_TIMEOUT_MS: timeoutMs },
  })

  const write = (words: string, evil?: string) =>
    mail({ From: jane, To: service.replyAddress, Subject: words, 'X-Parser': evil }, words)
  const overMail = (protocol: 'smtp' | 'lmtp') => async (raw: Buffer) =>
    acceptedId(await service[protocol]({ from: jane, to: service.replyAddress, raw }))
  const doors = {
    SMTP: overMail('smtp'),
    LMTP: overMail('lmtp'),
    HTTP: async (raw: Buffer) => (await service.relay(raw, { from: jane, to: service.replyAddress })).id,
  }

  test('is delivered as degraded and visible, and mails beside it are complete', async () => {
    const neighbours = Array.from({ length: 12 }, () => freshWords())
    const evil = freshWords()
    const raw = write(evil, parser)
    const send = (words: string, i: number) => doors[(['SMTP', 'LMTP', 'HTTP'] as const)[i % 3] ?? 'SMTP'](write(words))
    const [evilId, ...ids] = await Promise.all([doors[door](raw), ...neighbours.map(send)])
    expect(await service.settled(evilId, 50_000)).toMatchObject({
      status: 'delivered',
      subject: evil,
      conversation_id: 1,
    })
    for (const id of ids) expect(await service.settled(id)).toMatchObject({ status: 'delivered', conversation_id: 1 })
    const [degraded] = await service.sql<{ degraded: string; content: string; files: number }>(
      `
        select
          i.degraded,
          m.content,
          (select count(*)::int from attachments a where a.message_id = m.id) as files
        from inbound_emails i
        join messages m on m.id = i.message_db_id
        where i.id = $1
      `,
      [evilId],
    )
    expect(degraded?.degraded).toMatch(why)
    expect(degraded).toMatchObject({ content: expect.stringContaining('could not be read') as string, files: 1 })
    const whole = await service.sql<{ content: string; degraded: string | null }>(
      `
        select m.content, i.degraded
        from inbound_emails i
        join messages m on m.id = i.message_db_id
        where i.id = any($1)
      `,
      [ids],
    )
    expect(whole.map(({ content }) => content.trim()).sort()).toEqual([...neighbours].sort())
    expect(whole.filter(({ degraded: wrong }) => wrong !== null)).toEqual([])
    expect(service.isRunning()).toBe(true)
    expect((await service.api('GET', `/api/v1/inbound_emails/${String(evilId)}/raw`)).bytes.equals(raw)).toBe(true)
    const words = freshWords()
    const next = await service.deliver(write(words), { from: jane, to: service.replyAddress })
    expect(await service.sql('select degraded from inbound_emails where id = $1', [next.id])).toEqual([
      { degraded: null },
    ])
    expect(await service.sql('select pending, processing, unaccounted from conservation')).toEqual([
      { pending: 0, processing: 0, unaccounted: 0 },
    ])
  })
})
