// How visitors come in: which inbox a path names, from which websites it may be asked (CORS), and which visitor.

import type { Request as HttpRequest, RequestHandler, Response } from 'express'

import type { Ledger } from '../../conversations/ledger.ts'
import type { Door, Visitor } from '../../conversations/visitors/visitors.ts'
import type { InboxRow } from '../../conversations/rows.ts'
import { ApiFault, found } from '../request/fault.ts'
import { strangerOf, within, type Limits } from '../request/limits.ts'
import type { Request } from '../request/route.ts'

export interface Entry {
  readonly inbox: InboxRow
  /** The identifier or website token that they came with. */
  readonly identifier: string
}

export interface DoorDeps {
  readonly ledger: Pick<Ledger, 'visitors'>
  readonly limits: Pick<Limits, 'contact' | 'isProxy'>
}

/** The inbox that the path names. Throws 404, 403 for a website that may not embed it, 429 for an address that asks too often without a visitor. */
export async function getDoor({ ledger, limits }: DoorDeps, { params, http }: Request): Promise<Entry> {
  await within(limits.contact, params['sourceId'] === undefined ? `address ${strangerOf(http, limits)}` : `visitor ${params['inboxIdentifier'] ?? ''} ${params['sourceId']}`)
  const identifier = params['inboxIdentifier'] ?? ''
  const door = found(await ledger.visitors.findDoor(identifier))
  if (!mayEmbed(door, http)) throw new ApiFault('forbidden', { error: 'This website may not use the inbox: it is not among its authorized domains' })
  return { inbox: door.inbox, identifier }
}

/** The visitor whose source id the path names. Throws as `getDoor` does, or 404. */
export async function getVisitor(deps: DoorDeps, request: Request): Promise<Entry & { readonly visitor: Visitor }> {
  const entry = await getDoor(deps, request)
  return { ...entry, visitor: found(await deps.ledger.visitors.findVisitor(entry.inbox, request.params['sourceId'] ?? '')) }
}

function mayEmbed({ authorizedDomains }: Door, http: HttpRequest): boolean {
  const origin = http.headers.origin
  if (authorizedDomains === null || origin === undefined) return true
  const host = URL.canParse(origin) ? new URL(origin).host.toLowerCase() : ''
  const bare = host.replace(/:\d+$/, '')
  return authorizedDomains.some((domain) => {
    const name = domain.toLowerCase()
    return name.startsWith('*.') ? bare.endsWith(name.slice(1)) : name === host || name === bare
  })
}

/** Lets pages of any website ask; whether they may is decided with the inbox. No cookie is ever read. */
export const allowPages: RequestHandler = (...[request, response, next]) => {
  const { origin } = request.headers
  if (origin !== undefined) response.set({ 'access-control-allow-origin': origin, vary: 'Origin' })
  if (request.method === 'OPTIONS') answerPreflight(response)
  else next()
}

function answerPreflight(response: Response): void {
  response.set({ 'access-control-allow-methods': 'GET, POST, PUT, PATCH, DELETE', 'access-control-allow-headers': 'content-type, last-event-id', 'access-control-max-age': '7200' })
  response.status(204).end()
}
