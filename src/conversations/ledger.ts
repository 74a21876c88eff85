// The ledger as the doors see it: every question and act of this room, put together once.

import type { Db } from '../db/client.ts'
import { createCannedResponses } from './account/canned-responses.ts'
import { createCustomAttributes } from './account/custom-attributes.ts'
import { createCustomFilters } from './account/custom-filters.ts'
import { createLabels } from './account/labels.ts'
import { createTeams } from './account/teams.ts'
import { createActs } from './acts/acts.ts'
import { createAgentBots } from './agents/agent-bots.ts'
import { createAgents } from './agents/agents.ts'
import { createProfiles } from './agents/profile.ts'
import { createAutomationRules } from './automation/rules.ts'
import { createContactNotes } from './contacts/contact-notes.ts'
import { createContacts } from './contacts/contacts.ts'
import { createConversations } from './conversations.ts'
import { createReplyDomains } from './domains/reply-domains.ts'
import { createDrafts } from './drafts/drafts.ts'
import { createAttachments } from './files/attachments.ts'
import { createPictureLinks } from './files/picture-links.ts'
import { createPictures } from './files/pictures.ts'
import { createUploads } from './files/uploads.ts'
import { createTransfers } from './import/transfers.ts'
import { createInboxes } from './inboxes/inboxes.ts'
import { createMerges } from './merging/merges.ts'
import { cancelSend } from './messages/cancel-send.ts'
import { deleteMessage, type MessageReport, reportOnMessage, retryMessage } from './messages/change-message.ts'
import { createMessage, type Writing } from './messages/create-message.ts'
import { createMessageMail } from './messages/message-mail.ts'
import { createMessages } from './messages/messages.ts'
import type { NewMessage } from './messages/new-message.ts'
import { readReplyRecipients } from './messages/reply-recipients.ts'
import { createNotificationSettings } from './notices/settings.ts'
import { createOpenedLinks } from './opened-links.ts'
import { createAccessTokens } from './people/access-tokens.ts'
import { createAccounts } from './people/accounts.ts'
import { createInstallation } from './people/installation.ts'
import { createUsers } from './people/users.ts'
import { createReplyAddresses } from './reply-addresses.ts'
import type { TokenOptions } from './reply-tokens.ts'
import { createReportingEvents } from './reports/reporting-events.ts'
import { createReports } from './reports/reports.ts'
import { createIdempotencyKeys } from './retries/idempotency-keys.ts'
import type { RetryGuard } from './retries/retry-guards.ts'
import { createSearch } from './search/search.ts'
import { createHalfWays } from './sign-in/half-way.ts'
import { createLoginLinks } from './sign-in/login-links.ts'
import { createPasswords } from './sign-in/passwords.ts'
import { createSecondFactors } from './sign-in/second-factor.ts'
import { createSessions } from './sign-in/sessions.ts'
import { createVisitorConversations } from './visitors/visitor-conversations.ts'
import { createVisitors } from './visitors/visitors.ts'
import { createWebhookDeliveries } from './webhooks/webhook-deliveries.ts'
import { createWebhooks } from './webhooks/webhooks.ts'

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
