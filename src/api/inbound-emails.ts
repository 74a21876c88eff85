// …/inbound_emails: accepted mail, what became of it and why (CONTRACT §3). For administrators: a mail may belong
// to an inbox that an agent does not see, and its octets hold reply addresses.
// /inbound_emails: the same for administrators of the installation, mail of no account included.

import { z } from 'zod'

import type { InboundEmailRoom, InboundEmailRow, InboundStatus, MailScope } from './inbound-email-room.ts'
import { inboundStatuses } from './inbound-email-room.ts'
import { explanationShape, inboundEmailShape, inboundEmailWithTraceShape, presentExplanation, presentInboundEmail, presentInboundEmailWithTrace } from './present/inbound-email.ts'
import { listOf } from './present/kinds.ts'
import { readBytes } from './request/body.ts'
import { found, unprocessable } from './request/fault.ts'
import { filledText, idOf, list as listOfText, recordId, text } from './request/fields.ts'
import { pageOf } from './request/paging.ts'
import { forAdministrator, forInstallation, type Act, type Given, type Request, type Route, type RouteSpec, type Send } from './request/route.ts'

interface Deps {
  readonly inboundEmails: InboundEmailRoom
  /** Largest mail to explain. */
  readonly maxUploadBytes: number
}

const pageSize = 25
const one = '/inbound_emails/:id'
const listFields = { status: filledText, reason: filledText, q: filledText, page: recordId }
const explainFields = { sender: text, recipient: listOfText }
const fileFields = { conversation_id: recordId, account_id: recordId }
const listShape = z.object({ meta: z.object({ count: z.int(), current_page: z.int() }), payload: listOf(inboundEmailShape) })
const answer = inboundEmailWithTraceShape

type Scoped<Asked> = Asked & { readonly scope: MailScope }

// The same twice: for an account's administrators, and for the installation's.
function twice<const Shape extends z.ZodRawShape, Answers extends z.ZodType | undefined>(name: Parameters<typeof forInstallation>[0], spec: RouteSpec<Shape, Answers>, act: Act<Scoped<Request>, Shape, Answers>): Route[] {
  return [
    forAdministrator(name, spec, (request) => act({ ...request, scope: { accountId: request.member.account.id } })),
    forInstallation(name, { ...spec, tag: 'Installation' }, (request) => act({ ...request, scope: { accountId: null } })),
  ]
}

export function inboundEmailRoutes(deps: Deps): Route[] {
  const { inboundEmails: room } = deps
  const mail = (act: (scope: MailScope, id: number) => Promise<InboundEmailRow | null>) => async (request: Scoped<Request>) => presentInboundEmailWithTrace(found(await act(request.scope, idIn(request))))
  const spec = { tag: 'Inbound emails', takes: {} } as const
  return [
    ...twice('GET /inbound_emails', { ...spec, summary: 'Accepted mail and what became of it, newest first', takes: listFields, answer: listShape }, (request) => list(room, request)),
    ...twice('POST /inbound_emails/explain', { ...spec, summary: 'What would become of a mail; nothing is written', takes: explainFields, reads: 'message/rfc822', answer: explanationShape }, (request) =>
      explain(deps, request),
    ),
    ...twice(`GET ${one}`, { ...spec, summary: 'One mail, with its trace', answer }, mail(room.find)),
    ...twice(`GET ${one}/raw`, { ...spec, summary: 'The octets as received', sends: 'message/rfc822', answer: undefined }, (request) => raw(room, request)),
    ...twice(`POST ${one}/replay`, { ...spec, summary: 'Runs it again; never appends twice', answer }, mail(room.replay)),
    ...twice(`POST ${one}/file`, { ...spec, summary: 'Files a held mail into a conversation', takes: fileFields, answer }, (request) => file(room, request)),
    ...twice(`DELETE ${one}/file`, { ...spec, summary: 'Takes a filing back', answer }, mail(room.unfile)),
    ...twice(`DELETE ${one}`, { ...spec, summary: 'Incinerates: raw and derived copies are gone', answer: undefined }, async (request) => {
      if (!(await room.incinerate(request.scope, idIn(request)))) found(null)
      return undefined
    }),
  ]
}

const idIn = (request: Request): number => idOf(request.params['id'])

async function list(room: InboundEmailRoom, { scope, given: fields, ...request }: Scoped<Request & { readonly given: Given<typeof listFields> }>) {
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
async function raw(room: InboundEmailRoom, { scope, ...request }: Scoped<Request>): Promise<Send> {
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

async function explain({ inboundEmails, maxUploadBytes }: Deps, { scope, given: { sender, recipient }, ...request }: Scoped<Request & { readonly given: Given<typeof explainFields> }>) {
  // Fields are no mail.
  const isMail = !/json|form/i.test(request.http.headers['content-type'] ?? '')
  const bytes = isMail ? await readBytes(request.http, { maxBytes: maxUploadBytes, charge: request.charge }) : Buffer.alloc(0)
  if (bytes.length === 0) throw unprocessable('Send the mail as the body, with Content-Type: message/rfc822')
  // As in X-Envelope-From: given but empty, or <>, is the null reverse-path of bounces.
  const reversePath = sender?.trim() === '<>' ? '' : (sender ?? null)
  return presentExplanation(await inboundEmails.explain(scope, { raw: bytes, sender: reversePath, recipients: recipient ?? [] }))
}

async function file(room: InboundEmailRoom, { scope, given: fields, ...request }: Scoped<Request & { readonly given: Given<typeof fileFields> }>) {
  if (fields.conversation_id === undefined) throw unprocessable('param is missing or the value is empty: conversation_id')
  const into = { accountId: scope.accountId ?? fields.account_id ?? null, conversationDisplayId: fields.conversation_id }
  return presentInboundEmailWithTrace(found(await room.file(scope, idIn(request), into)))
}
