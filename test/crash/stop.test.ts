// SIGTERM under load: acknowledged mail is stored, stored mail was acknowledged, and each client whose command was read
// gets a whole answer.

import { expect, test } from 'vitest'

import { createTestDatabase, describeOnEachDatabase } from '../support/database.ts'
import { freshWords, mail } from '../support/mail.ts'
import { openSession } from '../support/mail-client.ts'
import { createDataDir, startProcess } from '../support/service.ts'
import { until } from '../support/until.ts'

const jane = 'jane@example.com'

describeOnEachDatabase('SIGTERM under load', (member) => {
  test('drops nothing and answers every connection', async () => {
    const database = await createTestDatabase(member)
    const folder = await createDataDir()
    try {
      const service = await startProcess({ DATABASE_URL: database.url, DATA_DIR: folder.path })
      const acknowledged = new Set<string>()
      const faults: string[] = []
      const write = (words: string) => ({
        from: jane,
        to: service.replyAddress,
        raw: mail({ From: jane, To: service.replyAddress }, words),
      })

      // A session that runs one transaction after another until it is stopped.
      const overMail = async (protocol: 'smtp' | 'lmtp'): Promise<void> => {
        const session = await openSession(service.ports[protocol], protocol)
        for (;;) {
          const words = freshWords()
          const { from, to, raw } = write(words)
          const before = [
            await session.command(`MAIL FROM:<${from}>`),
            await session.command(`RCPT TO:<${to}>`),
            await session.command('DATA'),
          ]
          if (before[2]?.startsWith('354') !== true) {
            if (!before.some((reply) => /^421 4\.3\.2 |closed the connection/.test(reply)))
              faults.push(`${protocol}: ${before.join(' / ')}`)
            break
          }
          // It has asked for the mail: now it owes an answer.
          const reply = await session.command(`${raw.toString('latin1')}.`)
          if (reply.startsWith('250 2.0.0 Ok: accepted')) acknowledged.add(words)
          else if (!/^4\d\d 4\.\d+\.\d+ /.test(reply)) faults.push(`${protocol} after DATA: ${reply}`)
        }
        session.close()
      }
      const overHttp = async (): Promise<void> => {
        for (let isOpen = true; isOpen;) {
          const words = freshWords()
          const { raw, ...envelope } = write(words)
          const answer = await service.relay(raw, envelope).catch(() => null)
          if (answer?.status === 204) acknowledged.add(words)
          else if (answer !== null && answer.status !== 503) faults.push(`HTTP: ${String(answer.status)}`)
          isOpen = answer?.status === 204
        }
      }
      const clients = [
        ...Array.from({ length: 4 }, () => overMail('smtp')),
        ...Array.from({ length: 4 }, () => overMail('lmtp')),
        ...Array.from({ length: 4 }, overHttp),
      ]
      await until('a load', () => acknowledged.size >= 60)
      const ended = await service.stop()
      await Promise.all(clients)
      expect(ended).toMatchObject({ status: 0, signal: null })
      expect(faults).toEqual([])
      const { rows } = await database.pool.query<{ words: string }>(
        `select substring(convert_from(bytes, 'UTF8') from 'words-[^\\s]+') as words from raw_emails`,
      )
      const stored = new Set(rows.map(({ words }) => words))
      expect([...acknowledged].filter((words) => !stored.has(words))).toEqual([])
      expect([...stored].filter((words) => !acknowledged.has(words))).toEqual([])
    } finally {
      await database.drop()
      await folder.remove()
    }
  })
})
