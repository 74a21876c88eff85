// One way to serve a request: authenticate the caller, read the input, check it against the route's declaration, run
// the handler, answer. Resources are lists of such routes; anything thrown goes to the error handler, a handler without
// a result answers 200 with an empty body (`head :ok`). The declaration of a route is also its entry in
// /api/openapi.json (openapi/document.ts).

import express from 'express'
import type { z } from 'zod'

import type { IdempotencyKeys } from '../../conversations/retries/idempotency-keys.ts'
import type { RetryGuard } from '../../conversations/retries/retry-guards.ts'
import { addressKey, clientAddressOf, type IsProxy } from '../../http-client/client-address.ts'
import {
  type Caller,
  type Gate,
  type Member,
  type MemberOrBot,
  requireAdministrator,
  requireInstallationAdministrator,
} from '../access/auth.ts'
import type { VisitorGate } from '../access/visitor-access.ts'
import { cleanParams } from '../input/clean.ts'
import { parseFields, unwrap } from '../input/fields.ts'
import { type Input, readInput } from './body.ts'
import { type BodyBudget, type Budgets, openBodyBudget } from './body-budget.ts'
import { callerBounds, strangerBounds } from './bounds.ts'
import { once } from './idempotency.ts'
import { type StoredBytes, storing } from './quota.ts'

type Method = 'get' | 'post' | 'put' | 'patch' | 'delete'
type Takes = z.ZodRawShape
type Verb = 'GET' | 'POST' | 'UPDATE' | 'DELETE'
type Name = `${Verb} ${string}`

/** A request with its parts read. */
export interface Request extends Input {
  readonly params: Readonly<Record<string, string>>
  readonly http: express.Request
  /** For what the handler itself reads of the body. */
  readonly bodyBudget: BodyBudget
  /** Names the request if it has an Idempotency-Key: its writes are recorded under this name. */
  readonly guard: RetryGuard | null
}
export type MemberRequest = Request & { readonly member: Member }
/** From a member or a bot. */
export type MemberOrBotRequest = Request & { readonly member: MemberOrBot }
/** The route's input, parsed. */
export type Given<Shape extends Takes> = z.output<z.ZodObject<Shape>>

/** An answer that is not JSON. */
export type Send = (response: express.Response) => void
type Answer = object | null | undefined

/** The description of a route. */
export interface RouteSpec<Shape extends Takes = Takes, Answers extends z.ZodType | undefined = z.ZodType | undefined> {
  /** The tag of the operation. */
  readonly tag: string
  readonly summary: string
  /** Fields of query and body together, by name; all others are ignored. */
  readonly takes?: Shape
  /** The record's name, under which its fields may also be nested. */
  readonly under?: string
  /** The form may contain files. */
  readonly files?: true
  /** Shape of the JSON answer; none = 200 with an empty body. */
  readonly answer?: Answers
  /** Shape of a 206, which asks for a further factor. */
  readonly partial?: z.ZodType
  /** Media type of an answer that is not JSON. */
  readonly sends?: string
  /** Media type of a body that is neither a form nor JSON, and is left to the handler. */
  readonly reads?: string
}

/** The callers that a route admits; `anyone` needs no token. */
export type Audience = 'anyone' | 'caller' | 'member' | 'member-or-bot' | 'administrator' | 'installation-administrator'

interface Deps {
  readonly gate: Gate
  readonly visitorGate: VisitorGate
  readonly maxUploadBytes: number
  readonly budgets: Budgets
  readonly isProxy: IsProxy
  readonly stored: StoredBytes
  readonly idempotencyKeys: IdempotencyKeys
}

export interface Route {
  readonly methods: readonly Method[]
  readonly path: string
  readonly spec: RouteSpec
  readonly audience: Audience
  readonly serve: (deps: Deps, http: express.Request) => Promise<Answer | Send>
}

type Result<Answers> = Answers extends z.ZodType ? z.output<Answers> | Send : undefined | Send
/** The handler of a route. */
export type Handler<Asked, Shape extends Takes, Answers> = (
  request: Asked & { readonly given: Given<Shape> },
) => Promise<Result<Answers>> | Result<Answers>
type Admit<Who> = (deps: Deps, http: express.Request) => Promise<Who>

// PUT and PATCH both reach every update.
const methodsOf: Readonly<Record<Verb, readonly Method[]>> = {
  GET: ['get'],
  POST: ['post'],
  UPDATE: ['put', 'patch'],
  DELETE: ['delete'],
}

/**
 * A kind of route: the callers that it admits, and the context that its handlers receive besides the request. `base`
 * precedes every path.
 */
function kindOf<Who extends object>(audience: Audience, base: string, admit: Admit<Who>) {
  return <const Shape extends Takes = Record<string, never>, Answers extends z.ZodType | undefined = undefined>(
    name: Name,
    spec: RouteSpec<Shape, Answers>,
    handle: Handler<Request & Who, Shape, Answers>,
  ): Route => {
    const space = name.indexOf(' ')
    return {
      methods: methodsOf[name.slice(0, space) as Verb],
      path: `${base}${name.slice(space + 1)}`,
      spec,
      audience,
      serve: async (deps, http) => {
        const who = await admit(deps, http)
        const budget = audience === 'anyone' ? deps.budgets.strangers : deps.budgets.callers
        const bodyBudget = openBodyBudget(budget.shareFor(addressKey(clientAddressOf(http, deps.isProxy))))
        try {
          const input = await readInput(http, {
            maxUploadBytes: deps.maxUploadBytes,
            takesFiles: spec.files === true,
            bodyIsFields: spec.reads === undefined,
            bodyBudget,
            bounds: audience === 'anyone' ? strangerBounds : callerBounds,
          })
          const given = parseFields(
            spec.takes ?? ({} as Shape),
            spec.under === undefined ? input.fields : unwrap(input.fields, spec.under),
          )
          const asked = { ...input, params: cleanParams(http.params), http, bodyBudget, ...who, given }
          const { idempotencyKeys } = deps
          return await once(idempotencyKeys, { http, input, who, bodyIsFields: spec.reads === undefined }, (guard) =>
            storing(
              deps,
              { http, who, bytes: bodyBudget.taken() },
              async () => (await handle({ ...asked, guard })) as Answer | Send,
            ),
          )
        } finally {
          bodyBudget.release()
        }
      },
    }
  }
}

const visitorBase = '/public/api/v1/inboxes/:inboxIdentifier'

/** A public route of the inbox that the path names. */
export const forPublic = kindOf('anyone', visitorBase, ({ visitorGate }, http) => visitorGate.admit(http))

/** As `forPublic`, for the visitor whom the path names; its path is below /contacts/:sourceId. */
export const forVisitor = kindOf('anyone', `${visitorBase}/contacts/:sourceId`, ({ visitorGate }, http) =>
  visitorGate.admitVisitor(http),
)

/** A route for anyone with a valid token. */
export const forCaller = kindOf('caller', '/api/v1', async ({ gate }, http) => ({ caller: await gate.identify(http) }))

/** A route for administrators of the installation. */
export const forInstallation = kindOf('installation-administrator', '/api/v1', admitInstallationAdministrator)

/** As `forInstallation`, under the paths of Chatwoot's platform API, which browsers do not use: a cookie is ignored. */
export const forPlatform = kindOf('installation-administrator', '/platform/api/v1', async ({ gate }, http) => {
  const caller = await gate.identify(http, { cookies: false })
  requireInstallationAdministrator(caller)
  return { caller }
})

/** A route that signs in: for anyone. */
export const forSignIn = kindOf('anyone', '/auth', () => Promise.resolve({}))

/** A route for members of the account that the path names; its path is below /accounts/:accountId. */
export const forMember = kindOf('member', '/api/v1/accounts/:accountId', async ({ gate }, http) => ({
  member: await admitMember(gate, http),
}))

/** As `forMember`, and for bots of the account: elsewhere their tokens open nothing. */
export const forMemberOrBot = kindOf('member-or-bot', '/api/v1/accounts/:accountId', async ({ gate }, http) => ({
  member: await gate.admitAny(await gate.identifyAny(http), http.params['accountId']),
}))

/** As `forMember`, for its administrators only. */
export const forAdministrator = kindOf('administrator', '/api/v1/accounts/:accountId', admitAdministrator)

/** As `forAdministrator`, where Chatwoot counts its second version. */
export const forAdministratorV2 = kindOf('administrator', '/api/v2/accounts/:accountId', admitAdministrator)

async function admitAdministrator({ gate }: Deps, http: express.Request): Promise<{ member: Member }> {
  const member = await admitMember(gate, http)
  requireAdministrator(member)
  return { member }
}

async function admitInstallationAdministrator({ gate }: Deps, http: express.Request): Promise<{ caller: Caller }> {
  const caller = await gate.identify(http)
  requireInstallationAdministrator(caller)
  return { caller }
}

async function admitMember(gate: Gate, http: express.Request): Promise<Member> {
  return gate.admit(await gate.identify(http), http.params['accountId'])
}

// Fixed segments before parameters, whatever the order in which the resources are listed: /contacts/search is not an
// id.
function byPath(one: Route, other: Route): number {
  const shape = ({ path }: Route): string => path.replace(/:\w+/g, '\uffff')
  if (shape(one) === shape(other)) return 0
  return shape(one) < shape(other) ? -1 : 1
}

/** A router that serves `routes`; trailing slashes do not matter. */
export function mountRoutes(routes: readonly Route[], deps: Deps): express.Router {
  const router = express.Router()
  for (const route of routes.toSorted(byPath)) {
    const handle: express.RequestHandler = async (http, response) => {
      const answer = await route.serve(deps, http)
      if (typeof answer === 'function') answer(response)
      else if (answer === undefined) response.status(200).end()
      else response.json(answer)
    }
    for (const method of route.methods) router[method](route.path, handle)
  }
  return router
}
