// The pool of the API's queries: a statement whose client has left is cancelled in the database, and its connection is
// closed rather than reused, so that a late cancel hits no other statement. Statements also have a time limit
// (statement_timeout).

import pg from 'pg'

import { MailError } from '../errors.ts'
import { askerSignal } from '../http-client/request-signal.ts'
import type { Connection, Pool } from './pool.ts'

type Taken = (
  error: Error | undefined,
  client: pg.PoolClient | undefined,
  done: (error?: Error | boolean) => void,
) => void

/**
 * The same pool, for those whose clients may leave. Prisma keeps the pool itself: it joins questions of several
 * clients into one.
 */
export function createCancellablePool(pool: Pool, connection: Connection): Pool {
  const asked = Object.create(pool) as Pool
  const take = (signal: AbortSignal, taken: Taken): void => {
    pool.connect((...[error, client, done]) => {
      if (client === undefined || error !== undefined) taken(error, client, done)
      else if (signal.aborted) {
        done()
        taken(clientLeft(), undefined, () => undefined)
      } else {
        cancelOnLeave(client, signal, connection)
        taken(undefined, client, (failure) => {
          client.release(failure)
        })
      }
    })
  }
  const connect = (taken?: Taken): Promise<pg.PoolClient> | undefined => {
    const signal = askerSignal()
    if (signal === undefined) return taken === undefined ? pool.connect() : (pool.connect(taken), undefined)
    if (taken !== undefined) {
      take(signal, taken)
      return undefined
    }
    return new Promise((resolve, reject) => {
      take(signal, (error, client) => {
        if (client === undefined) reject(error ?? clientLeft())
        else resolve(client)
      })
    })
  }
  // `query` of the pool connects by `this`.
  asked.connect = connect as Pool['connect']
  return asked
}

function clientLeft(): MailError {
  return new MailError('unavailable', 'the client has left')
}

function cancelOnLeave(client: pg.PoolClient, signal: AbortSignal, connection: Connection): void {
  const release = client.release.bind(client)
  let left = false
  const onLeave = (): void => {
    left = true
    cancel(client, connection)
  }
  signal.addEventListener('abort', onLeave, { once: true })
  client.release = (error) => {
    signal.removeEventListener('abort', onLeave)
    release(left ? true : error)
  }
}

interface Wire {
  readonly processID: number
  readonly secretKey: number
  readonly connection: pg.Connection & {
    readonly ssl: unknown
    readonly stream: { readonly destroy: () => void }
    readonly requestSsl: () => void
    readonly cancel: (processId: number, secretKey: number) => void
    readonly connect: (port: number | string, host?: string) => void
  }
}

// The cancel request of the protocol, on a connection of its own: it also works through a pooler, and needs no
// connection of any pool.
function cancel(client: pg.PoolClient, connection: Connection): void {
  const { processID, secretKey } = client as unknown as Wire
  const messenger = new pg.Client(connection)
  const { connection: wire } = messenger as unknown as Wire
  wire.on('error', () => undefined)
  const send = (): void => {
    wire.cancel(processID, secretKey)
  }
  wire.once('connect', () => {
    if (wire.ssl) wire.requestSsl()
    else send()
  })
  wire.once('sslconnect', send)
  if (messenger.host.startsWith('/')) wire.connect(`${messenger.host}/.s.PGSQL.${String(messenger.port)}`)
  else wire.connect(messenger.port, messenger.host)
  setTimeout(() => {
    wire.stream.destroy()
  }, 5_000).unref()
}
