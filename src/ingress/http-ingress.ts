// The one recipe of every HTTP ingress: authenticate → read → verify → extract → accept → status. Adapters differ in
// the first words and the last; this file does the rest. Express mounts it (routes.ts) before any body parser.
// Statuses: what the adapter's `answers` say of an outcome, because a 4xx deletes mail at one provider and a 5xx at
// another; 404 for a service that is off and for every other method, before anything else is looked at.

import type { Request, RequestHandler, Response } from 'express'

import type { MailEvent } from '../contracts/mail-event.ts'
import { MailError, statusOf, toMailError } from '../errors.ts'
import { addressKey, clientAddressOf, type IsProxy } from '../http-client/client-address.ts'
import type { Facts, Log } from '../log.ts'
import type { MailNotice, Submission } from '../mail/envelope.ts'
import type { Accept, Accepted } from '../store/accept.ts'
import type { AcceptNotice } from '../store/accept-notice.ts'
import type { Answer } from './answer.ts'
import { sendAnswer } from './answer.ts'
import type { Delivery } from './delivery.ts'
import { createDelivery } from './delivery.ts'
import type { FetchedMail } from './fetching/fetched-mail.ts'
import type { Guesses } from './guesses.ts'
import { isQuarantined, quarantine } from './quarantine.ts'
import { readBody } from './reading/body.ts'
import { maxRequestBytes, type RequestBounds } from './reading/bounds.ts'
import type { IntakeLimits } from './reading/intake.ts'
import { logRefusal } from './refusal.ts'

/**
 * The outcome of a request in terms that hold for every provider. `unread`: refused for its size or coding, nothing of
 * it is stored; `forged`: its signature is wrong (without any credentials it is `unauthenticated`); `misconfigured`:
 * the configured key is missing.
 */
export type Outcome =
  | 'accepted'
  | 'duplicate'
  | 'reject-permanent'
  | 'unread'
  | 'retry-later'
  | 'unauthenticated'
  | 'forged'
  | 'misconfigured'

/** The HTTP status of each outcome; 'as-error' = the status of the error in errors.ts. */
export type Answers = Readonly<Record<Outcome, number | 'as-error'>>

/** One provider. Everything else is the same for all of them. */
export interface IngressAdapter {
  readonly service: string
  /** Further endings of both paths that mean the same (`/mime`). */
  readonly endings?: readonly string[]
  readonly answers: Answers
  /** The limits of one request, enforced before anything of it is parsed. */
  readonly bounds?: RequestBounds
  /** Sent with an `unauthenticated` answer. */
  readonly challenge?: string
  /** Answers a GET or HEAD by which the provider looks whether we are there: 200. Others get 404. */
  readonly isProbed?: boolean
  /** Judges the headers, before a byte of the body is read. Throws `MailError`. */
  readonly authenticate: (request: Request) => void | Promise<void>
  /**
   * Judges a signature over the body, where there is one. Throws `MailError`; what cannot be read here is not
   * authenticated.
   */
  readonly verify?: (delivery: Delivery) => void | Promise<void>
  /**
   * The mails of one request, envelope and exact bytes, or where to fetch them. Throws `MailError`: then none of them
   * is accepted.
   */
  readonly extract: (
    delivery: Delivery,
  ) => readonly (Submission | MailNotice)[] | Promise<readonly (Submission | MailNotice)[]>
  /** Fetches a mail that `extract` only had a pointer to. Throws `MailError`. */
  readonly fetchMail?: (pointer: MailNotice['pointer']) => Promise<FetchedMail>
  /** The webhooks about mail that the provider sent for us, at `/ingress/<service>/events`. */
  readonly events?: {
    /** Default: as for mail. */
    readonly verify?: (delivery: Delivery) => void | Promise<void>
    /** Throws `MailError`. */
    readonly read: (delivery: Delivery) => readonly MailEvent[] | Promise<readonly MailEvent[]>
  }
  /** Identifiers of an accepted mail for the log, beside its id, to find it again at the sender. */
  readonly logFacts?: (request: Request) => Facts
}

export interface IngressDependencies {
  readonly accept: Accept
  readonly acceptNotice: AcceptNotice
  readonly log: Log
  readonly limits: IntakeLimits
  readonly guesses: Guesses
  /** True if an address is one of TRUSTED_RELAYS. */
  readonly isTrusted: IsProxy
  /** Called with the outcome of each request, for `doctor`. Never throws. */
  readonly note: (service: string, refusal: string | null) => void
}

/**
 * The request handler of one adapter. Never passes an error on: every request that can be answered is answered here.
 */
export function createIngressHandler(adapter: IngressAdapter, dependencies: IngressDependencies): RequestHandler {
  return async (request, response) => {
    if (request.method !== 'POST') {
      const isProbe = adapter.isProbed === true && ['GET', 'HEAD'].includes(request.method)
      sendAnswer(request, response, isProbe ? { status: 200, body: { ids: [], duplicate: false } } : notFound)
      return
    }
    try {
      const accepted = await takeIn(adapter, dependencies, request)
      if (accepted === null) return
      dependencies.note(adapter.service, null)
      sendAnswer(request, response, success(adapter, accepted))
    } catch (error) {
      refuse({ adapter, dependencies, error }, request, response)
    }
  }
}

/** 404 for unknown and disabled ingresses. */
export const notFound: Answer = { status: 404, body: { error: 'No such ingress here' } }

async function takeIn(
  adapter: IngressAdapter,
  dependencies: IngressDependencies,
  request: Request,
): Promise<Accepted[] | null> {
  const { limits, log } = dependencies
  await authenticate(adapter, dependencies.guesses, request)
  const bounds = adapter.bounds ?? { growth: 1 }
  const budget = limits.budget.shareFor(...shareOf(adapter, dependencies, request))
  const intake = await readBody(request, { ...limits, budget, maxBytes: maxRequestBytes(bounds, limits.maxBytes) })
  if (intake === null) {
    log.info('request-failed', { ingress: adapter.service, problem: 'the client left before the end of the body' })
    return null
  }
  try {
    const delivery = createDelivery(request, intake.take(), bounds)
    await verify(adapter, delivery)
    return await acceptAll(adapter, dependencies, delivery)
  } finally {
    intake.release()
  }
}

// A client whose headers prove its identity is trusted from here; one that signs the body only after it is read.
function shareOf(
  adapter: IngressAdapter,
  { isTrusted }: IngressDependencies,
  request: Request,
): [client: string, isTrusted: boolean] {
  const address = clientAddressOf(request, isTrusted)
  return [addressKey(address), isTrusted(address) || adapter.verify === undefined]
}

async function authenticate(adapter: IngressAdapter, guesses: Guesses, request: Request): Promise<void> {
  guesses.admit(request)
  try {
    await adapter.authenticate(request)
  } catch (error) {
    if (error instanceof MailError && error.kind === 'unauthenticated') guesses.note(request)
    throw error
  }
}

// A request with an unreadable signature is not authenticated.
async function verify(adapter: IngressAdapter, delivery: Delivery): Promise<void> {
  try {
    await adapter.verify?.(delivery)
  } catch (error) {
    throw error instanceof MailError && error.kind === 'malformed'
      ? new MailError('unauthenticated', error.message, { publicMessage: error.publicMessage })
      : error
  }
}

// All at once: they share commits. If one fails, the retry brings the others again and finds them as duplicates.
async function acceptAll(
  adapter: IngressAdapter,
  dependencies: IngressDependencies,
  delivery: Delivery,
): Promise<Accepted[]> {
  const { accept, acceptNotice, log, limits } = dependencies
  const mails = await extract(adapter, delivery)
  // Rejecting one mail of a batch would repeat all the others: stored mail is kept.
  const isBatch = mails.length > 1
  const accepted = await Promise.allSettled(
    mails.map(async (mail) => {
      if ('pointer' in mail) return logAccepted(await acceptNotice(mail), 0)
      if (mail.raw.length > limits.maxBytes && !isBatch && !isQuarantined(mail))
        throw new MailError('too-large', `a mail of ${String(mail.raw.length)} bytes`)
      return logAccepted(await accept(mail), mail.raw.length)
    }),
  )
  return accepted.flatMap((one) => {
    if (one.status === 'fulfilled') return one.value
    if (isBatch && isUnknownRecipient(one.reason)) return []
    throw one.reason
  })

  function logAccepted(result: Accepted, size: number): Accepted {
    log.info('accepted', { ingress: adapter.service, ...adapter.logFacts?.(delivery.request), ...result, size })
    return result
  }
}

// If only an acknowledgement ends a provider's retries, an unreadable request is kept for a person.
async function extract(adapter: IngressAdapter, delivery: Delivery): Promise<readonly (Submission | MailNotice)[]> {
  try {
    return await adapter.extract(delivery)
  } catch (error) {
    const fault = toMailError(error)
    if (outcomeOf(fault) !== 'reject-permanent' || adapter.answers['reject-permanent'] !== 200) throw fault
    return [quarantine(adapter.service, delivery.body, fault.message)]
  }
}

function success(adapter: IngressAdapter, accepted: readonly Accepted[]): Answer {
  const duplicate = accepted.length > 0 && accepted.every((result) => result.duplicate)
  const status = adapter.answers[duplicate ? 'duplicate' : 'accepted']
  const ids = accepted.map((result) => result.id)
  return {
    status: status === 'as-error' ? 200 : status,
    headers: ids.length === 0 ? {} : { 'X-Inbound-Email-Id': ids.slice(0, 100).join(', ') },
    body: status === 204 ? null : { ids, duplicate },
  }
}

interface Refusal {
  readonly adapter: IngressAdapter
  readonly dependencies: IngressDependencies
  readonly error: unknown
}

function refuse({ adapter, dependencies, error }: Refusal, request: Request, response: Response): void {
  const mailError = toMailError(error)
  const own = statusOf(mailError)
  const outcome = outcomeOf(mailError)
  const answer = adapter.answers[outcome]
  const status = answer === 'as-error' ? own.http : answer
  logRefusal(dependencies.log, { ingress: adapter.service, outcome, status }, error)
  // Strangers choose whom they write to: that says nothing of the service.
  dependencies.note(adapter.service, isUnknownRecipient(error) ? null : `${outcome}: ${mailError.message}`)
  const headers = {
    ...(own.retry && status >= 429 ? { 'Retry-After': '30' } : {}),
    ...(outcome === 'unauthenticated' && adapter.challenge !== undefined
      ? { 'WWW-Authenticate': adapter.challenge }
      : {}),
  }
  sendAnswer(request, response, { status, headers, body: { error: mailError.publicMessage } })
}

function isUnknownRecipient(error: unknown): boolean {
  return error instanceof MailError && error.kind === 'unknown-recipient'
}

function outcomeOf(error: MailError): Outcome {
  if (error.kind === 'unauthenticated' || error.kind === 'misconfigured') return error.kind
  if (error.kind === 'forbidden') return 'forged'
  if (error.kind === 'too-large' || error.kind === 'unsupported-media') return 'unread'
  return statusOf(error).retry ? 'retry-later' : 'reject-permanent'
}
