// The rounds of one database: each named point of a mail's life, moments by chance, deaths while it recovers; and the
// checker shown to find what is wrong. One installation lives through all of them, as one that crashes again and
// again does.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import type { DatabaseMember } from '../support/database.ts'
import { findAltered, findWrong, readStored } from './checker.ts'
import { arm, type Point, points, untilDead } from './faults.ts'
import { createRandom } from './random.ts'
import { createWorld, type World } from './world.ts'

const testsByChance = 2
const killsByChance = 2

/** `killDatabase`: also ends the database by kill -9, where it is ours. */
export function defineRounds(on: DatabaseMember | null, killDatabase: ((world: World) => Promise<void>) | null): void {
  // The process does not know where its database runs: dying once more while it recovers is tried at each point on the
  // embedded one, and by chance on both.
  const killsAtEachPoint = on === null ? 2 : 1
  const killsInAll = Object.keys(points).length * killsAtEachPoint + testsByChance * killsByChance + 3
  const random = createRandom(`kill -9, ${on?.name ?? 'embedded'} database`)
  let world: World

  beforeAll(async () => {
    world = await createWorld(random, on)
  })
  afterAll(() => world.end())

  const expectWell = async (): Promise<void> => {
    await world.restart()
    expect(await world.findings()).toEqual([])
    // A restart after a crash is a start like any other.
    expect(
      world
        .service()
        .log()
        .filter(({ level }) => level === 'error'),
    ).toEqual([])
  }

  // The second time it dies while it takes up what the first left.
  test.for(Object.entries(points) as [Point, string][])(
    'killed at a point, %s: each acknowledged mail is there exactly once (%s)',
    async ([point]) => {
      for (let kill = 1; kill <= killsAtEachPoint; kill++) {
        if (kill > 1) await world.restart()
        await world.loadUntil(async (service) => {
          await world.acknowledge(15)
          await arm(service, point, 1 + random.below(3))
          await untilDead(service, point)
        })
      }
      await expectWell()
    },
  )

  test.for(Array.from({ length: testsByChance }, (_, i) => i + 1))(
    'killed at random, %i: each acknowledged mail is there exactly once',
    async () => {
      for (let kill = 1; kill <= killsByChance; kill++) {
        if (kill > 1) await world.restart()
        await world.loadUntil(async (service) => {
          await world.acknowledge(10 + random.below(40))
          await Promise.all([service.kill(), killDatabase?.(world)])
        })
      }
      await expectWell()
    },
  )

  test('killed while it recovers: each acknowledged mail is there exactly once', async () => {
    await world.loadUntil(async (service) => {
      await world.acknowledge(15)
      await arm(service, 'before-settle-commit', 1)
      await untilDead(service, 'in the settling transaction')
    })
    for (const within of [400, 1_500]) await world.startAndDie({ CRASH_AFTER_MS: String(200 + random.below(within)) })
    await expectWell()
  })

  describe('the check', () => {
    test('has seen each kind of mail, each way of acknowledgement, and every crash', () => {
      const { books, acknowledged } = world.correspondence
      expect(new Set(acknowledged().map(({ copies }) => copies))).toEqual(new Set([0, 1, 2]))
      expect(acknowledged().length).toBeGreaterThan(10 * killsInAll)
      expect(books.answers.filter(({ id }) => id !== null).length).toBeGreaterThan(killsInAll)
      expect(world.crashes()).toBeGreaterThanOrEqual(killsInAll)
    })

    test('finds mail that was lost when the acknowledgement comes before the commit', async () => {
      await world.service().stop()
      await world.restart({ CRASH_ANSWER: 'early' })
      await world.loadUntil(async (service) => {
        await world.acknowledge(20)
        await service.kill()
      })
      await world.restart()
      const found = await world.findings()
      expect(found.filter((finding) => finding.includes('lost: acknowledged, and not there')).length).toBeGreaterThan(0)
      expect(found.filter((finding) => !finding.includes('lost: '))).toEqual([])
    })

    test('finds doubled, altered and missing mail, and wrong mail accounting', async () => {
      const service = world.service()
      const [doubled, altered, gone] = world.correspondence.acknowledged().filter(({ copies }) => copies === 1)
      if (doubled === undefined || altered === undefined || gone === undefined)
        throw new Error('there is too little mail to plant anything')
      const idOf = ({ ids }: { ids: ReadonlySet<number> }) => [...ids][0]
      await service.sql(
        `
          insert into messages (
            account_id, inbox_id, conversation_id, message_type, content, content_attributes
          )
          select account_id, inbox_id, conversation_id, message_type, content, '{}'
          from messages
          where inbound_email_id = $1
        `,
        [idOf(doubled)],
      )
      await service.sql(
        `
          update raw_emails
          set bytes = set_byte(bytes, 100, get_byte(bytes, 100) # 1)
          where id = (select raw_id from inbound_emails where id = $1)
        `,
        [idOf(altered)],
      )
      await service.sql('delete from messages where inbound_email_id = $1', [idOf(gone)])
      await service.sql('update inbound_emails set message_db_id = null where id = $1', [idOf(gone)])
      const found = [
        ...findWrong(world.correspondence.books, await readStored(service)),
        ...(await findAltered(service, [doubled, altered, gone])),
      ]
      for (const planted of [
        `${doubled.words}: doubled`,
        `${altered.words}: altered`,
        `${gone.words}: lost: in 0 of 1 conversations`,
        'out of balance',
      ])
        expect(found).toContainEqual(expect.stringContaining(planted))
    })
  })

  test('and stops cleanly in the end', async () => {
    expect(await world.service().stop()).toMatchObject({ status: 0, signal: null })
  })
}
