// The ledger as the doors see it: every question and act of this room, put together once.

import type { Db } from '../db/client.ts'
import { createAccessTokens } from './people/access-tokens.ts'
import { createConversations } from './conversations.ts'
import { deleteMessage, reportOnMessage, retryMessage, type MessageReport } from './messages/change-message.ts'
import { createWebhookDeliveries } from './webhooks/webhook-deliveries.ts'
import { createWebhooks } from './webhooks/webhooks.ts'
import { createMessage, type Writing } from './messages/create-message.ts'
import { createAttachments } from './files/attachments.ts'
import { createMessages } from './messages/messages.ts'
import type { NewMessage } from './messages/new-message.ts'
import { createPictures } from './files/pictures.ts'
import { createUploads } from './files/uploads.ts'
import { createTransfers } from './import/transfers.ts'
import { createAutomationRules } from './automation/rules.ts'
import { createAccounts } from './people/accounts.ts'
import { createContactNotes } from './contacts/contact-notes.ts'
import { createContacts } from './contacts/contacts.ts'
import { createInstallation } from './people/installation.ts'
import { createActs } from './acts/acts.ts'
import { createReportingEvents } from './reports/reporting-events.ts'
import { createReports } from './reports/reports.ts'
import { createVisitorConversations } from './visitors/visitor-conversations.ts'
import { createVisitors } from './visitors/visitors.ts'
import { createUsers } from './people/users.ts'
import { createCannedResponses } from './account/canned-responses.ts'
import { createCustomAttributes } from './account/custom-attributes.ts'
import { createCustomFilters } from './account/custom-filters.ts'
import { createLabels } from './account/labels.ts'
import { createTeams } from './account/teams.ts'
import { createAgentBots } from './agents/agent-bots.ts'
import { createAgents } from './agents/agents.ts'
import { createProfiles } from './agents/profile.ts'
import { createSearch } from './search/search.ts'
import { createInboxes } from './inboxes/inboxes.ts'

export type Ledger = ReturnType<typeof createLedger>

/** All of it on one pool. `wake` is called after a commit that queued mail, `onPosts` after one that queued something for a webhook. */
export function createLedger(ground: Writing & { readonly db: Db; readonly onPosts: () => void }) {
  const { db } = ground
  const contacts = createContacts(ground)
  return {
    accessTokens: createAccessTokens(ground),
    users: createUsers(ground),
    agents: createAgents(ground),
    agentBots: createAgentBots(ground),
    profiles: createProfiles(ground),
    accounts: createAccounts(db, ground.replyDomain),
    installation: createInstallation(ground),
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
    attachments: createAttachments(db),
    pictures: createPictures(ground.pool),
    uploads: createUploads(ground.pool),
    search: createSearch(ground),
    conversations: createConversations(ground),
    reports: createReports(ground.pool),
    reportingEvents: createReportingEvents(ground.pool),
    acts: createActs(ground),
    messages: {
      ...createMessages(ground.pool),
      createMessage: (conversationId: number, message: NewMessage) => createMessage(ground, conversationId, message),
      deleteMessage: (conversationId: number, messageId: number) => deleteMessage(ground.pool, { conversationId, messageId }),
      reportOnMessage: (report: MessageReport) => reportOnMessage(ground.pool, report),
      retryMessage: (conversationId: number, messageId: number) => retryMessage(ground, { conversationId, messageId }),
    },
  }
}
