// The one recipe of every HTTP ingress: authenticate → read → verify → extract → accept → status. Adapters differ in the first words and the last;
// this file does the rest. Express mounts it (routes.ts) before any body parser.
// Statuses: what the adapter's `answers` say of an outcome, because a 4xx deletes mail at one provider and a 5xx at another;
// 404 for a service that is off and for every other method, before anything else is looked at.

import type { Request, RequestHandler, Response } from 'express'

import type { IngressService } from '../config.ts'
import type { Facts, Log } from '../log.ts'
import type { Submission } from '../mail/envelope.ts'
import type { Accept, Accepted } from '../store/accept.ts'
import type { Answer } from './answer.ts'
import type { IntakeLimits } from './intake.ts'

import { MailError, statusOf, toMailError } from '../errors.ts'
import { sendAnswer } from './answer.ts'
import { readBody } from './body.ts'
import { logRefusal } from './refusal.ts'

/** What came of a request, in words that hold for every provider. */
type Outcome = 'accepted' | 'duplicate' | 'reject-permanent' | 'retry-later' | 'unauthenticated' | 'misconfigured'

/** One provider. Everything else is the same for all of them. */
export interface IngressAdapter {
  readonly service: IngressService
  /** Further endings of the Rails path that mean the same (`/mime`). */
  readonly endings?: readonly string[]
  /** The HTTP status of each outcome for this provider; 'as-error' = the status of the error in errors.ts. */
  readonly answers: Readonly<Record<Outcome, number | 'as-error'>>
  /** Sent with an `unauthenticated` answer. */
  readonly challenge?: string
  /** Judges the headers, before a byte of the body is read. Throws `MailError`. */
  readonly authenticate: (request: Request) => void | Promise<void>
  /** Judges a signature over the body, where there is one. Throws `MailError`. */
  readonly verify?: (body: Buffer, request: Request) => void | Promise<void>
  /** The mails of one request, envelope and exact bytes. Throws `MailError`: then none of them is accepted. */
  readonly extract: (body: Buffer, request: Request) => readonly Submission[] | Promise<readonly Submission[]>
  /** What the log may say of an accepted mail beside its id, to find it again at the sender. */
  readonly logFacts?: (request: Request) => Facts
}

export interface IngressDependencies {
  readonly accept: Accept
  readonly log: Log
  readonly limits: IntakeLimits
}

/** The request handler of one adapter. Never passes an error on: every request that can be answered is answered here. */
export function createIngressHandler(adapter: IngressAdapter, dependencies: IngressDependencies): RequestHandler {
  return async (request, response) => {
    if (request.method !== 'POST') {
      sendAnswer(request, response, notFound)
      return
    }
    try {
      const accepted = await takeIn(adapter, dependencies, request)
      if (accepted !== null) sendAnswer(request, response, success(adapter, accepted))
    } catch (error) {
      refuse({ adapter, log: dependencies.log, error }, request, response)
    }
  }
}

/** 404 for what is not there or switched off. */
export const notFound: Answer = { status: 404, body: { error: 'No such ingress here' } }

async function takeIn(adapter: IngressAdapter, { accept, log, limits }: IngressDependencies, request: Request): Promise<Accepted[] | null> {
  await adapter.authenticate(request)
  const intake = await readBody(request, limits)
  if (intake === null) {
    log.info('request-failed', { ingress: adapter.service, problem: 'the client left before the end of the body' })
    return null
  }
  try {
    const body = intake.take()
    await adapter.verify?.(body, request)
    const accepted: Accepted[] = []
    // One after another: if the second fails, the retry brings the first again and finds it as a duplicate.
    for (const submission of await adapter.extract(body, request)) {
      const result = await accept(submission)
      log.info('accepted', { ingress: adapter.service, ...adapter.logFacts?.(request), ...result, size: submission.raw.length })
      accepted.push(result)
    }
    return accepted
  } finally {
    intake.release()
  }
}

function success(adapter: IngressAdapter, accepted: readonly Accepted[]): Answer {
  const duplicate = accepted.length > 0 && accepted.every((result) => result.duplicate)
  const status = adapter.answers[duplicate ? 'duplicate' : 'accepted']
  const ids = accepted.map((result) => result.id)
  return {
    status: status === 'as-error' ? 200 : status,
    headers: ids.length === 0 ? {} : { 'X-Inbound-Email-Id': ids.join(', ') },
    body: status === 204 ? null : { ids, duplicate },
  }
}

function refuse({ adapter, log, error }: { adapter: IngressAdapter; log: Log; error: unknown }, request: Request, response: Response): void {
  const mailError = toMailError(error)
  const own = statusOf(mailError)
  const outcome = outcomeOf(mailError)
  const answer = adapter.answers[outcome]
  const status = answer === 'as-error' ? own.http : answer
  logRefusal(log, { ingress: adapter.service, outcome, status }, error)
  const headers = {
    ...(own.retry && status >= 429 ? { 'Retry-After': '30' } : {}),
    ...(outcome === 'unauthenticated' && adapter.challenge !== undefined ? { 'WWW-Authenticate': adapter.challenge } : {}),
  }
  sendAnswer(request, response, { status, headers, body: { error: mailError.publicMessage } })
}

function outcomeOf(error: MailError): Outcome {
  if (error.kind === 'unauthenticated' || error.kind === 'misconfigured') return error.kind
  return statusOf(error).retry ? 'retry-later' : 'reject-permanent'
}
