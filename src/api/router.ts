// The Chatwoot-compatible API under /api, /public, /platform and /auth, and GET /api, which some clients ask to test
// their settings. Mounted by app.ts at /. A new endpoint is a route in its resource's file; resources.ts lists them.

import express from 'express'

import type { FetchPicture } from '../http-client/guarded-picture.ts'
import type { Log } from '../log.ts'
import { createGate } from './access/auth.ts'
import { allowPages, createVisitorGate } from './access/visitor-access.ts'
import { createConfirmPage } from './confirm-page.ts'
import { createExportRouter } from './contacts/transfers.ts'
import { createAttachmentRouter } from './conversations/attachments.ts'
import { createPictureProxy } from './conversations/picture-proxy.ts'
import { createErrorHandler } from './error-handler.ts'
import { notFound } from './input/fault.ts'
import { createOpenApiRouter } from './openapi/page.ts'
import type { Budgets } from './request/body-budget.ts'
import { whileClientStays } from './request/leaving.ts'
import type { StoredBytes } from './request/quota.ts'
import { mountRoutes } from './request/route.ts'
import { createRoutes, type ResourceDeps } from './resources.ts'

export interface ApiDeps extends ResourceDeps {
  /** Called after a request that may have changed something, so that events are announced. */
  readonly onWrite: () => void
  readonly budgets: Budgets
  /** The quotas of what may be stored. */
  readonly stored: StoredBytes
  readonly log: Log
  /** Fetches a picture that a mail names elsewhere; none = they are not shown. */
  readonly fetchPicture?: FetchPicture
  readonly settings: ResourceDeps['settings'] & { readonly version: string }
}

/** The API as one router; every fault under its paths is answered in it. */
export function createApiRouter(deps: ApiDeps): express.Router {
  const router = express.Router()
  router.get('/api', (_request, response) => {
    response.json({
      version: deps.settings.version,
      timestamp: new Date().toISOString(),
      queue_services: 'ok',
      data_services: 'ok',
    })
  })
  const gate = createGate(deps.ledger, deps.limits, deps.settings.publicUrl)
  const routes = createRoutes(deps, gate)
  // seen: @figuro/chatwoot-sdk 1.1.17 asks for a team's members without /api/v1.
  router.all('/accounts/:accountId/teams/:teamId/team_members', (request, _response, next) => {
    request.url = `/api/v1${request.url}`
    next()
  })
  router.use(['/api', '/public', '/platform', '/auth'], (request, response, next) => {
    if (!['GET', 'HEAD'].includes(request.method)) response.on('finish', deps.onWrite)
    next()
  })
  router.use(['/api', '/public', '/platform', '/auth'], whileClientStays)
  router.use('/public', allowPages)
  router.use(createOpenApiRouter(routes, deps.settings))
  router.use(
    mountRoutes(routes, {
      gate,
      visitorGate: createVisitorGate(deps),
      maxUploadBytes: deps.settings.maxUploadBytes,
      budgets: deps.budgets,
      isProxy: deps.limits.isProxy,
      stored: deps.stored,
      idempotencyKeys: deps.ledger.idempotencyKeys,
    }),
  )
  router.use(['/api', '/platform', '/auth'], () => {
    throw notFound()
  })
  router.use(createConfirmPage(deps.ledger, deps))
  router.use(createAttachmentRouter(deps.ledger))
  router.use(createPictureProxy(deps.ledger, deps.fetchPicture))
  router.use(createExportRouter(deps.ledger))
  router.use(
    ['/api', '/platform', '/auth', '/attachments', '/contact-exports', '/confirm', '/public'],
    createErrorHandler(deps.log),
  )
  return router
}
