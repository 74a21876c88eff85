// One installation that is killed and started again, over and over, on one database: what every round shares.

import { createTestDatabase, type DatabaseMember } from '../support/database.ts'
import { startMailServer, type Taken } from '../support/mail-server.ts'
import { addConversation } from '../support/people.ts'
import { createDataDir, type Environment, type Service, startProcess } from '../support/service.ts'
import { until } from '../support/until.ts'
import { findAltered, findWrong, findWrongAnswers, readStored } from './checker.ts'
import { type Addresses, createCorrespondence, sendUntilDead, type SentMail } from './clients.ts'
import { faultEnv } from './faults.ts'
import type { Random } from './random.ts'

const clientsEach = 2

/** On the embedded database of its own folder (`on` null), or on a server's. */
export async function createWorld(random: Random, on: DatabaseMember | null) {
  const folder = await createDataDir()
  const database = on === null ? null : await createTestDatabase(on)
  const server = await startMailServer()
  const env = {
    DATA_DIR: folder.path,
    ...(database === null ? {} : { DATABASE_URL: database.url }),
    OUTBOUND_SMTP_URL: server.url,
    CONVERSATION_MESSAGE_PER_MINUTE_LIMIT: '1000000',
  }
  const start = (extra: Environment = {}): Promise<Service> => startProcess({ ...env, ...faultEnv(folder.path, extra) })

  let service = await start()
  const correspondence = createCorrespondence(random, await readAddresses(service, server))
  const compared = new Set<SentMail>()
  let crashes = 0

  return {
    service: () => service,
    correspondence,
    crashes: () => crashes,
    taken: server.taken,
    /** Sends, and lets `kill` make an end; resolves when the service is dead and every client knows. */
    loadUntil: async (kill: (service: Service) => Promise<void>): Promise<void> => {
      const sending = sendUntilDead(service, correspondence, clientsEach)
      await kill(service)
      await until('the death of the service', () => !service.isRunning(), 30_000)
      crashes++
      await service.kill()
      await sending
    },
    acknowledge: (more: number): Promise<unknown> => {
      const wanted = correspondence.acknowledged().length + more
      return until(
        `${String(more)} more acknowledgements`,
        () => {
          if (!service.isRunning()) throw new Error('the service has ended before its time')
          return correspondence.acknowledged().length >= wanted
        },
        30_000,
      )
    },
    /** A start that is expected to die; true when it did. */
    startAndDie: async (extra: Environment): Promise<boolean> => {
      const started = await start(extra).catch(() => null)
      crashes++
      if (started === null) return true
      await until('the death of the service', () => !started.isRunning(), 30_000)
      await started.kill()
      return false
    },
    restart: async (extra: Environment = {}): Promise<void> => {
      service = await start(extra)
    },
    /** Waits until nothing is under way, and says what is wrong then. */
    findings: async (): Promise<string[]> => {
      await untilDrained(service)
      const stored = await readStored(service)
      const fresh = correspondence.acknowledged().filter((sent) => !compared.has(sent))
      const wrong = findWrong(correspondence.books, stored)
      const altered = await findAltered(service, fresh)
      if (altered.length === 0) for (const sent of fresh) compared.add(sent)
      return [...wrong, ...altered, ...findWrongAnswers(correspondence.books, stored, { taken: server.taken, crashes })]
    },
    end: async (): Promise<void> => {
      await service.kill()
      await server.stop()
      await database?.drop()
      await folder.remove()
    },
  }
}
export type World = Awaited<ReturnType<typeof createWorld>>

// The first start's conversation, and one of another contact.
async function readAddresses(service: Service, server: { readonly taken: Taken[] }): Promise<Addresses> {
  const { displayId } = await addConversation(service, 'rita@customer.example')
  await service.api('POST', `/api/v1/accounts/1/conversations/${String(displayId)}/messages`, {
    content: 'A greeting.',
  })
  const greeting = await until('the greeting', () => server.taken.pop() ?? null)
  return {
    replies: [service.replyAddress, /^Reply-To: .*<(.+)>\r$/m.exec(greeting.text)?.[1] ?? ''],
    from: 'jane@example.com',
    inbox: service.inboxAddress,
  }
}

async function untilDrained(service: Service): Promise<void> {
  await until(
    'all settled and sent',
    async () => {
      const [left] = await service.sql<{ mails: number; work: number }>(
        `
          select
            (select count(*)::int from inbound_emails where status in ('pending', 'processing')) as mails,
            (select count(*)::int from work where failed_at is null) as work
        `,
      )
      return left?.mails === 0 && left.work === 0
    },
    40_000,
  )
}
