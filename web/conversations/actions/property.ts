// The properties of a conversation that people set: how each is read, shown before the server answers, and written.
// Undoing an action is writing the value that was there before.

import { api, ask, type Conversation, type Schemas } from '../../api/client'

export interface Property<Value> {
  readonly read: (conversation: Conversation) => Value
  readonly show: (conversation: Conversation, value: Value) => Conversation
  readonly write: (conversation: Conversation, value: Value) => Promise<unknown>
}

const at = ({ account_id: accountId, id: displayId }: Conversation) => ({ params: { path: { accountId, displayId } } })

export interface Standing {
  readonly status: Conversation['status']
  /** ISO time; null with `snoozed`: until the next reply. */
  readonly until: string | null
}

export const standing: Property<Standing> = {
  read: ({ status, snoozed_until: until }) => ({ status, until }),
  show: (conversation, { status, until }) => ({ ...conversation, status, snoozed_until: until }),
  write: (conversation, { status, until }) =>
    ask(
      api.POST('/api/v1/accounts/{accountId}/conversations/{displayId}/toggle_status', {
        ...at(conversation),
        body: { status, ...(until === null ? {} : { snoozed_until: Math.floor(Date.parse(until) / 1000) }) } as never,
      }),
    ),
}

export type Assignee = NonNullable<Conversation['meta']['assignee']>

export const assignee: Property<Assignee | null> = {
  read: ({ meta }) => meta.assignee ?? null,
  show: (conversation, value) => {
    const { assignee: _assignee, assignee_type: _type, ...meta } = conversation.meta
    return { ...conversation, meta: value === null ? meta : { ...meta, assignee: value, assignee_type: 'User' } }
  },
  write: (conversation, value) =>
    ask(
      api.POST('/api/v1/accounts/{accountId}/conversations/{displayId}/assignments', {
        ...at(conversation),
        body: { assignee_id: value?.id ?? 0 },
      }),
    ),
}

type Team = Schemas['Team']

export const team: Property<Team | null> = {
  read: ({ meta }) => meta.team ?? null,
  show: (conversation, value) => {
    const { team: _team, ...meta } = conversation.meta
    return { ...conversation, meta: value === null ? meta : { ...meta, team: value } }
  },
  write: (conversation, value) =>
    ask(
      api.POST('/api/v1/accounts/{accountId}/conversations/{displayId}/assignments', {
        ...at(conversation),
        body: { team_id: value?.id ?? 0 },
      }),
    ),
}

export const labels: Property<readonly string[]> = {
  read: (conversation) => conversation.labels,
  show: (conversation, value) => ({ ...conversation, labels: [...value] }),
  write: (conversation, value) =>
    ask(
      api.POST('/api/v1/accounts/{accountId}/conversations/{displayId}/labels', {
        ...at(conversation),
        body: { labels: [...value] },
      }),
    ),
}

export const priority: Property<Conversation['priority']> = {
  read: (conversation) => conversation.priority,
  show: (conversation, value) => ({ ...conversation, priority: value }),
  write: (conversation, value) =>
    ask(
      api.POST('/api/v1/accounts/{accountId}/conversations/{displayId}/toggle_priority', {
        ...at(conversation),
        body: { priority: value } as never,
      }),
    ),
}

export const muted: Property<boolean> = {
  read: (conversation) => conversation.muted,
  show: (conversation, value) => ({ ...conversation, muted: value }),
  write: (conversation, value) =>
    value
      ? ask(api.POST('/api/v1/accounts/{accountId}/conversations/{displayId}/mute', at(conversation)))
      : ask(api.POST('/api/v1/accounts/{accountId}/conversations/{displayId}/unmute', at(conversation))),
}
