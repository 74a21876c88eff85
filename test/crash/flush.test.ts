// kill -9 keeps what the kernel has: it says nothing of a power cut. The order of system calls does: the write-ahead
// log is flushed to the disk after a mail has come in and before its acknowledgement goes out.

import { describe, expect, inject, test } from 'vitest'

import { useService } from '../support/fixtures.ts'
import { freshWords, mail } from '../support/mail.ts'
import { openSession } from '../support/mail-client.ts'
import { until } from '../support/until.ts'
import { canTrace, findUnflushed, traceCalls } from './strace.ts'

const jane = 'jane@example.com'
const mails = 4

describe.skipIf(inject('servers').embedded === null || !canTrace())('the write-ahead log', () => {
  // A process that only accepts: every flush is for an acknowledgement.
  const service = useService({ on: null, env: { RUN_WORKER: 'false' } })

  const channels = {
    SMTP: () => overMail('smtp'),
    LMTP: () => overMail('lmtp'),
    HTTP: overHttp,
  }

  async function overMail(protocol: 'smtp' | 'lmtp') {
    const acknowledged: { words: string; reply: RegExp }[] = []
    const calls = await traceCalls(service, async () => {
      const session = await openSession(service.ports[protocol], protocol)
      for (let i = 0; i < mails; i++) {
        const words = freshWords()
        const { data } = await session.submit({
          from: jane,
          to: service.replyAddress,
          raw: mail({ From: jane }, words),
        })
        const id = /accepted as (\d+)/.exec(data[0] ?? '')?.[1] ?? 'never'
        acknowledged.push({ words, reply: new RegExp(`accepted as ${id}\\b`) })
      }
      session.close()
    })
    return findUnflushed(calls, acknowledged)
  }

  async function overHttp() {
    const acknowledged: { words: string; reply: RegExp }[] = []
    const calls = await traceCalls(service, async () => {
      for (let i = 0; i < mails; i++) {
        const words = freshWords()
        const { id } = await service.relay(mail({ From: jane }, words), { to: service.replyAddress })
        acknowledged.push({ words, reply: new RegExp(`HTTP/1\\.1 204 .*X-Inbound-Email-Id: ${String(id)}\\b`) })
      }
    })
    return findUnflushed(calls, acknowledged)
  }

  test.each(Object.keys(channels) as (keyof typeof channels)[])(
    'is flushed before each acknowledgement over %s',
    async (way) => {
      expect(await channels[way]()).toEqual([])
    },
  )

  test('is not flushed with fsync = off, and the same check finds every acknowledgement', async () => {
    await service.sql('alter system set fsync = off')
    await service.sql('select pg_reload_conf()')
    await until('fsync off', async () => (await service.sql<{ fsync: string }>('show fsync'))[0]?.fsync === 'off')
    for (const look of Object.values(channels)) {
      const found = await look()
      expect(found).toHaveLength(mails)
      expect(found.filter((finding) => !finding.endsWith('answered before a flush'))).toEqual([])
    }
  })
})
