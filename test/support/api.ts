// The API on a real HTTP server and a real database, with one account, an administrator, an agent and an email inbox
// to begin with.

import { createHash } from 'node:crypto'
import type { AddressInfo } from 'node:net'

import express from 'express'

import type { Limits } from '../../src/api/input/limits.ts'
import type { Budgets } from '../../src/api/request/body-budget.ts'
import { createApiRouter } from '../../src/api/router.ts'
import { hashToken } from '../../src/conversations/people/access-tokens.ts'
import { createDb } from '../../src/db/client.ts'
import { createStreams } from '../../src/events/streams.ts'
import { createPostTest } from '../../src/events/webhooks/post-once.ts'
import { createReach } from '../../src/http-client/address-policy.ts'
import { createFetchPicture } from '../../src/http-client/guarded-picture.ts'
import { createGuardedPost } from '../../src/http-client/guarded-post.ts'
import { createByteBudget } from '../../src/ingress/reading/budget.ts'
import { createLedger } from '../../src/ledger.ts'
import type { Log } from '../../src/log.ts'
import { createTestDatabase, type DatabaseMember, type TestDatabase } from './database.ts'
import { createMailbook } from './mailbook.ts'
import { createFit, type Document } from './openapi.ts'

export interface Person {
  readonly id: number
  readonly token: string
}

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** The parsed body; tests look into it freely. */
  readonly body: any
}

export interface Question {
  readonly token?: string | null
  readonly json?: unknown
  readonly form?: Readonly<Record<string, string>> | readonly (readonly [string, string])[]
  readonly multipart?: FormData
  readonly raw?: { readonly body: string | Uint8Array; readonly type: string }
  readonly headers?: Readonly<Record<string, string>>
}

export const replyDomain = 'reply.example.net'
export type TestApi = Awaited<ReturnType<typeof startApi>>

const anyNumber = () => Promise.resolve(null)
export const unlimited: Limits = {
  token: anyNumber,
  contact: anyNumber,
  address: anyNumber,
  stranger: anyNumber,
  signIn: anyNumber,
  signInFrom: anyNumber,
  secondFactor: anyNumber,
  linkMail: anyNumber,
  isProxy: () => false,
}

const roomy: Budgets = { callers: createByteBudget(1e9), strangers: createByteBudget(1e9) }

/** `beside`: a further instance of the API, on the database of the first. */
export async function startApi({
  on,
  beside = null,
  heartbeatMs = 15_000,
  limits = unlimited,
  budgets = roomy,
}: {
  /** The database server; the run's own by default. */
  on?: DatabaseMember
  beside?: { database: TestDatabase; seeded: Seeded } | null
  heartbeatMs?: number
  limits?: Limits
  budgets?: Budgets
} = {}) {
  const database = beside?.database ?? (await createTestDatabase(on))
  const { pool } = database
  const faults: unknown[] = []
  const wakes: number[] = []
  const mailbook = createMailbook()
  const db = createDb(pool)
  const log: Log = {
    debug: () => undefined,
    info: () => undefined,
    warn: () => undefined,
    error: (_event, facts) => faults.push(facts?.['error']),
  }
  const ledger = createLedger({
    pool,
    db,
    replyDomain,
    continuityDelayMs: 0,
    wake: () => wakes.push(Date.now()),
    onPosts: () => undefined,
    replyTokens: { secretKey: Buffer.alloc(32, 7), expiresDays: 365 },
  })
  const streams = createStreams({ db, pool, log, pollMs: 100 })
  const app = express()
  const settings = {
    publicUrl: 'https://mail.example.net',
    version: '1.2.3',
    maxUploadBytes: 8 * 1024 * 1024,
    heartbeatMs,
  }
  app.use(
    createApiRouter({
      ledger,
      inboundEmails: mailbook.room,
      streams,
      onWrite: () => undefined,
      limits,
      budgets,
      stored: { take: () => Promise.resolve(), giveBack: () => undefined },
      doctor: {
        examine: () => Promise.resolve([]),
        examineAccount: () => Promise.resolve([]),
        adviseDns: () => Promise.resolve({ records: [], notes: [] }),
      },
      log,
      fetchPicture: createFetchPicture(['127.0.0.1']),
      reach: createReach(['127.0.0.1', '10.1.0.0/16']),
      postTest: createPostTest({ post: createGuardedPost(['127.0.0.1']), timeoutMs: 500 }),
      settings,
    }),
  )
  const server = app.listen(0, '127.0.0.1')
  const ports = new Set<number | undefined>()
  server.on('connection', (socket) => {
    const port = socket.remotePort
    ports.add(port)
    socket.on('close', () => ports.delete(port))
  })
  await new Promise((resolve) => server.once('listening', resolve))
  const origin = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`
  const facts = beside?.seeded ?? (await seed(database))
  const fits = createFit((await (await fetch(`${origin}/api/openapi.json`)).json()) as Document)

  return {
    ...facts,
    seeded: facts,
    database,
    pool,
    db,
    log,
    ledger,
    streams,
    origin,
    mailbook,
    /** What was answered with 5xx. */
    faults,
    /** Whether the client at this port of 127.0.0.1 is still connected, as the server sees it. */
    isConnected: (port: number | undefined): boolean => ports.has(port),
    /** Each time the sender was woken. */
    wakes,
    /**
     * Asks as the administrator by default; `token: null` asks without a token. Each answer must fit the API's
     * own document.
     */
    ask: async (method: string, path: string, question: Question = {}): Promise<Answer> => {
      const answer = await ask(origin, [method, path], { token: facts.administrator.token, ...question })
      fits({
        method,
        path: path.replace(origin, ''),
        status: answer.status,
        type: answer.headers.get('content-type') ?? '',
        body: answer.body,
      })
      return answer
    },
    async stop() {
      streams.stop()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await db.$disconnect()
      if (beside === null) await database.drop()
    },
  }
}

async function ask(origin: string, [method, path]: readonly [string, string], question: Question): Promise<Answer> {
  const headers: Record<string, string> = { ...question.headers }
  if (question.token) headers['api_access_token'] = question.token
  let body: string | Uint8Array | FormData | URLSearchParams | null = null
  if (question.json !== undefined) {
    headers['content-type'] = 'application/json'
    body = JSON.stringify(question.json)
  } else if (question.form !== undefined) {
    body = new URLSearchParams(
      Array.isArray(question.form) ? (question.form as [string, string][]) : (question.form as Record<string, string>),
    )
  } else if (question.multipart !== undefined) {
    body = question.multipart
  } else if (question.raw !== undefined) {
    headers['content-type'] = question.raw.type
    body = question.raw.body
  }
  const response = await fetch(path.startsWith('http') ? path : `${origin}${path}`, {
    method,
    headers,
    body: body as never,
    redirect: 'manual',
  })
  const bytes = Buffer.from(await response.arrayBuffer())
  const text = bytes.toString('utf8')
  return { status: response.status, headers: response.headers, text, body: parse(text) }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

export type Seeded = Awaited<ReturnType<typeof seed>>

async function seed({ pool }: TestDatabase) {
  const accountId = await createAccount(pool, 'Acme')
  const administrator = await createPerson(pool, { accountId, name: 'Ada Admin', role: 'administrator' })
  const agent = await createPerson(pool, { accountId, name: 'Gus Agent', role: 'agent' })
  const inboxId = await createInbox(pool, {
    accountId,
    type: 'Channel::Email',
    name: 'Support',
    email: 'support@acme.example',
  })
  await pool.query('insert into inbox_members (inbox_id, user_id) values ($1, $2)', [inboxId, agent.id])
  return { accountId, administrator, agent, inboxId, path: `/api/v1/accounts/${String(accountId)}` }
}

type Pool = TestDatabase['pool']

async function insert(pool: Pool, text: string, values: unknown[]): Promise<number> {
  const { rows } = await pool.query<{ id: number }>(`${text} returning id`, values)
  return rows[0]?.id ?? 0
}

export function createAccount(pool: Pool, name: string): Promise<number> {
  return insert(pool, `insert into accounts (name, features, updated_at) values ($1, '{inbound_emails}', now())`, [
    name,
  ])
}

export async function createPerson(
  pool: Pool,
  person: { accountId: number | null; name: string; role?: 'agent' | 'administrator'; type?: string },
): Promise<Person> {
  const token = `token-${person.name.replaceAll(' ', '-')}-${Math.random().toString(36).slice(2)}`
  const email = `${person.name.toLowerCase().replaceAll(' ', '.')}.${Math.random().toString(36).slice(2)}@acme.example`
  const id = await insert(
    pool,
    'insert into users (name, email, type, confirmed_at, updated_at) values ($1, $2, $3, now(), now())',
    [person.name, email, person.type ?? null],
  )
  await pool.query('insert into access_tokens (user_id, token_hash) values ($1, $2)', [id, hashToken(token)])
  if (person.accountId !== null)
    await pool.query('insert into account_users (account_id, user_id, role) values ($1, $2, $3)', [
      person.accountId,
      id,
      person.role ?? 'agent',
    ])
  return { id, token }
}

export async function createInbox(
  pool: Pool,
  inbox: { accountId: number; type: string; name: string; email?: string },
): Promise<number> {
  const channelId = await insert(
    pool,
    'insert into channels (account_id, channel_type, email, updated_at) values ($1, $2, $3, now())',
    [inbox.accountId, inbox.type, inbox.email ?? null],
  )
  return insert(pool, 'insert into inboxes (account_id, channel_id, name, updated_at) values ($1, $2, $3, now())', [
    inbox.accountId,
    channelId,
    inbox.name,
  ])
}

/** A conversation with a contact of its own, straight into the database. */
export async function createConversation(
  pool: Pool,
  place: { accountId: number; inboxId: number; email?: string | null; status?: string },
) {
  const email = place.email === undefined ? `c${Math.random().toString(36).slice(2)}@customer.example` : place.email
  const contactId = await insert(
    pool,
    'insert into contacts (account_id, name, email, updated_at) values ($1, $2, $3, now())',
    [place.accountId, 'Carla Customer', email],
  )
  const sourceId = email ?? `source-${String(contactId)}`
  const contactInboxId = await insert(
    pool,
    'insert into contact_inboxes (contact_id, inbox_id, source_id, updated_at) values ($1, $2, $3, now())',
    [contactId, place.inboxId, sourceId],
  )
  const { rows } = await pool.query<{ id: number; display_id: number; uuid: string }>(
    `with n as (update accounts set last_display_id = last_display_id + 1 where id = $1 returning last_display_id as d)
     insert into conversations (display_id, account_id, inbox_id, contact_id, contact_inbox_id, status, recipient_email,
       waiting_since, updated_at)
     select d, $1, $2, $3, $4, $5::conversation_status, $6, now(), now() from n returning id, display_id, uuid`,
    [place.accountId, place.inboxId, contactId, contactInboxId, place.status ?? 'open', email],
  )
  const row = rows[0]!
  return { id: row.id, displayId: row.display_id, uuid: row.uuid, contactId, contactInboxId, email, sourceId }
}

/** A message with a file that nothing else has; answers how many copies of its bytes are kept. */
export async function addFile(
  pool: Pool,
  conversation: { readonly id: number; readonly accountId: number; readonly inboxId: number },
): Promise<() => Promise<number>> {
  const bytes = Buffer.from(`only here ${String(Math.random())}`)
  const sha = createHash('sha256').update(bytes).digest()
  await pool.query('insert into blobs (sha256, bytes) values ($1, $2)', [sha, bytes])
  const messageId = await insert(
    pool,
    `
      insert into messages (account_id, inbox_id, conversation_id, message_type, content, updated_at)
      values ($1, $2, $3, 'incoming', 'see the file', now())
    `,
    [conversation.accountId, conversation.inboxId, conversation.id],
  )
  await insert(pool, `insert into attachments (account_id, message_id, blob_sha256) values ($1, $2, $3)`, [
    conversation.accountId,
    messageId,
    sha,
  ])
  return async () => (await pool.query('select from blobs where sha256 = $1', [sha])).rowCount ?? 0
}
