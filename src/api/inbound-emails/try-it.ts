// Try it: explains a mail, or hands one over as an MTA would. As a raw message, or as a few fields that are composed
// here.

import { found, unprocessable } from '../input/fault.ts'
import { list as listOfText, text } from '../input/fields.ts'
import {
  explanationShape,
  inboundEmailWithTraceShape,
  presentExplanation,
  presentInboundEmailWithTrace,
} from '../present/inbound-email.ts'
import type { ExplainRequest, InboundEmails } from '../present/inbound-email-access.ts'
import { readBytes } from '../request/body.ts'
import type { Given, Route } from '../request/route.ts'
import { forAdministrators, type Scoped } from './scoped-routes.ts'

export interface InboundEmailDeps {
  readonly inboundEmails: InboundEmails
  /** Largest mail to explain or to hand over. */
  readonly maxUploadBytes: number
}

const fields = { sender: text, recipient: listOfText }
const spec = { tag: 'Inbound emails', takes: fields, reads: 'message/rfc822' } as const
const composedFields = { from: text, to: listOfText, subject: text, text, in_reply_to: text }

export function tryRoutes({ inboundEmails, maxUploadBytes }: InboundEmailDeps): Route[] {
  return [
    ...forAdministrators(
      'POST /inbound_emails/explain',
      { ...spec, summary: 'Explain what would happen to a mail; nothing is stored', answer: explanationShape },
      async (request) =>
        presentExplanation(await inboundEmails.explain(request.scope, await readMail(request, maxUploadBytes))),
    ),
    ...forAdministrators(
      'POST /inbound_emails',
      {
        ...spec,
        summary: 'Submit a mail as an MTA would; its author is not authenticated',
        answer: inboundEmailWithTraceShape,
      },
      async (request) =>
        presentInboundEmailWithTrace(
          found(await inboundEmails.submitMail(request.scope, await readMail(request, maxUploadBytes))),
        ),
    ),
    ...forAdministrators(
      'POST /inbound_emails/compose',
      {
        tag: spec.tag,
        summary: 'Create a mail from these fields, and submit it as an MTA would',
        takes: composedFields,
        answer: inboundEmailWithTraceShape,
      },
      async ({ scope, given }) => {
        const composed = composedOf(given)
        const mail = { raw: inboundEmails.compose(composed), sender: composed.from, recipients: composed.to }
        return presentInboundEmailWithTrace(found(await inboundEmails.submitMail(scope, mail)))
      },
    ),
  ]
}

async function readMail(
  { given: { sender, recipient }, http, bodyBudget }: Scoped & { readonly given: Given<typeof fields> },
  maxBytes: number,
): Promise<ExplainRequest> {
  // The given fields do not make a mail.
  const isMail = !/json|form/i.test(http.headers['content-type'] ?? '')
  const raw = isMail ? await readBytes(http, { maxBytes, bodyBudget }) : Buffer.alloc(0)
  if (raw.length === 0) throw unprocessable('Send the mail as the body, with Content-Type: message/rfc822')
  // As in X-Envelope-From: given but empty, or <>, is the null reverse-path of bounces.
  return { raw, sender: sender?.trim() === '<>' ? '' : (sender ?? null), recipients: recipient ?? [] }
}

function composedOf(given: Given<typeof composedFields>) {
  const from = given.from?.trim() ?? ''
  const to = (given.to ?? []).map((address) => address.trim()).filter((address) => address !== '')
  for (const address of [from, ...to])
    if (!/^[^\s<>@]+@[^\s<>@]+$/.test(address)) throw unprocessable(`"${address}" is not an email address`)
  if (to.length === 0) throw unprocessable('param is missing or the value is empty: to')
  return { from, to, subject: given.subject ?? '', text: given.text ?? '', inReplyTo: idOf(given.in_reply_to) }
}

function idOf(given: string | null | undefined): string | null {
  const id = given?.trim().replace(/^<|>$/g, '') ?? ''
  return id === '' ? null : id
}
