// The resources of the API, in the order of the document (/api/docs). A new resource is an entry here and its file: a
// function that makes its routes from the parts that it needs.

import type { Streams } from '../events/streams.ts'
import type { PostTest } from '../events/webhooks/post-once.ts'
import type { Reach } from '../http-client/address-policy.ts'
import type { Ledger } from '../ledger.ts'
import type { Gate } from './access/auth.ts'
import { accountRoutes } from './account/accounts.ts'
import { automationRuleRoutes } from './account/automation-rules.ts'
import { cannedResponseRoutes } from './account/canned-responses.ts'
import { customAttributeRoutes } from './account/custom-attributes.ts'
import { customFilterRoutes } from './account/custom-filters.ts'
import { type Doctor, doctorRoutes } from './account/doctor.ts'
import { installationRoutes } from './account/installation.ts'
import { installationUserRoutes } from './account/installation-users.ts'
import { integrationRoutes } from './account/integrations.ts'
import { labelRoutes } from './account/labels.ts'
import { platformRoutes } from './account/platform.ts'
import { replyDomainRoutes } from './account/reply-domains.ts'
import { suppressedAddressRoutes } from './account/suppressed-addresses.ts'
import { transportRoutes } from './account/transports.ts'
import { uploadRoutes } from './account/uploads.ts'
import { contactActionRoutes } from './contacts/contact-actions.ts'
import { contactRoutes } from './contacts/contacts.ts'
import { noteRoutes } from './contacts/notes.ts'
import { transferRoutes } from './contacts/transfers.ts'
import { actionRoutes, botActionRoutes } from './conversations/actions.ts'
import { bulkActionRoutes } from './conversations/bulk-actions.ts'
import { conversationRoutes } from './conversations/conversations.ts'
import { draftRoutes } from './conversations/drafts.ts'
import { conversationLabelRoutes } from './conversations/labels.ts'
import { mergeRoutes } from './conversations/merges.ts'
import { messageMailRoutes } from './conversations/message-mail.ts'
import { messageRoutes } from './conversations/messages.ts'
import { participantRoutes } from './conversations/participants.ts'
import { replyAddressRoutes } from './conversations/reply-address.ts'
import { replyRecipientRoutes } from './conversations/reply-recipients.ts'
import { searchRoutes } from './conversations/search.ts'
import { viewingRoutes } from './conversations/viewing.ts'
import { eventRoutes } from './events/events.ts'
import { webhookRoutes } from './events/webhooks.ts'
import { blockedSenderRoutes } from './inbound-emails/blocked-senders.ts'
import { inboundEmailRoutes } from './inbound-emails/inbound-emails.ts'
import { randomMessageRoutes } from './inbound-emails/random-message.ts'
import { inboxRoutes } from './inboxes/inboxes.ts'
import { inboxMemberRoutes } from './inboxes/members.ts'
import { newAddressRoutes } from './inboxes/new-addresses.ts'
import type { Limits } from './input/limits.ts'
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
import type { Route } from './request/route.ts'
import { proofRoutes } from './sign-in/proofs.ts'
import { sessionRoutes } from './sign-in/sessions.ts'
import { signInRoutes } from './sign-in/sign-in.ts'
import { visitorConversationRoutes } from './visitors/visitor-conversations.ts'
import { visitorEventRoutes } from './visitors/visitor-events.ts'
import { visitorRoutes } from './visitors/visitors.ts'

export interface ResourceDeps {
  readonly ledger: Ledger
  readonly inboundEmails: InboundEmails
  readonly streams: Streams
  readonly limits: Limits
  readonly doctor: Doctor
  /** Which addresses this installation may connect to. */
  readonly reach: Pick<Reach, 'findRefusal'>
  /** Posts a test to a webhook. */
  readonly postTest: PostTest
  readonly settings: {
    /** The address under which clients reach the service; addresses of attachments begin with it. */
    readonly publicUrl: string
    /** Largest form with files, and largest mail to explain, in bytes. */
    readonly maxUploadBytes: number
    /** RANDOM_MESSAGES. */
    readonly randomMessages?: boolean
    /** How often a stream of events sends a heartbeat and checks the permission of its client. */
    readonly heartbeatMs: number
  }
}

/** The parts that a resource may use. */
interface Context extends Omit<ResourceDeps, 'settings'> {
  readonly gate: Gate
  readonly takePicture: TakePicture
  readonly publicUrl: string
  readonly maxUploadBytes: number
  readonly heartbeatMs: number
  readonly randomMessages: boolean
}

type Resource = (context: Context) => Route[]

const resources: readonly Resource[] = [
  ({ ledger }) => accountRoutes(ledger),
  doctorRoutes,
  installationRoutes,
  ({ ledger }) => installationUserRoutes(ledger),
  ({ ledger }) => replyDomainRoutes(ledger),
  ({ ledger }) => platformRoutes(ledger),
  ({ ledger, takePicture }) => profileRoutes(ledger, takePicture),
  ({ ledger }) => notificationSettingRoutes(ledger),
  ({ ledger }) => newAddressRoutes(ledger),
  ({ ledger }) => accessTokenRoutes(ledger),
  ({ ledger }) => agentRoutes(ledger),
  ({ ledger }) => teamRoutes(ledger),
  ({ ledger, takePicture }) => agentBotRoutes(ledger, takePicture),
  ({ ledger, takePicture }) => inboxRoutes({ ...ledger, takePicture }),
  ({ ledger }) => inboxMemberRoutes(ledger),
  signInRoutes,
  sessionRoutes,
  proofRoutes,
  ({ ledger }) => labelRoutes(ledger),
  ({ ledger }) => cannedResponseRoutes(ledger),
  ({ ledger }) => customAttributeRoutes(ledger),
  ({ ledger }) => customFilterRoutes(ledger),
  ({ ledger }) => suppressedAddressRoutes(ledger),
  ({ ledger }) => transportRoutes(ledger),
  integrationRoutes,
  ({ ledger, takePicture }) => contactRoutes({ ...ledger, takePicture }),
  transferRoutes,
  contactActionRoutes,
  ({ ledger }) => noteRoutes(ledger),
  ({ ledger }) => reportRoutes(ledger),
  ({ ledger }) => reportingEventRoutes(ledger),
  visitorRoutes,
  visitorConversationRoutes,
  visitorEventRoutes,
  conversationRoutes,
  botActionRoutes,
  actionRoutes,
  conversationLabelRoutes,
  participantRoutes,
  replyAddressRoutes,
  replyRecipientRoutes,
  mergeRoutes,
  bulkActionRoutes,
  draftRoutes,
  viewingRoutes,
  searchRoutes,
  messageRoutes,
  messageMailRoutes,
  automationRuleRoutes,
  uploadRoutes,
  webhookRoutes,
  eventRoutes,
  inboundEmailRoutes,
  ({ inboundEmails }) => blockedSenderRoutes(inboundEmails),
  ({ ledger, inboundEmails, randomMessages }) => randomMessageRoutes({ ledger, inboundEmails, isOn: randomMessages }),
]

/** The routes of all resources, in their order. */
export function createRoutes(deps: ResourceDeps, gate: Gate): Route[] {
  const { publicUrl, maxUploadBytes, heartbeatMs, randomMessages = false } = deps.settings
  const context: Context = {
    ledger: deps.ledger,
    inboundEmails: deps.inboundEmails,
    streams: deps.streams,
    limits: deps.limits,
    doctor: deps.doctor,
    reach: deps.reach,
    postTest: deps.postTest,
    gate,
    takePicture: createTakePicture(deps.ledger, publicUrl),
    publicUrl,
    maxUploadBytes,
    heartbeatMs,
    randomMessages,
  }
  return resources.flatMap((resource) => resource(context))
}
