// The Chatwoot-compatible API under /api, /public, /platform and /auth, and GET /api, which some clients ask to test
// their settings. Mounted by app.ts at /. A new endpoint is a route in its resource's file.

import express from 'express'

import type { Streams } from '../events/streams.ts'
import type { PostTest } from '../events/webhooks/post-once.ts'
import type { Reach } from '../http-client/address-policy.ts'
import type { FetchPicture } from '../http-client/guarded-picture.ts'
import type { Ledger } from '../ledger.ts'
import type { Log } from '../log.ts'
import { createGate, type Gate } from './access/auth.ts'
import { allowPages, createVisitorGate } from './access/visitor-access.ts'
import { accountRoutes } from './account/accounts.ts'
import { automationRuleRoutes } from './account/automation-rules.ts'
import { cannedResponseRoutes } from './account/canned-responses.ts'
import { customAttributeRoutes } from './account/custom-attributes.ts'
import { customFilterRoutes } from './account/custom-filters.ts'
import { type Check, installationRoutes } from './account/installation.ts'
import { installationUserRoutes } from './account/installation-users.ts'
import { integrationRoutes } from './account/integrations.ts'
import { labelRoutes } from './account/labels.ts'
import { platformRoutes } from './account/platform.ts'
import { replyDomainRoutes } from './account/reply-domains.ts'
import { uploadRoutes } from './account/uploads.ts'
import { createConfirmPage } from './confirm-page.ts'
import { contactActRoutes } from './contacts/contact-acts.ts'
import { contactRoutes } from './contacts/contacts.ts'
import { noteRoutes } from './contacts/notes.ts'
import { createExportRouter, transferRoutes } from './contacts/transfers.ts'
import { actRoutes, botActRoutes } from './conversations/acts.ts'
import { createAttachmentRouter } from './conversations/attachments.ts'
import { bulkActionRoutes } from './conversations/bulk-actions.ts'
import { conversationRoutes } from './conversations/conversations.ts'
import { draftRoutes } from './conversations/drafts.ts'
import { conversationLabelRoutes } from './conversations/labels.ts'
import { mergeRoutes } from './conversations/merges.ts'
import { messageMailRoutes } from './conversations/message-mail.ts'
import { messageRoutes } from './conversations/messages.ts'
import { participantRoutes } from './conversations/participants.ts'
import { createPictureProxy } from './conversations/picture-proxy.ts'
import { replyAddressRoutes } from './conversations/reply-address.ts'
import { replyRecipientRoutes } from './conversations/reply-recipients.ts'
import { searchRoutes } from './conversations/search.ts'
import { viewingRoutes } from './conversations/viewing.ts'
import { createErrorHandler } from './error-handler.ts'
import { eventRoutes } from './events/events.ts'
import { webhookRoutes } from './events/webhooks.ts'
import { blockedSenderRoutes } from './inbound-emails/blocked-senders.ts'
import { inboundEmailRoutes } from './inbound-emails/inbound-emails.ts'
import { randomMessageRoutes } from './inbound-emails/random-message.ts'
import { inboxRoutes } from './inboxes/inboxes.ts'
import { inboxMemberRoutes } from './inboxes/members.ts'
import { notFound } from './input/fault.ts'
import type { Limits } from './input/limits.ts'
import { createOpenApiRouter } from './openapi/page.ts'
import { accessTokenRoutes } from './people/access-tokens.ts'
import { agentBotRoutes } from './people/agent-bots.ts'
import { agentRoutes } from './people/agents.ts'
import { notificationSettingRoutes } from './people/notification-settings.ts'
import { createTakePicture, type TakePicture } from './people/pictures.ts'
import { profileRoutes } from './people/profile.ts'
import { teamRoutes } from './people/teams.ts'
import type { InboundEmails } from './present/inbound-email-access.ts'
import { reportingEventRoutes } from './reports/reporting-events.ts'
import { reportRoutes } from './reports/reports.ts'
import type { Budgets } from './request/body-budget.ts'
import { whileClientStays } from './request/leaving.ts'
import type { StoredBytes } from './request/quota.ts'
import { mountRoutes, type Route } from './request/route.ts'
import { proofRoutes } from './sign-in/proofs.ts'
import { sessionRoutes } from './sign-in/sessions.ts'
import { signInRoutes } from './sign-in/sign-in.ts'
import { visitorConversationRoutes } from './visitors/visitor-conversations.ts'
import { visitorEventRoutes } from './visitors/visitor-events.ts'
import { visitorRoutes } from './visitors/visitors.ts'

export interface ApiDeps {
  readonly ledger: Ledger
  readonly inboundEmails: InboundEmails
  readonly streams: Streams
  /** Told after a request that may have changed something: what happened is to be announced. */
  readonly onWrite: () => void
  readonly limits: Limits
  readonly budgets: Budgets
  /** The quotas of what may be stored. */
  readonly stored: StoredBytes
  /** The findings of `doctor`. */
  readonly examine: () => Promise<readonly Check[]>
  readonly log: Log
  /** Which addresses we may ask. */
  readonly reach: Pick<Reach, 'findRefusal'>
  /** Fetches a picture that a mail names elsewhere; none = they are not shown. */
  readonly fetchPicture?: FetchPicture
  /** Posts a test to a webhook. */
  readonly postTest: PostTest
  readonly settings: {
    /** Under which clients reach us; attachments' addresses begin with it. */
    readonly publicUrl: string
    readonly version: string
    /** Largest form with files, and largest mail to explain, in bytes. */
    readonly maxUploadBytes: number
    /** RANDOM_MESSAGES. */
    readonly randomMessages?: boolean
    /** How often a stream of events shows that it lives, and is asked whether its client may still listen. */
    readonly heartbeatMs: number
  }
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

/** All routes, in the order of the document. */
export function createRoutes(deps: ApiDeps, gate: Gate): Route[] {
  const { ledger, inboundEmails, examine, settings, streams, reach, postTest } = deps
  const { publicUrl, maxUploadBytes, heartbeatMs } = settings
  const takePicture = createTakePicture(ledger, publicUrl)
  return [
    ...accountRoutes(ledger),
    ...installationRoutes({ ledger, examine }),
    ...installationUserRoutes(ledger),
    ...replyDomainRoutes(ledger),
    ...platformRoutes(ledger),
    ...peopleRoutes(ledger, takePicture),
    ...signInRoutes({ ledger, gate, limits: deps.limits, publicUrl }),
    ...sessionRoutes({ ledger, publicUrl }),
    ...proofRoutes({ ledger, limits: deps.limits }),
    ...recordRoutes(ledger),
    ...contactRoutes({ ...ledger, takePicture }),
    ...transferRoutes({ ledger, publicUrl }),
    ...contactActRoutes({ ledger, publicUrl }),
    ...noteRoutes(ledger),
    ...reportRoutes(ledger),
    ...reportingEventRoutes(ledger),
    ...visitorRoutes({ ledger, publicUrl }),
    ...visitorConversationRoutes({ ledger, publicUrl }),
    ...visitorEventRoutes({ ledger, streams, publicUrl, heartbeatMs }),
    ...conversationRoutes({ ledger, publicUrl }),
    ...botActRoutes({ ledger, publicUrl }),
    ...actRoutes({ ledger, publicUrl }),
    ...conversationLabelRoutes({ ledger }),
    ...participantRoutes({ ledger, publicUrl }),
    ...replyAddressRoutes({ ledger }),
    ...replyRecipientRoutes({ ledger }),
    ...mergeRoutes({ ledger }),
    ...bulkActionRoutes({ ledger }),
    ...draftRoutes({ ledger }),
    ...viewingRoutes({ ledger }),
    ...searchRoutes({ ledger, publicUrl }),
    ...messageRoutes({ ledger, publicUrl }),
    ...messageMailRoutes({ ledger, inboundEmails, publicUrl }),
    ...automationRuleRoutes({ ledger, publicUrl }),
    ...uploadRoutes({ ledger, publicUrl }),
    ...webhookRoutes({ ledger, reach, postTest }),
    ...eventRoutes({ streams, gate, publicUrl, heartbeatMs }),
    ...inboundEmailRoutes({ inboundEmails, maxUploadBytes }),
    ...blockedSenderRoutes(inboundEmails),
    ...randomMessageRoutes({ ledger, inboundEmails, isOn: settings.randomMessages === true }),
  ]
}

function peopleRoutes(ledger: Ledger, takePicture: TakePicture): Route[] {
  return [
    ...profileRoutes(ledger, takePicture),
    ...notificationSettingRoutes(ledger),
    ...accessTokenRoutes(ledger),
    ...agentRoutes(ledger),
    ...teamRoutes(ledger),
    ...agentBotRoutes(ledger, takePicture),
    ...inboxRoutes({ ...ledger, takePicture }),
    ...inboxMemberRoutes(ledger),
  ]
}

function recordRoutes(ledger: Ledger): Route[] {
  return [
    ...labelRoutes(ledger),
    ...cannedResponseRoutes(ledger),
    ...customAttributeRoutes(ledger),
    ...customFilterRoutes(ledger),
    ...integrationRoutes(),
  ]
}
