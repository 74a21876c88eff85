// The ledger as the API sees it: every question and act of the conversations, put together once.

import { createAutomationRules } from './automation/rules.ts'
import { createCannedResponses } from './conversations/account/canned-responses.ts'
import { createCustomAttributes } from './conversations/account/custom-attributes.ts'
import { createCustomFilters } from './conversations/account/custom-filters.ts'
import { createLabels } from './conversations/account/labels.ts'
import { createTeams } from './conversations/account/teams.ts'
import { createActs } from './conversations/acts/acts.ts'
import { createAgentBots } from './conversations/agents/agent-bots.ts'
import { createAgents } from './conversations/agents/agents.ts'
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
import { createConversations } from './conversations/list/conversations.ts'
import { createMerges } from './conversations/merging/merges.ts'
import { cancelSend } from './conversations/messages/cancel-send.ts'
import {
  deleteMessage,
  type MessageReport,
  reportOnMessage,
  retryMessage,
} from './conversations/messages/change-message.ts'
import { createMessage, type Writing } from './conversations/messages/create-message.ts'
import { createMessageMail } from './conversations/messages/message-mail.ts'
import { createMessages } from './conversations/messages/messages.ts'
import type { NewMessage } from './conversations/messages/new-message.ts'
import { readReplyRecipients } from './conversations/messages/reply-recipients.ts'
import { createNotificationSettings } from './conversations/notices/settings.ts'
import { createAccessTokens } from './conversations/people/access-tokens.ts'
import { createAccounts } from './conversations/people/accounts.ts'
import { createInstallation } from './conversations/people/installation.ts'
import { createUsers } from './conversations/records/users.ts'
import type { TokenOptions } from './conversations/reply-tokens.ts'
import { createIdempotencyKeys } from './conversations/retries/idempotency-keys.ts'
import type { RetryGuard } from './conversations/retries/retry-guards.ts'
import { createSearch } from './conversations/search/search.ts'
import { createHalfWays } from './conversations/sign-in/half-way.ts'
import { createLoginLinks } from './conversations/sign-in/login-links.ts'
import { createPasswords } from './conversations/sign-in/passwords.ts'
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
  ground: Writing & { readonly db: Db; readonly onPosts: () => void; readonly replyTokens: Omit<TokenOptions, 'pool'> },
) {
  const { db } = ground
  const contacts = createContacts(ground)
  return {
    accessTokens: createAccessTokens(ground),
    sessions: createSessions(ground),
    loginLinks: createLoginLinks(ground),
    halfWays: createHalfWays(ground),
    passwords: createPasswords(ground),
    secondFactors: createSecondFactors({ pool: ground.pool, secretKey: ground.replyTokens.secretKey }),
    users: createUsers(ground),
    links: createOpenedLinks(ground),
    agents: createAgents(ground),
    agentBots: createAgentBots(ground),
    profiles: createProfiles(ground),
    notificationSettings: createNotificationSettings(ground.pool),
    accounts: createAccounts(ground),
    installation: createInstallation(ground),
    replyDomains: createReplyDomains(ground),
    inboxes: createInboxes(ground),
    contacts,
    visitors: createVisitors({ ...ground, contacts }),
    visitorConversations: createVisitorConversations(ground),
    contactNotes: createContactNotes(db),
    transfers: createTransfers(ground),
    teams: createTeams(ground),
    labels: createLabels(ground),
    cannedResponses: createCannedResponses(db),
    customAttributes: createCustomAttributes(db),
    customFilters: createCustomFilters(ground),
    automationRules: createAutomationRules(ground),
    webhooks: { ...createWebhooks(ground), ...createWebhookDeliveries(ground) },
    attachments: createAttachments(ground.pool),
    pictures: createPictures(ground.pool),
    uploads: createUploads(ground.pool),
    search: createSearch(ground),
    conversations: createConversations(ground),
    reports: createReports(ground.pool),
    reportingEvents: createReportingEvents(ground.pool),
    acts: createActs(ground),
    merges: createMerges(ground.pool),
    drafts: createDrafts(ground.pool),
    pictureLinks: createPictureLinks(ground.replyTokens.secretKey),
    replyAddresses: createReplyAddresses({ ...ground.replyTokens, ...ground }),
    idempotencyKeys: createIdempotencyKeys(ground.pool),
    messages: {
      ...createMessages(ground.pool),
      ...createMessageMail(ground.pool),
      createMessage: (conversationId: number, message: NewMessage, guards: readonly RetryGuard[] = []) =>
        createMessage({ ...ground, guards }, conversationId, message),
      readReplyRecipients: (conversationId: number) =>
        readReplyRecipients(ground.pool, conversationId, ground.ownAddresses ?? []),
      deleteMessage: (conversationId: number, messageId: number) =>
        deleteMessage(ground.pool, { conversationId, messageId }),
      cancelSend: (target: Parameters<typeof cancelSend>[1]) => cancelSend(ground.pool, target),
      reportOnMessage: (report: MessageReport) => reportOnMessage(ground.pool, report),
      retryMessage: (conversationId: number, messageId: number) => retryMessage(ground, { conversationId, messageId }),
    },
  }
}
