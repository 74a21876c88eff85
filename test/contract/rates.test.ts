// Rate limits, on each member of the contract: memory, and Redis, where several processes count together and where
// nothing stands still when it is away.

import type { AddressInfo } from 'node:net'
import { connect, createServer, type Socket } from 'node:net'

import { afterEach, describe, expect, inject, test } from 'vitest'

import { createRates, type Rates } from '../../src/queue/rates.ts'
import { until } from '../support/until.ts'

const { redis } = inject('servers')
const opened: Rates[] = []
const open = (url?: string): Rates => {
  const rates = createRates(url)
  opened.push(rates)
  return rates
}
const someone = (): string => Math.random().toString(36)
afterEach(() => {
  for (const rates of opened.splice(0)) rates.close()
})

describe.each([
  ['memory', undefined],
  ['Redis', redis ?? undefined],
])('rates (%s)', (name, url) => {
  test.skipIf(name === 'Redis' && url === undefined)(
    'a number of requests a minute pass, then callers get the time to wait; each caller is counted separately',
    async () => {
      const what = someone()
      const rate = open(url).perMinute(what, 3)
      const [one, other] = [someone(), someone()]
      expect([await rate(one), await rate(one), await rate(one)]).toEqual([null, null, null])
      const wait = await rate(one)
      expect(wait).toBeGreaterThan(0)
      expect(wait).toBeLessThanOrEqual(60)
      expect(await rate(other)).toBeNull()
    },
  )
})

test('off means no limit', async () => {
  const rate = open().perMinute('anything', null)
  for (let n = 0; n < 1_000; n++) expect(await rate('one')).toBeNull()
})

describe.skipIf(redis === null)('several processes on Redis', () => {
  test('count together', async () => {
    const what = someone()
    const [one, other] = [open(redis!).perMinute(what, 4), open(redis!).perMinute(what, 4)]
    const answers: (number | null)[] = []
    // Once both are connected; before that each counts for itself.
    await until('they count together', async () => {
      const who = someone()
      answers.splice(0, Infinity, await one(who), await other(who), await one(who), await other(who), await one(who))
      return answers[4] !== null
    })
    expect(answers.slice(0, 4)).toEqual([null, null, null, null])
  })

  test('count separately while Redis is away, and together again when it is back', async () => {
    const proxy = await startProxy(redis!)
    const what = someone()
    const [mine, theirs] = [open(proxy.url).perMinute(what, 2), open(redis!).perMinute(what, 2)]
    const isShared = async (): Promise<boolean> => {
      const who = someone()
      await theirs(who)
      await theirs(who)
      return (await mine(who)) !== null
    }
    await until('it counts with the others', isShared)
    await proxy.cut()
    const who = someone()
    expect([await mine(who), await mine(who)]).toEqual([null, null])
    expect(await mine(who)).not.toBeNull()
    await proxy.mend()
    await until('it counts with the others again', isShared)
    await proxy.stop()
  })
})

/** A way to Redis that can be cut. */
async function startProxy(target: string) {
  const { hostname, port } = new URL(target)
  const sockets = new Set<Socket>()
  let isCut = false
  const server = createServer((socket) => {
    if (isCut) {
      socket.destroy()
      return
    }
    const far = connect(Number(port || 6379), hostname)
    for (const one of [socket, far]) {
      sockets.add(one)
      one
        .on('error', () => undefined)
        .on('close', () => {
          socket.destroy()
          far.destroy()
        })
    }
    socket.pipe(far).pipe(socket)
  })
  server.listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const drop = () => {
    for (const socket of sockets) socket.destroy()
    sockets.clear()
  }
  return {
    url: `redis://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    cut: async () => {
      isCut = true
      drop()
    },
    mend: async () => {
      isCut = false
    },
    stop: async () => {
      drop()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
