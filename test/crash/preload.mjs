// Loaded before the service, and only by tests (NODE_OPTIONS=--import): dies at named points of a mail's life
// (docs/develop/architecture.md, "States of a mail"), answers before it commits, or hangs a parser. It hooks the
// libraries on both sides of our code, so that src holds no word of it and what is tested is what ships
// (docs/adr/0010). The service is recognised by its output: SQL to the database, replies to clients, requests to its
// threads.
//   CRASH_FILE       a file that SIGUSR2 makes it read: `point n`: die at the n-th passing of that point
//   CRASH_AFTER_MS   die this long after the start
//   CRASH_ANSWER     `early`: the commit of accepted mail is answered before it is made (the negative control)
//   CRASH_PARSER     `on`: a thread that meets a mail with `X-Parser: hang`, `eat`, `throw` or `exit` does so

import { readFileSync } from 'node:fs'
import { Socket } from 'node:net'
import { isMainThread, parentPort, Worker } from 'node:worker_threads'

// Threads start without it: how long they take is part of what is tested.
const pg = isMainThread ? (await import('pg')).default : null

const { CRASH_FILE, CRASH_AFTER_MS, CRASH_ANSWER, CRASH_PARSER } = process.env
let armed = { point: '', left: 0 }

/** Dies here when it is the time; true = the caller must not go on. */
function isEnd(point) {
  if (armed.point !== point || --armed.left > 0) return false
  process.kill(process.pid, 'SIGKILL')
  return true
}
const never = new Promise(() => undefined)
const pass = (point) => (isEnd(point) ? never : undefined)

if (isMainThread && CRASH_FILE !== undefined) {
  process.on('SIGUSR2', () => {
    const [point, n] = readFileSync(CRASH_FILE, 'utf8').split(' ')
    armed = { point, left: Number(n) }
    // The test that armed the fault may wait for this.
    process.stderr.write('{"event":"armed"}\n')
  })
}
if (isMainThread && CRASH_AFTER_MS !== undefined)
  setTimeout(() => process.kill(process.pid, 'SIGKILL'), Number(CRASH_AFTER_MS)).unref()

// What a statement is in a mail's life, or null. A transaction is named by what it has written; a statement outside one is its own commit.
function stepOf(client, text) {
  if (text === 'begin' || text === 'rollback') Object.assign(client, { crashOpen: text === 'begin', crashWrote: null })
  const writes = text.includes('insert into raw_emails')
    ? 'accept'
    : text.startsWith('update inbound_emails i set status = s.status')
      ? 'settle'
      : null
  if (writes !== null && client.crashOpen) client.crashWrote = writes
  else if (writes !== null) return `${writes}-commit`
  if (text === 'commit') {
    const wrote = client.crashWrote
    Object.assign(client, { crashOpen: false, crashWrote: null })
    return wrote ? `${wrote}-commit` : null
  }
  if (text.includes('for update skip locked') && text.includes('r.bytes as raw')) return 'claim'
  if (text.startsWith('update messages set updated_at') && text.includes(`'delivery'`)) return 'noted'
  return text.startsWith('delete from work where id') ? 'work-settled' : null
}

const query = pg?.Client.prototype.query
const plain = (client, args) => query.apply(client, args)

// Everything is written, nothing is committed: the connection is ours until it is.
async function commitLate(client, result, late) {
  const committed = late.then(() => plain(client, ['commit'])).catch(() => undefined)
  const release = client.release
  client.release = (error) => void committed.then(() => release.call(client, error))
  return result
}

async function perform(client, step, args) {
  const isCommit = args[0] === 'commit'
  if (step === 'accept-commit' && (CRASH_ANSWER === 'early' || armed.point === 'before-accept-commit')) {
    if (!isCommit) await plain(client, ['begin'])
    const result = isCommit ? { command: 'COMMIT', rows: [], rowCount: null } : await plain(client, args)
    await pass('before-accept-commit')
    if (CRASH_ANSWER === 'early') return commitLate(client, result, new Promise((resolve) => setTimeout(resolve, 250)))
    await plain(client, ['commit'])
    return result
  }
  await pass(`before-${step}`)
  const result = await plain(client, args)
  if (step !== 'claim' || result.rows.length > 0) await pass(`after-${step}`)
  return result
}

if (isMainThread) {
  pg.Client.prototype.query = function (...args) {
    const text = (typeof args[0] === 'string' ? args[0] : args[0]?.text)?.replace(/\s+/g, ' ').trim()
    const step = typeof text === 'string' ? stepOf(this, text) : null
    if (step === null) return plain(this, args)
    const callback = typeof args.at(-1) === 'function' ? args.pop() : null
    const result = perform(this, step, args)
    if (callback === null) return result
    result.then((value) => callback(null, value), callback)
  }

  const write = Socket.prototype.write
  Socket.prototype.write = function (chunk, ...rest) {
    const text =
      typeof chunk === 'string'
        ? chunk.slice(0, 40)
        : Buffer.isBuffer(chunk)
          ? chunk.subarray(0, 40).toString('latin1')
          : ''
    if (text === 'DATA\r\n' && isEnd('before-hand-over')) return true
    if (armed.point !== 'after-acknowledgement' || !/^(250 2\.0\.0 Ok: accepted|HTTP\/1\.1 204)/.test(text))
      return write.call(this, chunk, ...rest)
    const callback = typeof rest.at(-1) === 'function' ? rest.pop() : () => undefined
    return write.call(this, chunk, ...rest, (error) => {
      callback(error)
      isEnd('after-acknowledgement')
    })
  }

  // From the moment that it is armed nothing is parsed, so that what is acknowledged then is not processed yet.
  const postMessage = Worker.prototype.postMessage
  Worker.prototype.postMessage = function (...args) {
    if (armed.point !== 'after-acknowledgement') postMessage.apply(this, args)
  }
  const emit = Worker.prototype.emit
  Worker.prototype.emit = function (event, ...args) {
    return event === 'message' && isEnd('after-parse') ? true : emit.call(this, event, ...args)
  }
}

if (!isMainThread && CRASH_PARSER === 'on' && parentPort !== null) {
  const misbehave = {
    hang: () => {
      for (;;);
    },
    eat: () => {
      const eaten = []
      for (;;) eaten.push(new Array(100_000).fill({}))
    },
    throw: () => {
      throw new Error('a bug')
    },
    exit: () => process.exit(0),
  }
  const on = parentPort.on
  parentPort.on = function (event, hear) {
    return on.call(this, event, (message) => {
      for (const { raw } of message?.mails ?? [])
        misbehave[/^X-Parser: (\w+)\r$/m.exec(Buffer.from(raw).toString('latin1'))?.[1]]?.()
      hear(message)
    })
  }
}
