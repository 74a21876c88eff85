// Sets a property of conversations: shown at once, written to the server, taken back with Undo or when it fails.

import type { QueryClient } from '@tanstack/react-query'

import type { Conversation } from '../../api/client'
import { tell } from '../../ui/toast'
import { putRead } from '../apply-event'
import { findConversation } from '../cache'
import type { Property } from './property'

export interface Setting<Value> {
  readonly property: Property<Value>
  readonly value: (conversation: Conversation) => Value
  /** Said with Undo; null where the change is visible anyway. */
  readonly said: string | null
  readonly failed: string
}

/** Never throws: what fails is said, with "try again". */
export function setProperty<Value>(
  {
    queries,
    accountId,
    ids,
  }: { readonly queries: QueryClient; readonly accountId: number; readonly ids: readonly number[] },
  setting: Setting<Value>,
): void {
  const { property, said, failed } = setting
  const before = ids.flatMap((id) => findConversation(queries, accountId, id) ?? [])
  const write = (changes: readonly { readonly conversation: Conversation; readonly value: Value }[]): void => {
    for (const { conversation, value } of changes) {
      const now = findConversation(queries, accountId, conversation.id) ?? conversation
      putRead(queries, property.show(now, value))
    }
    void Promise.allSettled(changes.map(({ conversation, value }) => property.write(conversation, value))).then(
      (results) => {
        const rejected = results.flatMap((result, position) =>
          result.status === 'rejected' ? [{ change: changes[position], reason: result.reason as unknown }] : [],
        )
        if (rejected.length === 0) return
        for (const { change } of rejected) if (change !== undefined) putBack(change.conversation)
        const reason = rejected[0]?.reason
        tell({
          text: `${failed} ${reason instanceof Error && reason.message !== 'offline' ? reason.message : ''}`.trim(),
          isFailure: true,
          retry: () => {
            write(rejected.flatMap(({ change }) => change ?? []))
          },
        })
      },
    )
  }
  const putBack = (conversation: Conversation): void => {
    const now = findConversation(queries, accountId, conversation.id) ?? conversation
    putRead(queries, property.show(now, property.read(conversation)))
  }
  write(before.map((conversation) => ({ conversation, value: setting.value(conversation) })))
  if (said === null) return
  tell({
    text: said,
    undo: () => {
      write(before.map((conversation) => ({ conversation, value: property.read(conversation) })))
    },
  })
}
