// The actions on a conversation, assembled once for all interfaces. Null or false: the conversation is gone.

import { randomUUID } from 'node:crypto'

import type { Pool } from '../../db/pool.ts'
import { enqueue } from '../../queue/work.ts'
import { deleteConversation } from '../erasure/delete-conversation.ts'
import { listAttachments } from '../files/attachments.ts'
import type { Performer } from '../performer.ts'
import { assign, type Assignment } from './assign.ts'
import { changeStatus, type StatusChange } from './change-status.ts'
import {
  type AttributeChange,
  changeCustomAttributes,
  changeLabel,
  changeLabels,
  changePriority,
  type LabelChange,
  type Priority,
  removeCustomAttributes,
} from './describe.ts'
import { mute, unmute } from './mute.ts'
import { addParticipants, listParticipantIds, removeParticipants, replaceParticipants } from './participants.ts'
import { setRecipient } from './recipient.ts'
import { markSeen, markSeenByContact, markUnread } from './seen.ts'
import { noteTyping, type Typing } from './typing.ts'
import { noteViewing, type Viewing } from './viewing.ts'

interface ConversationKey {
  readonly id: number
  readonly accountId: number
  readonly inboxId: number
}

export function createActions({ pool, wake }: { readonly pool: Pool; readonly wake: () => void }) {
  return {
    changeStatus: (id: number, change: StatusChange & { readonly by: Performer }) => changeStatus(pool, id, change),
    changePriority: (id: number, change: { readonly priority: Priority | null; readonly by: Performer }) =>
      changePriority(pool, id, change),
    changeLabels: (id: number, change: { readonly labels: readonly string[]; readonly by: Performer }) =>
      changeLabels(pool, id, change),
    changeLabel: (id: number, change: LabelChange & { readonly by: Performer }) => changeLabel(pool, id, change),
    changeCustomAttributes: (id: number, change: AttributeChange & { readonly by: Performer }) =>
      changeCustomAttributes(pool, id, change),
    removeCustomAttributes: (id: number, change: { readonly keys: readonly string[]; readonly by: Performer }) =>
      removeCustomAttributes(pool, id, change),
    assign: (id: number, change: { readonly to: Assignment; readonly by: Performer }) => assign(pool, id, change),
    setRecipient: (id: number, change: { readonly email: string; readonly by: Performer }) =>
      setRecipient(pool, id, change),
    mute: (id: number, by: Performer) => mute(pool, id, by),
    unmute: (id: number, by: Performer) => unmute(pool, id, by),
    listParticipantIds: (id: number) => listParticipantIds(pool, id),
    addParticipants: (conversation: ConversationKey, userIds: readonly number[]) =>
      addParticipants(pool, conversation, userIds),
    replaceParticipants: (conversation: ConversationKey, userIds: readonly number[]) =>
      replaceParticipants(pool, conversation, userIds),
    removeParticipants: (id: number, userIds: readonly number[]) => removeParticipants(pool, id, userIds),
    markSeen: (id: number, userId: number) => markSeen(pool, { conversationId: id, userId }),
    markUnread: (id: number, userId: number) => markUnread(pool, { conversationId: id, userId }),
    markSeenByContact: (id: number) => markSeenByContact(pool, id),
    listAttachments: (id: number, page: { readonly offset: number; readonly limit: number }) =>
      listAttachments(pool, id, page),
    noteViewing: (viewing: Viewing) => noteViewing(pool, viewing),
    noteTyping: (conversation: ConversationKey, typing: Typing) => noteTyping(pool, conversation, typing),
    /** Queues a mail with the messages. */
    async sendTranscript(id: number, email: string): Promise<void> {
      await enqueue(pool, [
        {
          kind: 'send-transcript',
          key: `transcript:${String(id)}`,
          payload: { conversationId: id, email, token: randomUUID() },
        },
      ])
      wake()
    },
    deleteConversation: (id: number) => deleteConversation(pool, id),
  }
}
