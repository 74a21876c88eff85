// The relay ingress over real HTTP: every file fixtures/ingress/relay*.http, and what a file cannot say.

import { readdirSync } from 'node:fs'

import { afterEach, describe, expect, it } from 'vitest'

import { createSenderLimit } from '../../../src/ingress/sender-limit.ts'
import {
  createHttpStage,
  credentials,
  type HttpStage,
  openHttp,
  playHttpFixture,
  readHttpFixture,
} from './http-support.ts'

const folder = new URL('../../../fixtures/ingress/', import.meta.url).pathname
const fixtures = readdirSync(folder)
  .filter((file) => file.startsWith('relay'))
  .sort()
  .map((file) => readHttpFixture(`${folder}${file}`))

describe('requests of fixtures/ingress', () => {
  it.each(fixtures.map((fixture) => [fixture.title, fixture.file, fixture] as const))(
    '%s (%s)',
    async (_title, _file, fixture) => {
      await playHttpFixture(fixture)
    },
  )
})

describe('relay', () => {
  const stages: HttpStage[] = []
  const stageWith = async (...args: Parameters<typeof createHttpStage>) => {
    const stage = await createHttpStage(...args)
    stages.push(stage)
    return stage
  }
  const head = (extra: string) =>
    `POST /ingress/relay HTTP/1.1\r\nHost: mail.example\r\nAuthorization: ${credentials}\r\nContent-Type: ` +
    `message/rfc822\r\n${extra}\r\n\r\n`
  const post = (stage: HttpStage, body: string) => {
    const exchange = openHttp(stage.port)
    exchange.socket.write(`${head(`Content-Length: ${String(body.length)}`)}${body}`)
    return exchange.answer
  }
  afterEach(async () => {
    for (const stage of stages.splice(0)) await stage.close()
  })

  it('answers 204 with the id of the first for a second copy', async () => {
    const stage = await stageWith()
    expect(await post(stage, 'same')).toMatchObject({ status: 204, headers: { 'x-inbound-email-id': '1' } })
    expect(await post(stage, 'same')).toMatchObject({ status: 204, headers: { 'x-inbound-email-id': '1' } })
    expect(stage.door.submissions).toHaveLength(1)
  })

  it('logs the queue id of the MTA with the mail, if it looks like one', async () => {
    const stage = await stageWith()
    for (const id of ['4BxYz', 'x y']) {
      const { socket, answer } = openHttp(stage.port)
      socket.write(`${head(`X-Queue-Id: ${id}\r\nContent-Length: ${String(id.length)}`)}${id}`)
      await answer
    }
    const facts = { ingress: 'relay', duplicate: false }
    expect(stage.lines.map((line) => line.facts)).toEqual([
      { ...facts, id: 1, size: 5, queueId: '4BxYz' },
      { ...facts, id: 2, size: 3 },
    ])
  })

  it('answers 429 to a sender above the rate limit, before the body; bounces and others are accepted', async () => {
    const stage = await stageWith({}, undefined, {
      limitSender: createSenderLimit((who) => Promise.resolve(who.startsWith('flood@') ? 30 : null)),
    })
    const bring = (reversePath: string) => {
      const { socket, answer } = openHttp(stage.port)
      socket.write(`${head(`X-Envelope-From: ${reversePath}\r\nContent-Length: 5`)}hello`)
      return answer
    }
    expect(await bring('Flood@x.example')).toMatchObject({ status: 429, headers: { 'retry-after': '30' } })
    expect(stage.door.submissions).toHaveLength(0)
    expect((await bring('<>'))?.status).toBe(204)
    expect((await bring('calm@x.example'))?.status).toBe(204)
  })

  it('answers only after the mail is stored', async () => {
    const stage = await stageWith()
    const release = stage.door.hold()
    let answered = false
    const answer = post(stage, 'hello').then((reply) => {
      answered = true
      return reply
    })
    // Another request on another connection goes all the way while this one waits.
    expect(await openAndAsk(stage)).toBe(404)
    expect(answered).toBe(false)
    release()
    expect((await answer)?.status).toBe(204)
  })

  const openAndAsk = async (stage: HttpStage) => {
    const { socket, answer } = openHttp(stage.port)
    socket.write('GET /ingress/relay HTTP/1.1\r\nHost: mail.example\r\n\r\n')
    return (await answer)?.status
  }

  it('without a configured password accepts no mail and asks for a retry', async () => {
    for (const none of [null, '']) {
      const stage = await stageWith({}, none)
      expect(await post(stage, 'hello')).toMatchObject({ status: 500, headers: { 'retry-after': '30' } })
      expect(stage.door.submissions).toHaveLength(0)
    }
  })

  it('stores nothing of a mail whose client disconnects, and continues', async () => {
    const stage = await stageWith()
    const { socket, answer } = openHttp(stage.port)
    socket.write(`${head('Content-Length: 1000')}half a mail`)
    await until(() => stage.budget.used() > 0)
    socket.resetAndDestroy()
    expect(await answer).toBeNull()
    await until(() => stage.budget.used() === 0)
    expect(stage.lines.map((line) => line.event)).toEqual(['request-failed'])
    expect(stage.door.submissions).toHaveLength(0)
    expect((await post(stage, 'whole'))?.status).toBe(204)
  })

  it('defers a mail that exceeds free memory with 503 and Retry-After', async () => {
    const stage = await stageWith({ MAX_MESSAGE_BYTES: '100', MAX_BYTES_IN_FLIGHT: '100' })
    const release = stage.door.hold()
    const first = post(stage, 'x'.repeat(80))
    await until(() => stage.budget.used() === 80)
    expect(await post(stage, 'y'.repeat(30))).toMatchObject({ status: 503, headers: { 'retry-after': '30' } })
    release()
    expect((await first)?.status).toBe(204)
    expect((await post(stage, 'y'.repeat(30)))?.status).toBe(204)
    expect(stage.budget.used()).toBe(0)
  })

  it('aborts a body that arrives too slowly with 503', async () => {
    const stage = await stageWith({ SMTP_DATA_TIMEOUT_MS: '50' })
    const { socket, answer } = openHttp(stage.port)
    socket.write(`${head('Content-Length: 1000')}half a mail`)
    expect(await answer).toMatchObject({ status: 503, headers: { connection: 'close' } })
    socket.destroy()
    expect(stage.door.submissions).toHaveLength(0)
    expect(stage.budget.used()).toBe(0)
  })

  it('lets a client send everything before it reads its 413', async () => {
    const stage = await stageWith({ MAX_MESSAGE_BYTES: '1000' })
    const body = Buffer.alloc(20 * 1024 * 1024, 'x')
    const { socket, answer } = openHttp(stage.port)
    socket.write(head(`Content-Length: ${String(body.length)}`))
    const failure = await new Promise((resolve) => socket.write(body, resolve))
    expect(failure ?? null).toBeNull()
    expect(await answer).toMatchObject({
      status: 413,
      body: '{"error":"The message is larger than this server takes"}',
    })
    expect(stage.budget.used()).toBe(0)
  })

  it('refuses a POST without any body with 422', async () => {
    const stage = await stageWith()
    const { socket, answer } = openHttp(stage.port)
    socket.write(head('X-Nothing: 1'))
    expect(await answer).toMatchObject({ status: 422, body: '{"error":"There is no body"}' })
  })
})

/** Waits, a turn of the event loop at a time, for something that is about to be true. */
async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setImmediate(resolve))
}
