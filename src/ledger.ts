// The domain functions that the API uses, by resource, assembled once. test/house compares the entries with the API's
// routes.

import { createAutomationRules } from './automation/rules.ts'
import { createCannedResponses } from './conversations/account/canned-responses.ts'
import { createCustomAttributes } from './conversations/account/custom-attributes.ts'
import { createCustomFilters } from './conversations/account/custom-filters.ts'
import { createLabels } from './conversations/account/labels.ts'
import { createTeams } from './conversations/account/teams.ts'
import { createActions } from './conversations/actions/actions.ts'
import { createAgentBots } from './conversations/agents/agent-bots.ts'
import { createAgents } from './conversations/agents/agents.ts'
import { createNewConversationAddresses } from './conversations/agents/new-conversation-addresses.ts'
import { createProfiles } from './conversations/agents/profile.ts'
import { createContactNotes } from './conversations/contacts/contact-notes.ts'
import { createContacts } from './conversations/contacts/contacts.ts'
import { createReplyAddresses } from './conversations/contacts/reply-addresses.ts'
import { createReplyDomains } from './conversations/domains/reply-domains.ts'
import { createDrafts } from './conversations/drafts/drafts.ts'
import { createAttachments } from './conversations/files/attachments.ts'
import { createPictureLinks } from './conversations/files/picture-links.ts'
import { createPictures } from './conversations/files/pictures.ts'
import { createUploads } from './conversations/files/uploads.ts'
import { createTransfers } from './conversations/import/transfers.ts'
import { createInboxes } from './conversations/inboxes/inboxes.ts'
import { createSuppressedAddresses } from './conversations/life-line/suppressed-addresses.ts'
import { createConversations } from './conversations/list/conversations.ts'
import { createMerges } from './conversations/merging/merges.ts'
import { cancelSend } from './conversations/messages/cancel-send.ts'
import {
  deleteMessage,
  type MessageReport,
  reportOnMessage,
  retryMessage,
} from './conversations/messages/change-message.ts'
import { createMessage, type WriteDeps } from './conversations/messages/create-message.ts'
import { createMessageMail } from './conversations/messages/message-mail.ts'
import { createMessages } from './conversations/messages/messages.ts'
import type { NewMessage } from './conversations/messages/new-message.ts'
import { readReplyRecipients } from './conversations/messages/reply-recipients.ts'
import { type SendAgain, sendAgain } from './conversations/messages/send-again.ts'
import { createNotificationSettings } from './conversations/notices/settings.ts'
import { createAccessTokens } from './conversations/people/access-tokens.ts'
import { createAccounts } from './conversations/people/accounts.ts'
import { createInstallation } from './conversations/people/installation.ts'
import { createUsers } from './conversations/records/users.ts'
import type { TokenOptions } from './conversations/reply-tokens.ts'
import { createIdempotencyKeys } from './conversations/retries/idempotency-keys.ts'
import type { RetryGuard } from './conversations/retries/retry-guards.ts'
import { createSearch } from './conversations/search/search.ts'
import { createLoginLinks } from './conversations/sign-in/login-links.ts'
import { createPasswords } from './conversations/sign-in/passwords.ts'
import { createPendingSignIns } from './conversations/sign-in/pending-sign-ins.ts'
import { createSecondFactors } from './conversations/sign-in/second-factor.ts'
import { createSessions } from './conversations/sign-in/sessions.ts'
import { createOpenedLinks } from './conversations/visitors/opened-links.ts'
import { createVisitorConversations } from './conversations/visitors/visitor-conversations.ts'
import { createVisitors } from './conversations/visitors/visitors.ts'
import type { Db } from './db/client.ts'
import { createWebhookDeliveries } from './events/webhooks/webhook-deliveries.ts'
import { createWebhooks } from './events/webhooks/webhooks.ts'
import { createReportingEvents } from './reports/reporting-events.ts'
import { createReports } from './reports/reports.ts'

export type Ledger = ReturnType<typeof createLedger>

/**
 * All of it on one pool. `wake` is called after a commit that queued mail, `onPosts` after one that queued something
 * for a webhook.
 */
export function createLedger(
  deps: WriteDeps & {
    readonly db: Db
    readonly onPosts: () => void
    readonly transports?: readonly string[]
    readonly replyTokens: Omit<TokenOptions, 'pool'>
  },
) {
  const { db, transports = [] } = deps
  const contacts = createContacts(deps)
  return {
    accessTokens: createAccessTokens(deps),
    sessions: createSessions(deps),
    loginLinks: createLoginLinks(deps),
    pendingSignIns: createPendingSignIns(deps),
    passwords: createPasswords(deps),
    secondFactors: createSecondFactors({ pool: deps.pool, secretKey: deps.replyTokens.secretKey }),
    users: createUsers(deps),
    links: createOpenedLinks(deps),
    agents: createAgents(deps),
    agentBots: createAgentBots(deps),
    profiles: createProfiles(deps),
    notificationSettings: createNotificationSettings(deps.pool),
    newConversationAddresses: createNewConversationAddresses({ ...deps.replyTokens, ...deps }),
    accounts: createAccounts({ ...deps, transports }),
    installation: createInstallation(deps),
    replyDomains: createReplyDomains(deps),
    inboxes: createInboxes({ ...deps, transports }),
    contacts,
    visitors: createVisitors({ ...deps, contacts }),
    visitorConversations: createVisitorConversations(deps),
    contactNotes: createContactNotes(db),
    transfers: createTransfers(deps),
    teams: createTeams(deps),
    labels: createLabels(deps),
    cannedResponses: createCannedResponses(db),
    suppressedAddresses: createSuppressedAddresses(deps),
    transports,
    customAttributes: createCustomAttributes(db),
    customFilters: createCustomFilters(deps),
    automationRules: createAutomationRules(deps),
    webhooks: { ...createWebhooks(deps), ...createWebhookDeliveries(deps) },
    attachments: createAttachments(deps.pool),
    pictures: createPictures(deps.pool),
    uploads: createUploads(deps.pool),
    search: createSearch(deps),
    conversations: createConversations(deps),
    reports: createReports(deps.pool),
    reportingEvents: createReportingEvents(deps.pool),
    actions: createActions(deps),
    merges: createMerges(deps.pool),
    drafts: createDrafts(deps.pool),
    pictureLinks: createPictureLinks(deps.replyTokens.secretKey),
    replyAddresses: createReplyAddresses({ ...deps.replyTokens, ...deps }),
    idempotencyKeys: createIdempotencyKeys(deps.pool),
    messages: {
      ...createMessages(deps.pool),
      ...createMessageMail(deps.pool),
      createMessage: (conversationId: number, message: NewMessage, guards: readonly RetryGuard[] = []) =>
        createMessage({ ...deps, guards }, conversationId, message),
      readReplyRecipients: (conversationId: number) =>
        readReplyRecipients(deps.pool, conversationId, deps.ownAddresses ?? []),
      deleteMessage: (conversationId: number, messageId: number) =>
        deleteMessage(deps.pool, { conversationId, messageId }),
      cancelSend: (target: Parameters<typeof cancelSend>[1]) => cancelSend(deps.pool, target),
      reportOnMessage: (report: MessageReport) => reportOnMessage(deps.pool, report),
      retryMessage: (conversationId: number, messageId: number) => retryMessage(deps, { conversationId, messageId }),
      sendAgain: (wanted: SendAgain, guards: readonly RetryGuard[] = []) => sendAgain({ ...deps, guards }, wanted),
    },
  }
}
