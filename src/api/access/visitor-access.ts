// Access of visitors, before their body is read: the rate of their address, which inbox a path
// names, from which websites it may be asked (CORS), and which visitor.

import type { Request as HttpRequest, RequestHandler, Response } from 'express'

import type { InboxRow } from '../../conversations/records/rows.ts'
import type { Visitor } from '../../conversations/visitors/visitor.ts'
import type { WebsiteInbox } from '../../conversations/visitors/website-inbox.ts'
import type { Ledger } from '../../ledger.ts'
import { cleanParams } from '../input/clean.ts'
import { ApiFault, found } from '../input/fault.ts'
import { type Limits, strangerOf, within } from '../input/limits.ts'

export interface Entry {
  readonly inbox: InboxRow
  /** The identifier or website token that they came with. */
  readonly identifier: string
}

export interface VisitorEntry extends Entry {
  readonly visitor: Visitor
  /** From where they ask, as `within` counts it. */
  readonly address: string
}

interface VisitorAccessDeps {
  readonly ledger: Pick<Ledger, 'visitors'>
  readonly limits: Pick<Limits, 'contact' | 'address' | 'isProxy'>
}

export interface VisitorGate {
  /**
   * The inbox that the path names. Throws 429 for an address that asks too often, 404, 403 for a website that may not
   * embed it.
   */
  readonly admit: (http: HttpRequest) => Promise<Entry>
  /** The visitor whose source id the path names. Throws as `admit` does, 404, or 429 above the rate limit. */
  readonly admitVisitor: (http: HttpRequest) => Promise<VisitorEntry>
}

export function createVisitorGate({ ledger, limits }: VisitorAccessDeps): VisitorGate {
  const enter = async (http: HttpRequest, identifier: string): Promise<Entry> => {
    const visitorGate = found(await ledger.visitors.findWebsiteInbox(identifier))
    if (!mayEmbed(visitorGate, http))
      throw new ApiFault('forbidden', {
        error: 'This website may not use the inbox: it is not among its authorized domains',
      })
    return { inbox: visitorGate.inbox, identifier }
  }
  return {
    async admit(http) {
      await within(limits.contact, `address ${strangerOf(http, limits)}`)
      return enter(http, cleanParams(http.params)['inboxIdentifier'] ?? '')
    },
    async admitVisitor(http) {
      const { inboxIdentifier = '', sourceId = '' } = cleanParams(http.params)
      const address = strangerOf(http, limits)
      await within(limits.address, address)
      const entry = await enter(http, inboxIdentifier)
      const visitor = found(await ledger.visitors.findVisitor(entry.inbox, sourceId))
      // Only known visitors have a limit of their own: invented names are unlimited.
      await within(limits.contact, `visitor ${String(visitor.contactInbox.id)}`)
      return { ...entry, visitor, address }
    },
  }
}

function mayEmbed({ authorizedDomains }: WebsiteInbox, http: HttpRequest): boolean {
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
  response.set({
    'access-control-allow-methods': 'GET, POST, PUT, PATCH, DELETE',
    'access-control-allow-headers': 'content-type, last-event-id, idempotency-key',
    'access-control-max-age': '7200',
  })
  response.status(204).end()
}
