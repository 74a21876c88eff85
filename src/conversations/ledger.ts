// The ledger as the doors see it: every question and act of this room, put together once.

import type { Db } from '../db/client.ts'
import { createAccessTokens } from './people/access-tokens.ts'
import { createConversations } from './conversations.ts'
import { createWebhookDeliveries } from './events/webhook-deliveries.ts'
import { createWebhooks } from './events/webhooks.ts'
import { createMessage, type Writing } from './messages/create-message.ts'
import { createAttachments } from './messages/attachments.ts'
import { createMessages } from './messages/messages.ts'
import type { NewMessage } from './messages/new-message.ts'
import { createAccounts } from './people/accounts.ts'
import { createContacts } from './contacts/contacts.ts'
import { createInstallation } from './people/installation.ts'
import { createInboxes } from './people/inboxes.ts'
import { createLabels, createTeams } from './people/teams.ts'
import { createUsers } from './people/users.ts'

export type Ledger = ReturnType<typeof createLedger>

/** All of it on one pool. `wake` is called after a commit that queued mail, `onPosts` after one that queued something for a webhook. */
export function createLedger(ground: Writing & { readonly db: Db; readonly onPosts: () => void }) {
  const { db } = ground
  return {
    accessTokens: createAccessTokens(db),
    users: createUsers(db),
    accounts: createAccounts(db, ground.replyDomain),
    installation: createInstallation(db),
    inboxes: createInboxes(db),
    contacts: createContacts(ground),
    teams: createTeams(db),
    labels: createLabels(db),
    webhooks: { ...createWebhooks(ground), ...createWebhookDeliveries(ground) },
    attachments: createAttachments(db),
    conversations: createConversations(ground),
    messages: {
      ...createMessages(db),
      createMessage: (conversationId: number, message: NewMessage) => createMessage(ground, conversationId, message),
    },
  }
}
