// …/inbound_emails: accepted mail with its outcome and trace. Members see and handle the mail of their inboxes; raw
// messages, which hold reply addresses, and actions that send or delete are for administrators. /inbound_emails: the
// same for administrators of the installation, including mail of no account.

import type { InboundEmail, Scope } from '../../contracts/inbound-email.ts'
import { found, notAllowed, unprocessable } from '../input/fault.ts'
import { flag, recordId } from '../input/fields.ts'
import { inboundEmailWithTraceShape, presentInboundEmailWithTrace } from '../present/inbound-email.ts'
import type { ActingPerson, InboundEmails } from '../present/inbound-email-access.ts'
import type { Given, Route, Send } from '../request/route.ts'
import { countNeeding, list, listFields, listShape, needingShape } from './inbound-email-list.ts'
import { candidatesShape, listCandidates, parse, parsedShape } from './look-closer.ts'
import { forAdministrators, forMembers, idIn, type Scoped } from './scoped-routes.ts'
import { type InboundEmailDeps, tryRoutes } from './try-it.ts'

const one = '/inbound_emails/:id'
const fileFields = { conversation_id: recordId, account_id: recordId, send: flag }
const openFields = { inbox_id: recordId }
const answer = inboundEmailWithTraceShape
const spec = { tag: 'Inbound emails', takes: {} } as const

export function inboundEmailRoutes(deps: InboundEmailDeps): Route[] {
  const { inboundEmails } = deps
  return [
    ...forMembers(
      'GET /inbound_emails',
      { ...spec, summary: 'List accepted mail with its state, newest first', takes: listFields, answer: listShape },
      (request) => list(inboundEmails, request),
    ),
    ...forMembers(
      'GET /inbound_emails/meta',
      { ...spec, summary: 'Count the mail that needs a person; exact up to 10,000', answer: needingShape },
      (request) => countNeeding(inboundEmails, request),
    ),
    ...tryRoutes(deps),
    ...forMembers(
      `GET ${one}`,
      { ...spec, summary: 'Get an inbound email with its trace', answer },
      mail(inboundEmails.find),
    ),
    ...forAdministrators(
      `GET ${one}/raw`,
      { ...spec, summary: 'Get the raw message as received', sends: 'message/rfc822', answer: undefined },
      (request) => raw(inboundEmails, request),
    ),
    ...forMembers(
      `GET ${one}/candidates`,
      { ...spec, summary: 'List the conversations into which a mail may belong, best first', answer: candidatesShape },
      (request) => listCandidates(inboundEmails, request),
    ),
    ...forMembers(
      `GET ${one}/parsed`,
      {
        ...spec,
        summary: 'Show the parsed parts of a mail, with reply addresses masked',
        answer: parsedShape,
      },
      (request) => parse(inboundEmails, request),
    ),
    ...filingRoutes(inboundEmails),
    ...settingAsideRoutes(inboundEmails),
    ...forAdministrators(
      `DELETE ${one}`,
      {
        ...spec,
        summary: 'Delete an inbound email permanently, with its raw message and everything made of it',
        answer: undefined,
      },
      async (request) => {
        if (!(await inboundEmails.incinerate(request.scope, idIn(request)))) found(null)
        return undefined
      },
    ),
  ]
}

function filingRoutes(inboundEmails: InboundEmails): Route[] {
  return [
    ...forMembers(
      `POST ${one}/replay`,
      { ...spec, summary: 'Process an inbound email again; a message is never appended twice', answer },
      mail(inboundEmails.replay),
    ),
    ...forMembers(
      `POST ${one}/file`,
      {
        ...spec,
        summary: 'File a held mail into a conversation; with `send`, send an agent’s answer on to the customer',
        takes: fileFields,
        answer,
      },
      (request) => file(inboundEmails, request),
    ),
    ...forMembers(
      `DELETE ${one}/file`,
      { ...spec, summary: 'Undo the filing of a mail', answer },
      mail(inboundEmails.unfile),
    ),
    ...forMembers(
      `POST ${one}/open`,
      {
        ...spec,
        summary: 'Open a conversation with the author of a mail that was not delivered',
        takes: openFields,
        answer,
      },
      async (request) =>
        presentInboundEmailWithTrace(
          found(await inboundEmails.open(request.scope, idIn(request), request.given.inbox_id ?? null)),
        ),
    ),
    ...forMembers(
      `DELETE ${one}/open`,
      { ...spec, summary: 'Undo the opening; refused once something else has happened in the conversation', answer },
      mail(inboundEmails.unopen),
    ),
  ]
}

function settingAsideRoutes(inboundEmails: InboundEmails): Route[] {
  return [
    ...forMembers(
      `POST ${one}/discard`,
      { ...spec, summary: 'Settle a held or failed mail as ignored; it is kept until `incinerates_at`', answer },
      mail(inboundEmails.discard),
    ),
    ...forMembers(
      `DELETE ${one}/discard`,
      { ...spec, summary: 'Undo the discarding', answer },
      mail(inboundEmails.undiscard),
    ),
    ...forMembers(
      `POST ${one}/block`,
      { ...spec, summary: 'Ignore a mail and all further mail of its sender in the account', answer },
      mail(inboundEmails.block),
    ),
    ...forMembers(
      `DELETE ${one}/block`,
      { ...spec, summary: 'Unblock the sender', answer },
      mail(inboundEmails.unblock),
    ),
  ]
}

function mail(action: (scope: Scope, id: number, by: ActingPerson) => Promise<InboundEmail | null>) {
  return async (request: Scoped) =>
    presentInboundEmailWithTrace(found(await action(request.scope, idIn(request), request.by)))
}

// Untrusted bytes: never rendered as a page of this origin.
async function raw(inboundEmails: InboundEmails, { scope, ...request }: Scoped): Promise<Send> {
  const id = idIn({ ...request })
  const bytes = found(await inboundEmails.readRaw(scope, id))
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

async function file(
  inboundEmails: InboundEmails,
  { scope, given: fields, ...request }: Scoped & { readonly given: Given<typeof fileFields> },
) {
  if (fields.conversation_id === undefined)
    throw unprocessable('param is missing or the value is empty: conversation_id')
  // The agent who sends it on vouches for its author.
  if (fields.send === true && scope.agent !== undefined) throw notAllowed()
  const into = {
    accountId: scope.accountId ?? fields.account_id ?? null,
    conversationDisplayId: fields.conversation_id,
    ...(fields.send === true ? { sendAsAgent: true } : {}),
  }
  return presentInboundEmailWithTrace(found(await inboundEmails.file(scope, idIn({ ...request }), into)))
}
