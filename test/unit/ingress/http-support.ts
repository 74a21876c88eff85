// Plays one file of fixtures/ingress against a real express server with every ingress mounted. A file is:
//   # the guarantee                      title of the test
//   # config NAME=VALUE                  settings
//   # fail KIND                          the store refuses the mail with this kind of error
// the request: head lines as they are, an empty line, the body byte for byte (its Content-Length is added unless
// there is one)
// --- answer then: status, and `Name: value` for each header that must be there (`Name:` must not)
//   --- body                             then: the whole body of the answer
// --- mail then: a JSON object, what must be true of a stored mail, `raw` its bytes and `parsed` what a
// parser finds in them; one section a mail, in order; without any no mail may come
//   --- notice                           the same of a mail that is to be fetched
// The service is the first word of the file's name, unless `config RAILS_INBOUND_EMAIL_SERVICE` says otherwise.

import { readFileSync } from 'node:fs'
import type { AddressInfo, Socket } from 'node:net'
import { connect } from 'node:net'
import { basename } from 'node:path'

import express from 'express'
import { expect } from 'vitest'

import { type Config, readConfig } from '../../../src/config.ts'
import { type ErrorKind, MailError } from '../../../src/errors.ts'
import type { GuardedFetch } from '../../../src/http-client/guarded-fetch.ts'
import { createAdapters } from '../../../src/ingress/adapters.ts'
import { channels } from '../../../src/ingress/providers.ts'
import { type ByteBudget, createByteBudget } from '../../../src/ingress/reading/budget.ts'
import { createIngressRouter } from '../../../src/ingress/routes.ts'
import type { LimitSender } from '../../../src/ingress/sender-limit.ts'
import type { MailNotice } from '../../../src/mail/envelope.ts'
import { parseMail } from '../../../src/mail/parsing/parse.ts'
import { createDoor, createMemoryLog, type Door, type LogLine } from '../../dialogue/support.ts'

const password = 'secret'
/** actionmailbox:secret */
export const credentials = 'Basic YWN0aW9ubWFpbGJveDpzZWNyZXQ='

export interface HttpStage {
  readonly door: Door
  /** Of mails that are to be fetched. */
  readonly notices: MailNotice[]
  /** The facts for `doctor`. */
  readonly news: (readonly [service: string, refusal: string | null])[]
  readonly budget: ByteBudget
  readonly lines: LogLine[]
  readonly config: Config
  readonly port: number
  readonly close: () => Promise<void>
}

/** An HTTP server with every ingress and a store in memory. */
export async function createHttpStage(
  settings: Record<string, string> = {},
  given: string | null = password,
  { fetch = nowhere, limitSender = () => Promise.resolve() }: { fetch?: GuardedFetch; limitSender?: LimitSender } = {},
): Promise<HttpStage> {
  const config = readConfig(settings, channels)
  const door = createDoor()
  const notices: MailNotice[] = []
  const news: (readonly [string, string | null])[] = []
  const budget = createByteBudget(config.MAX_BYTES_IN_FLIGHT)
  const { log, lines } = createMemoryLog()
  const app = express()
  const adapters = createAdapters({ config, password: given, fetch, limitSender, now: Date.now })
  const acceptNotice = (notice: MailNotice) => {
    const known = notices.findIndex(({ key }) => key === notice.key)
    if (known === -1) notices.push(notice)
    return Promise.resolve({ id: 1001 + (known === -1 ? notices.length - 1 : known), duplicate: known !== -1 })
  }
  app.use(
    createIngressRouter({
      config,
      log,
      accept: door.accept,
      acceptNotice,
      note: (...one) => news.push(one),
      budget,
      recordEvents: () => Promise.resolve(0),
      adapters,
    }),
  )
  const server = app.listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => {
        resolve()
      })
      server.closeAllConnections()
    })
  return { door, notices, news, budget, lines, config, port: (server.address() as AddressInfo).port, close }
}

const nowhere: GuardedFetch = (url) => Promise.reject(new Error(`nothing may be fetched, and ${url} was`))

export interface HttpAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/**
 * Opens a connection that can be written to by hand; `answer` is what came until the server closed or the answer was
 * whole.
 */
export function openHttp(port: number): { socket: Socket; answer: Promise<HttpAnswer | null> } {
  const socket = connect({ port, host: '127.0.0.1' })
  const answer = new Promise<HttpAnswer | null>((resolve) => {
    let text = ''
    const settle = (isOver: boolean) => {
      const [, status = '', head = '', body = ''] =
        /^HTTP\/1\.1 (\d{3})[^\r]*\r\n(.*?)\r\n\r\n(.*)$/s.exec(text.replace(/^HTTP\/1\.1 100.*?\r\n\r\n/s, '')) ?? []
      const headers = Object.fromEntries(
        head
          .split('\r\n')
          .map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 2)]),
      )
      if (status !== '' && (isOver || status === '204' || body.length >= Number(headers['content-length'] ?? Infinity)))
        resolve({ status: Number(status), headers, body })
      else if (isOver) resolve(null)
    }
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1')
      settle(false)
    })
    socket.on('error', () => undefined)
    socket.on('close', () => {
      settle(true)
    })
  })
  return { socket, answer }
}

export interface HttpFixture {
  readonly file: string
  readonly title: string
  readonly settings: Record<string, string>
  readonly fail: string | null
  readonly request: string
  readonly sections: Readonly<Record<string, string>>
  readonly mails: readonly string[]
  readonly notices: readonly string[]
}

export function readHttpFixture(path: string): HttpFixture {
  const text = readFileSync(path, 'latin1')
  const comments = /^(?:#[^\n]*\n)*/.exec(text)?.[0] ?? ''
  const [request = '', ...rest] = text.slice(comments.length).split(/\n--- (?=(?:answer|body|mail|notice)\n)/)
  const named = rest.map(
    (part) => [part.slice(0, part.indexOf('\n')), part.slice(part.indexOf('\n') + 1).trimEnd()] as const,
  )
  const every = (name: string) => named.filter(([other]) => other === name).map(([, text]) => text)
  const notes = comments.split('\n').map((line) => line.replace(/^# */, ''))
  const service = { RAILS_INBOUND_EMAIL_SERVICE: basename(path).split(/[-.]/)[0] ?? '' }
  const given = Object.fromEntries(
    notes
      .filter((note) => note.startsWith('config '))
      .map((note) => [note.slice(7, note.indexOf('=')), note.slice(note.indexOf('=') + 1)]),
  )
  const fail = notes.find((note) => note.startsWith('fail '))?.slice(5) ?? null
  return {
    file: basename(path),
    title: Buffer.from(notes[0] ?? '', 'latin1').toString('utf8'),
    settings: { ...service, ...given },
    fail,
    request,
    sections: Object.fromEntries(named),
    mails: every('mail'),
    notices: every('notice'),
  }
}

export async function playHttpFixture(fixture: HttpFixture): Promise<void> {
  const stage = await createHttpStage(fixture.settings)
  if (fixture.fail !== null) stage.door.failNext(new MailError(fixture.fail as ErrorKind, 'a planned fault'))
  try {
    const { socket, answer } = openHttp(stage.port)
    socket.write(Buffer.from(requestBytes(fixture.request), 'latin1'))
    expectAnswer(await answer, fixture)
    await expectMails(stage, fixture)
    expectNoSecrets(stage, fixture)
    expect(stage.budget.used(), 'bytes in flight').toBe(0)
  } finally {
    await stage.close()
  }
}

function requestBytes(request: string): string {
  const end = request.indexOf('\n\n')
  const head = end < 0 ? request.trimEnd() : request.slice(0, end)
  const body = end < 0 ? '' : request.slice(end + 2)
  const length =
    /^(content-length|transfer-encoding):/im.test(head) || (body === '' && !head.startsWith('POST'))
      ? ''
      : `\r\nContent-Length: ${String(body.length)}`
  return `${head.replaceAll('\n', '\r\n')}\r\nHost: mail.example${length}\r\n\r\n${body}`
}

function expectAnswer(answer: HttpAnswer | null, { sections, file }: HttpFixture): void {
  const [status = '', ...headers] = (sections['answer'] ?? '').split('\n')
  expect(answer?.status, file).toBe(Number(status))
  for (const line of headers) {
    const [name = '', value = ''] = line.split(/: ?/, 2)
    expect(answer?.headers[name.toLowerCase()], `${file}: ${name}`).toBe(
      value === '' ? undefined : line.slice(name.length + 2),
    )
  }
  if (sections['body'] !== undefined) expect(answer?.body, file).toBe(sections['body'])
}

async function expectMails({ door, notices }: HttpStage, fixture: HttpFixture): Promise<void> {
  expect(door.submissions, fixture.file).toHaveLength(fixture.mails.length)
  expect(notices, fixture.file).toHaveLength(fixture.notices.length)
  for (const [index, text] of fixture.notices.entries())
    expect(notices[index], fixture.file).toMatchObject(readJson(text))
  for (const [index, text] of fixture.mails.entries()) {
    const { raw, parsed, ...rest } = readJson(text)
    const mail = door.submissions[index]
    expect(mail, fixture.file).toMatchObject(rest)
    if (raw !== undefined) expect(mail?.raw.toString('latin1'), fixture.file).toBe(raw)
    if (parsed !== undefined)
      expect(await parseMail(mail?.raw ?? Buffer.alloc(0)), fixture.file).toMatchObject(parsed as object)
  }
}

// What the log and `doctor` say may be read by people who must not have the keys.
function expectNoSecrets({ lines, news }: HttpStage, { settings, file }: HttpFixture): void {
  const secrets = Object.entries(settings)
    .filter(([name]) => /KEY|SECRET|TOKEN|_URL$/.test(name) && name !== 'PUBLIC_URL')
    .flatMap(([, value]) => value.split(/[\s,]+/))
    .filter((secret) => secret.length > 4 && !secret.startsWith('http://'))
  const said = JSON.stringify([lines, news])
  expect(
    [...secrets, 'YWN0aW9ubWFpbGJveDpzZWNyZXQ='].filter((secret) => said.includes(secret)),
    file,
  ).toEqual([])
}

function readJson(text: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(text, 'latin1').toString('utf8')) as Record<string, unknown>
}
