// What no single dialogue can show: time, many connections at once, bytes in flight, clients that vanish.

import { createHash } from 'node:crypto'
import { connect } from 'node:net'

import { afterEach, describe, expect, it } from 'vitest'

import { createSenderLimit } from '../../src/ingress/sender-limit.ts'
import { createCertificate } from './certificate.ts'
import { type Client, converse, createClient, createStage, type Stage } from './support.ts'

const stages: Stage[] = []
const clients: Client[] = []

async function stageWith(
  settings: Record<string, string>,
  options: Parameters<typeof createStage>[2] = {},
): Promise<Stage> {
  const stage = await createStage('smtp', settings, { closeGraceMs: 100, ...options })
  stages.push(stage)
  return stage
}

async function clientOf(stage: Stage): Promise<Client> {
  const client = await createClient(stage.listener.port)
  clients.push(client)
  return client
}

/** A client that has just read 354. */
async function clientInData(stage: Stage): Promise<Client> {
  const client = await clientOf(stage)
  await client.reply()
  expect(
    await converse(
      client,
      'EHLO client.example',
      'MAIL FROM:<a@client.example>',
      'RCPT TO:<known@reply.example>',
      'DATA',
    ),
  ).toMatch(/^354/)
  return client
}

/**
 * A client that was greeted, now or once the server has seen the end of an earlier connection, a moment after its
 * client.
 */
async function welcomed(stage: Stage): Promise<Client> {
  let greeting: string | null = null
  for (let tries = 0; tries < 50; tries += 1) {
    const client = await clientOf(stage)
    greeting = await client.reply()
    if (greeting?.startsWith('220')) return client
  }
  throw new Error(`never welcomed: ${greeting ?? '(closed)'}`)
}

afterEach(async () => {
  for (const client of clients.splice(0)) client.end()
  for (const stage of stages.splice(0)) await stage.listener.close()
})

describe('one sender', () => {
  it('a sender above the rate limit is deferred at MAIL; bounces and other senders are not', async () => {
    const asked: string[] = []
    const rate = (who: string) => {
      asked.push(who)
      return Promise.resolve(who.startsWith('flood@') ? 30 : null)
    }
    const stage = await stageWith({ TRUSTED_RELAYS: '127.0.0.0/8' }, { limitSender: createSenderLimit(rate) })
    const client = await clientOf(stage)
    await client.reply()
    expect(await converse(client, 'EHLO client.example', 'MAIL FROM:<Flood@x.example>')).toMatch(/^451 4\.7\.1 /)
    expect(await converse(client, 'MAIL FROM:<>')).toMatch(/^250/)
    expect(await converse(client, 'RSET', 'XFORWARD ADDR=192.0.2.7', 'MAIL FROM:<calm@x.example>')).toMatch(/^250/)
    expect(asked).toEqual(['flood@x.example 127.0.0.1', 'calm@x.example 192.0.2.7'])
  })
})

describe('time', () => {
  it('the greeting comes within 50 ms', async () => {
    const stage = await stageWith({})
    const waits: number[] = []
    for (let i = 0; i < 20; i += 1) {
      const start = performance.now()
      const client = await clientOf(stage)
      expect(await client.reply()).toMatch(/^220 /)
      waits.push(performance.now() - start)
    }
    expect(waits.sort((a, b) => a - b)[10]).toBeLessThan(50)
  })

  it('a silent client is disconnected with 421', async () => {
    const client = await clientOf(await stageWith({ SMTP_IDLE_TIMEOUT_MS: '50' }))
    expect(await client.reply()).toMatch(/^220/)
    expect(await client.reply()).toMatch(/^421 4\.4\.2 /)
    expect(await client.reply()).toBeNull()
  })

  it('a command that arrives too slowly is cut with 421', async () => {
    const client = await clientOf(await stageWith({ SMTP_IDLE_TIMEOUT_MS: '100' }))
    expect(await client.reply()).toMatch(/^220/)
    const drip = setInterval(() => {
      client.send('x')
    }, 10)
    expect(await client.reply()).toMatch(/^421 4\.4\.2 /)
    clearInterval(drip)
  })

  it('a TLS handshake that never ends is cut, and a garbage handshake affects no other client', async () => {
    const stage = await stageWith({ ...createCertificate(), SMTP_IDLE_TIMEOUT_MS: '100' })
    for (const bytes of ['', 'garbage\r\n'.repeat(100)]) {
      const client = await clientOf(stage)
      await client.reply()
      expect(await converse(client, 'EHLO client.example', 'STARTTLS')).toMatch(/^220/)
      client.send(bytes)
      expect(await client.reply()).toBeNull()
    }
    expect(await converse(await clientInData(stage), 'hello\r\n.')).toMatch(/^250/)
  })

  it('a client that waits for an answer does not count as idle', async () => {
    const stage = await stageWith({ SMTP_IDLE_TIMEOUT_MS: '50' })
    const release = stage.door.hold()
    const client = await clientInData(stage)
    client.send('hello\r\n.\r\n')
    setTimeout(release, 200)
    expect(await client.reply()).toMatch(/^250 2\.0\.0 Ok: accepted as 1/)
  })

  it('a mail that arrives too slowly is cut with 421, and nothing of it is stored', async () => {
    const stage = await stageWith({ SMTP_DATA_MIN_BYTES_PER_SECOND: '1000' }, { paceWindowMs: 100 })
    const client = await clientInData(stage)
    client.send('x'.repeat(500))
    const drip = setInterval(() => {
      client.send('x')
    }, 20)
    expect(await client.reply()).toMatch(/^421 4\.4\.2 /)
    clearInterval(drip)
    client.send('\r\n.\r\n')
    expect(await client.reply()).toBeNull()
    expect(stage.door.submissions).toHaveLength(0)
    expect(stage.budget.used()).toBe(0)
    expect(stage.lines.map((line) => line.event)).toContain('smtp-error')
  })

  it('a mail that takes longer than the DATA deadline is cut with 421 at any pace', async () => {
    const stage = await stageWith({ SMTP_DATA_TIMEOUT_MS: '150', SMTP_DATA_MIN_BYTES_PER_SECOND: '0' })
    const client = await clientInData(stage)
    const flow = setInterval(() => {
      client.send('x'.repeat(1000))
    }, 5)
    expect(await client.reply()).toMatch(/^421 4\.4\.2 /)
    clearInterval(flow)
    expect(stage.door.submissions).toHaveLength(0)
    expect(stage.budget.used()).toBe(0)
  })

  it('two hundred idle and two hundred slow clients do not delay a mail', async () => {
    const stage = await stageWith({ MAX_CONNECTIONS_PER_ADDRESS: '500' })
    const idle = await Promise.all(Array.from({ length: 200 }, () => clientOf(stage)))
    const dripping = await Promise.all(Array.from({ length: 200 }, () => clientInData(stage)))
    for (const client of dripping) client.send('x')
    const start = performance.now()
    const client = await clientInData(stage)
    expect(await converse(client, 'hello\r\n.')).toMatch(/^250/)
    expect(performance.now() - start).toBeLessThan(10_000)
    expect(idle.length + dripping.length).toBe(400)
  })
})

describe('connections', () => {
  it(
    'one connection too many from one address gets 421 4.7.0, and a new one is accepted after one ' + 'has closed',
    async () => {
      const stage = await stageWith({ MAX_CONNECTIONS_PER_ADDRESS: '2', TRUSTED_RELAYS: '192.0.2.1' })
      const [first] = [await clientOf(stage), await clientOf(stage)]
      const third = await clientOf(stage)
      expect(await third.reply()).toMatch(/^421 4\.7\.0 /)
      expect(await third.reply()).toBeNull()
      expect(stage.lines).toContainEqual({
        level: 'info',
        event: 'connection-refused',
        facts: { ingress: 'smtp', peer: '127.0.0.1' },
      })
      expect(await converse(first, 'QUIT')).toMatch(/^220/)
      expect(await first.reply()).toMatch(/^221/)
      expect(await first.reply()).toBeNull()
      await welcomed(stage)
    },
  )

  it('clients that a proxy names have the limit of their own address, and free it', async () => {
    const stage = await stageWith({ MAX_CONNECTIONS_PER_ADDRESS: '1', XCLIENT_FROM: '127.0.0.1', TRUSTED_RELAYS: '' })
    const handOver = async () => {
      const client = await clientOf(stage)
      await client.reply()
      return { client, answer: await converse(client, 'XCLIENT ADDR=192.0.2.7') }
    }
    const first = await handOver()
    expect(first.answer).toMatch(/^220/)
    const second = await handOver()
    expect(second.answer).toMatch(/^421 4\.7\.0 /)
    expect(await second.client.reply()).toBeNull()
    expect(await converse(first.client, 'QUIT')).toMatch(/^221/)
    expect(await first.client.reply()).toBeNull()
    expect((await handOver()).answer).toMatch(/^220/)
  })

  it('the limit of one address is not the limit of another', async () => {
    const stage = await stageWith({ MAX_CONNECTIONS_PER_ADDRESS: '1' })
    await (await clientOf(stage)).reply()
    const other = connect({ port: stage.listener.port, host: '127.0.0.1', localAddress: '127.0.0.2' })
    const greeting = await new Promise<string>((resolve) =>
      other.once('data', (bytes: Buffer) => {
        resolve(bytes.toString())
      }),
    )
    other.destroy()
    expect(greeting).toMatch(/^220/)
  })

  it('one connection too many in all gets 421 4.7.0', async () => {
    const stage = await stageWith({ MAX_CONNECTIONS: '1' })
    await (await clientOf(stage)).reply()
    expect(await (await clientOf(stage)).reply()).toMatch(/^421 4\.7\.0 /)
  })

  it('a connection that switched to TLS is counted down like any other', async () => {
    const stage = await stageWith({ ...createCertificate(), MAX_CONNECTIONS: '1' })
    for (let round = 0; round < 3; round += 1) {
      const client = await welcomed(stage)
      expect(await converse(client, 'EHLO client.example', 'STARTTLS')).toMatch(/^220/)
      await client.startTls()
      expect(await converse(client, 'EHLO client.example', 'QUIT')).toMatch(/^221/)
      expect(await client.reply()).toBeNull()
    }
  })

  it.each([false, true])(
    'a client that half-closes after QUIT, as Exim does, still reads the answer to its mail (TLS: %s)',
    async (tls) => {
      const stage = await stageWith(tls ? createCertificate() : {})
      const client = await clientOf(stage)
      await client.reply()
      if (tls) {
        expect(await converse(client, 'EHLO client.example', 'STARTTLS')).toMatch(/^220/)
        await client.startTls()
      }
      expect(
        await converse(
          client,
          'EHLO client.example',
          'MAIL FROM:<a@client.example>',
          'RCPT TO:<known@reply.example>',
          'DATA',
        ),
      ).toMatch(/^354/)
      const release = stage.door.hold()
      client.send('Subject: last\r\n\r\nwords\r\n.\r\nQUIT\r\n')
      client.socket().end()
      // A later client is answered first: the listener knows of the end by then.
      expect(await converse(await welcomed(stage), 'NOOP')).toMatch(/^250/)
      release()
      expect([await client.reply(), await client.reply(), await client.reply()]).toEqual([
        '250 2.0.0 Ok: accepted as 1',
        '221 2.0.0 Bye',
        null,
      ])
    },
  )

  it('a client may disconnect at any step, and the listener continues', async () => {
    const stage = await stageWith({})
    const steps = [
      'EHLO client.example\r\n',
      'MAIL FROM:<a@client.example>\r\n',
      'RCPT TO:<known@reply.example>\r\n',
      'DATA\r\n',
      'half a',
      ' mail\r\n',
      '.\r\n',
    ]
    for (let cut = 0; cut <= steps.length; cut += 1) {
      for (const leave of ['destroy', 'resetAndDestroy', 'end'] as const) {
        const client = await clientOf(stage)
        client.send(steps.slice(0, cut).join(''))
        client.socket()[leave]()
      }
    }
    const client = await clientInData(stage)
    expect(await converse(client, 'hello\r\n.')).toMatch(/^250/)
    expect(stage.door.submissions.map((mail) => mail.raw.toString())).not.toContain('half a')
  })
})

describe('bytes', () => {
  it('a mail that exceeds free memory is deferred with 452 4.3.1, and accepted later', async () => {
    const stage = await stageWith({ MAX_MESSAGE_BYTES: '1000', MAX_BYTES_IN_FLIGHT: '1000' })
    const release = stage.door.hold()
    const first = await clientInData(stage)
    first.send(`${'x'.repeat(798)}\r\n.\r\n`)
    const second = await clientInData(stage)
    expect(await converse(second, `${'y'.repeat(300)}\r\n.`)).toMatch(/^452 4\.3\.1 /)
    expect(await converse(second, 'MAIL FROM:<a@client.example> SIZE=300')).toMatch(/^452 4\.3\.1 /)
    release()
    expect(await first.reply()).toMatch(/^250/)
    expect(
      await converse(second, 'MAIL FROM:<a@client.example> SIZE=300', 'RCPT TO:<known@reply.example>', 'DATA'),
    ).toMatch(/^354/)
    expect(await converse(second, `${'y'.repeat(300)}\r\n.`)).toMatch(/^250/)
    expect(stage.budget.used()).toBe(0)
  })

  it('a line of ten megabytes is stored as it is', async () => {
    const stage = await stageWith({})
    const client = await clientInData(stage)
    const line = Buffer.alloc(10 * 1024 * 1024, 'line of ten megabytes ')
    client.send(Buffer.concat([line, Buffer.from('\r\n.\r\n')]))
    expect(await client.reply()).toMatch(/^250/)
    const hash = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')
    expect(hash(stage.door.submissions[0]?.raw ?? Buffer.alloc(0))).toBe(
      hash(Buffer.concat([line, Buffer.from('\r\n')])),
    )
  })

  it('a mail that is too large is discarded while the rest is read', async () => {
    const stage = await stageWith({ MAX_MESSAGE_BYTES: '100000' })
    const client = await clientInData(stage)
    const before = process.memoryUsage().rss
    for (let i = 0; i < 1600; i += 1) {
      client.send(Buffer.alloc(65536, 'x'))
      if (client.socket().writableNeedDrain) await new Promise((resolve) => client.socket().once('drain', resolve))
      expect(stage.budget.used()).toBeLessThanOrEqual(100_000)
    }
    client.send('\r\n.\r\n')
    expect(await client.reply()).toMatch(/^552 5\.3\.4 /)
    expect(process.memoryUsage().rss - before).toBeLessThan(80 * 1024 * 1024)
    expect(stage.door.submissions).toHaveLength(0)
  })
})

describe('closing', () => {
  it('idle clients get 421 at once, a running mail is answered first, and new clients are refused', async () => {
    const stage = await stageWith({}, { closeGraceMs: 5_000 })
    const release = stage.door.hold()
    const idle = await clientOf(stage)
    await idle.reply()
    const busy = await clientInData(stage)
    busy.send('hello\r\n.\r\n')
    const closed = stage.listener.close()
    expect(await idle.reply()).toMatch(/^421 4\.3\.2 /)
    expect(await idle.reply()).toBeNull()
    const refused = await new Promise<string>((resolve) =>
      connect(stage.listener.port, '127.0.0.1').once('error', (error: NodeJS.ErrnoException) => {
        resolve(error.code ?? '')
      }),
    )
    expect(refused).toBe('ECONNREFUSED')
    release()
    expect(await busy.reply()).toMatch(/^250 2\.0\.0 /)
    expect(await busy.reply()).toMatch(/^421 4\.3\.2 /)
    await closed
  })

  it('a client that never finishes is cut after the grace period', async () => {
    const stage = await stageWith({}, { closeGraceMs: 50 })
    const client = await clientInData(stage)
    const closed = stage.listener.close()
    expect(await client.reply()).toMatch(/^421 4\.3\.2 /)
    await closed
    expect(stage.door.submissions).toHaveLength(0)
    expect(stage.budget.used()).toBe(0)
  })
})

describe('starting', () => {
  it('a certificate that cannot be read or does not fit is named with its setting', async () => {
    await expect(
      createStage('smtp', { SMTP_TLS_CERT: '/nowhere/cert.pem', SMTP_TLS_KEY: '/nowhere/key.pem' }),
    ).rejects.toThrow(/^SMTP_TLS_CERT: cannot be read: ENOENT/)
    const notPem = new URL('support.ts', import.meta.url).pathname
    await expect(createStage('smtp', { SMTP_TLS_CERT: notPem, SMTP_TLS_KEY: notPem })).rejects.toThrow(
      /^SMTP_TLS_CERT: is not a certificate for SMTP_TLS_KEY/,
    )
  })

  it('a port in use is an error', async () => {
    const stage = await stageWith({})
    await expect(createStage('smtp', {}, { port: stage.listener.port })).rejects.toThrow(/EADDRINUSE/)
  })
})

describe('the log', () => {
  it('names accepted, rejected and deferred mail once each, without its text', async () => {
    const stage = await stageWith({})
    const client = await clientInData(stage)
    await converse(client, 'secret words\r\n.')
    stage.door.failNext(new Error('disk on fire'))
    await converse(
      client,
      'MAIL FROM:<a@client.example>',
      'RCPT TO:<nobody@reply.example>',
      'RCPT TO:<known@reply.example>',
      'DATA',
      'secret words\r\n.',
    )
    expect(stage.lines.map((line) => [line.level, line.event])).toEqual([
      ['info', 'accepted'],
      ['info', 'rejected'],
      ['warn', 'deferred'],
    ])
    expect(stage.lines[0]?.facts).toEqual({ ingress: 'smtp', peer: '127.0.0.1', id: 1, duplicate: false, size: 14 })
    expect(JSON.stringify(stage.lines)).not.toContain('secret')
  })
})
