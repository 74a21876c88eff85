// One way to serve a request: find out who calls, read what they say, act, answer. Resources are lists of such routes;
// whatever is thrown goes to the error handler, an act without a result answers 200 with an empty body (`head :ok`).

import express from 'express'

import { requireAdministrator, requireInstallationAdministrator, type Caller, type Gate, type Member } from '../auth.ts'
import { readInput, type Input } from './body.ts'

type Method = 'get' | 'post' | 'put' | 'patch' | 'delete'

/** A request with its parts read. */
export interface Request extends Input {
  readonly params: Readonly<Record<string, string>>
  readonly http: express.Request
}
export type CallerRequest = Request & { readonly caller: Caller }
export type MemberRequest = Request & { readonly member: Member }

/** An answer that is not JSON. */
export type Send = (response: express.Response) => void
type Answer = object | null | undefined

interface Ground {
  readonly gate: Gate
  readonly maxUploadBytes: number
}

export interface Route {
  readonly methods: readonly Method[]
  /** Below /api/v1. */
  readonly path: string
  readonly serve: (ground: Ground, http: express.Request) => Promise<Answer | Send>
}

type Act<Given> = (request: Given) => Promise<Answer | Send> | Answer | Send
type Verb = 'GET' | 'POST' | 'UPDATE' | 'DELETE'

// PUT and PATCH both reach every update.
const methodsOf: Readonly<Record<Verb, readonly Method[]>> = { GET: ['get'], POST: ['post'], UPDATE: ['put', 'patch'], DELETE: ['delete'] }

function split(name: `${Verb} ${string}`): { methods: readonly Method[]; path: string } {
  const space = name.indexOf(' ')
  return { methods: methodsOf[name.slice(0, space) as Verb], path: name.slice(space + 1) }
}

/** A route for anyone with a valid token. */
export function forCaller(name: `${Verb} ${string}`, act: Act<CallerRequest>): Route {
  return {
    ...split(name),
    serve: async (ground, http) => {
      const caller = await ground.gate.identify(http)
      return act({ ...(await read(ground, http)), caller })
    },
  }
}

/** A route for administrators of the installation. */
export function forInstallation(name: `${Verb} ${string}`, act: Act<CallerRequest>): Route {
  return {
    ...split(name),
    serve: async (ground, http) => {
      const caller = await ground.gate.identify(http)
      requireInstallationAdministrator(caller)
      return act({ ...(await read(ground, http)), caller })
    },
  }
}

/** A route for members of the account that the path names; `path` is below /accounts/:accountId. */
export function forMember(name: `${Verb} ${string}`, act: Act<MemberRequest>): Route {
  return inAccount(name, act, () => undefined)
}

/** As `forMember`, for its administrators only. */
export function forAdministrator(name: `${Verb} ${string}`, act: Act<MemberRequest>): Route {
  return inAccount(name, act, requireAdministrator)
}

function inAccount(name: `${Verb} ${string}`, act: Act<MemberRequest>, check: (member: Member) => void): Route {
  const { methods, path } = split(name)
  return {
    methods,
    path: `/accounts/:accountId${path}`,
    serve: async (ground, http) => {
      const member = await ground.gate.admit(await ground.gate.identify(http), http.params['accountId'])
      check(member)
      return act({ ...(await read(ground, http)), member })
    },
  }
}

async function read(ground: Ground, http: express.Request): Promise<Request> {
  const params = Object.fromEntries(Object.entries(http.params).map(([name, value]) => [name, String(value)]))
  return { ...(await readInput(http, ground.maxUploadBytes)), params, http }
}

/** A router that serves `routes`; trailing slashes do not matter. */
export function mountRoutes(routes: readonly Route[], ground: Ground): express.Router {
  const router = express.Router()
  for (const route of routes) {
    const handle: express.RequestHandler = async (http, response) => {
      const answer = await route.serve(ground, http)
      if (typeof answer === 'function') answer(response)
      else if (answer === undefined) response.status(200).end()
      else response.json(answer)
    }
    for (const method of route.methods) router[method](route.path, handle)
  }
  return router
}
