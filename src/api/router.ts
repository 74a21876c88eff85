// The Chatwoot-compatible API under /api/v1, and GET /api, which some clients ask to test their settings. Mounted by app.ts at /.
// A new endpoint is a route in its resource's file.

import express from 'express'

import type { Ledger } from '../conversations/ledger.ts'
import type { Log } from '../log.ts'
import { createGate } from './auth.ts'
import { contactRoutes } from './contacts/contacts.ts'
import { createAttachmentRouter } from './conversations/attachments.ts'
import { conversationRoutes } from './conversations/conversations.ts'
import { createErrorHandler } from './error-handler.ts'
import type { InboundEmailRoom } from './inbound-email-room.ts'
import { inboundEmailRoutes } from './inbound-emails.ts'
import { messageRoutes } from './conversations/messages.ts'
import { accountRoutes } from './account/accounts.ts'
import { installationRoutes, type Check } from './account/installation.ts'
import { inboxRoutes } from './account/inboxes.ts'
import { peopleRoutes } from './account/people.ts'
import { profileRoutes } from './account/profile.ts'
import { notFound } from './request/fault.ts'
import { createOpenApiRouter } from './openapi/page.ts'
import { mountRoutes, type Route } from './request/route.ts'

export interface ApiDeps {
  readonly ledger: Ledger
  readonly inboundEmails: InboundEmailRoom
  /** What `doctor` finds. */
  readonly examine: () => Promise<readonly Check[]>
  readonly log: Log
  readonly settings: {
    /** Under which clients reach us; attachments' addresses begin with it. */
    readonly publicUrl: string
    readonly version: string
    /** Largest form with files, and largest mail to explain, in bytes. */
    readonly maxUploadBytes: number
  }
}

/** The API as one router; every fault under its paths is answered in it. */
export function createApiRouter(deps: ApiDeps): express.Router {
  const router = express.Router()
  router.get('/api', (_request, response) => {
    response.json({ version: deps.settings.version, timestamp: new Date().toISOString(), queue_services: 'ok', data_services: 'ok' })
  })
  const routes = routesOf(deps)
  router.use(createOpenApiRouter(routes, deps.settings))
  router.use(mountRoutes(routes, { gate: createGate(deps.ledger), maxUploadBytes: deps.settings.maxUploadBytes }))
  router.use('/api', () => {
    throw notFound()
  })
  router.use(createAttachmentRouter(deps.ledger))
  router.use(['/api', '/attachments'], createErrorHandler(deps.log))
  return router
}

function routesOf({ ledger, inboundEmails, examine, settings }: ApiDeps): Route[] {
  const { publicUrl, maxUploadBytes } = settings
  return [
    ...profileRoutes(ledger),
    ...accountRoutes(ledger),
    ...installationRoutes({ ledger, examine }),
    ...inboxRoutes(ledger),
    ...peopleRoutes(ledger),
    ...contactRoutes(ledger),
    ...conversationRoutes({ ledger, publicUrl }),
    ...messageRoutes({ ledger, publicUrl }),
    ...inboundEmailRoutes({ inboundEmails, maxUploadBytes }),
  ]
}
