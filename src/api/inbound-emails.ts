// …/inbound_emails: accepted mail, what became of it and why (CONTRACT §3). For administrators: a mail may belong
// to an inbox that an agent does not see, and its octets hold reply addresses.
// /inbound_emails: the same for administrators of the installation, mail of no account included.

import type { InboundEmailRoom, InboundStatus, MailScope } from './inbound-email-room.ts'
import { inboundStatuses } from './inbound-email-room.ts'
import { presentExplanation, presentInboundEmail, presentInboundEmailWithTrace } from './present/inbound-email.ts'
import { readBytes } from './request/body.ts'
import { found, unprocessable } from './request/fault.ts'
import { filledText, idOf, list as listOf, parseFields, recordId, text } from './request/fields.ts'
import { pageOf } from './request/paging.ts'
import { forAdministrator, forInstallation, type MemberRequest, type Request, type Route, type Send } from './request/route.ts'

interface Deps {
  readonly inboundEmails: InboundEmailRoom
  /** Largest mail to explain. */
  readonly maxUploadBytes: number
}

type Act = (request: Request, scope: MailScope) => Promise<object | undefined> | Promise<Send>

const pageSize = 25
const one = '/inbound_emails/:id'

export function inboundEmailRoutes(deps: Deps): Route[] {
  const { inboundEmails: room } = deps
  const acts = {
    list: (request: Request, scope: MailScope) => list(room, scope, request),
    show: async (request: Request, scope: MailScope) => presentInboundEmailWithTrace(found(await room.find(scope, idIn(request)))),
    raw: (request: Request, scope: MailScope) => raw(room, scope, request),
    explain: (request: Request, scope: MailScope) => explain(deps, scope, request),
    replay: async (request: Request, scope: MailScope) => presentInboundEmailWithTrace(found(await room.replay(scope, idIn(request)))),
    file: (request: Request, scope: MailScope) => file(room, scope, request),
    unfile: async (request: Request, scope: MailScope) => presentInboundEmailWithTrace(found(await room.unfile(scope, idIn(request)))),
    incinerate: async (request: Request, scope: MailScope) => {
      if (!(await room.incinerate(scope, idIn(request)))) found(null)
      return undefined
    },
  }
  const named = [
    ['GET /inbound_emails', acts.list],
    ['POST /inbound_emails/explain', acts.explain],
    [`GET ${one}`, acts.show],
    [`GET ${one}/raw`, acts.raw],
    [`POST ${one}/replay`, acts.replay],
    [`POST ${one}/file`, acts.file],
    [`DELETE ${one}/file`, acts.unfile],
    [`DELETE ${one}`, acts.incinerate],
  ] as const
  return [...named.map(([name, act]) => forAdministrator(name, inAccount(act))), ...named.map(([name, act]) => forInstallation(name, (request) => act(request, { accountId: null })))]
}

const inAccount = (act: Act) => (request: MemberRequest) => act(request, { accountId: request.member.account.id })
const idIn = (request: Request): number => idOf(request.params['id'])

async function list(room: InboundEmailRoom, scope: MailScope, request: Request) {
  const fields = parseFields({ status: filledText, reason: filledText, q: filledText }, request.fields)
  const page = pageOf(request.fields, pageSize)
  const filter = { status: parseStatus(fields.status), reason: fields.reason ?? null, query: fields.q?.trim() ?? null, offset: page.offset, limit: page.limit }
  const { count, rows } = await room.list(scope, filter)
  return { meta: { count, current_page: page.number }, payload: rows.map(presentInboundEmail) }
}

function parseStatus(name: string | undefined): InboundStatus | null {
  if (name === undefined || name === 'all') return null
  const status = inboundStatuses.find((known) => known === name)
  if (status === undefined) throw unprocessable(`status must be one of: ${inboundStatuses.join(' ')}`)
  return status
}

// Someone else's octets: never to be shown as a page of ours.
async function raw(room: InboundEmailRoom, scope: MailScope, request: Request): Promise<Send> {
  const id = idIn(request)
  const bytes = found(await room.readRaw(scope, id))
  return (response) => {
    response.set({
      'content-type': 'message/rfc822',
      'content-length': String(bytes.length),
      'content-disposition': `attachment; filename="${String(id)}.eml"`,
      'content-security-policy': "sandbox; default-src 'none'",
      'x-content-type-options': 'nosniff',
      'cache-control': 'private, no-store',
    })
    response.end(bytes)
  }
}

async function explain({ inboundEmails, maxUploadBytes }: Deps, scope: MailScope, request: Request) {
  const { sender, recipient } = parseFields({ sender: text, recipient: listOf }, request.fields)
  const bytes = request.http.readableEnded ? Buffer.alloc(0) : await readBytes(request.http, maxUploadBytes)
  if (bytes.length === 0) throw unprocessable('Send the mail as the body, with Content-Type: message/rfc822')
  // As in X-Envelope-From: given but empty, or <>, is the null reverse-path of bounces.
  const reversePath = sender?.trim() === '<>' ? '' : (sender ?? null)
  return presentExplanation(await inboundEmails.explain(scope, { raw: bytes, sender: reversePath, recipients: recipient ?? [] }))
}

async function file(room: InboundEmailRoom, scope: MailScope, request: Request) {
  const fields = parseFields({ conversation_id: recordId, account_id: recordId }, request.fields)
  if (fields.conversation_id === undefined) throw unprocessable('param is missing or the value is empty: conversation_id')
  const into = { accountId: scope.accountId ?? fields.account_id ?? null, conversationDisplayId: fields.conversation_id }
  return presentInboundEmailWithTrace(found(await room.file(scope, idIn(request), into)))
}
