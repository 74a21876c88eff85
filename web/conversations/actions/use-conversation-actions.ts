// What can be done with one or several conversations, as functions: for buttons, menus, keys and the palette.

import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useMemo } from 'react'
import { useIntl } from 'react-intl'

import { api, ask, type Conversation, type Schemas } from '../../api/client'
import { profileQuery } from '../../api/session'
import { useAccountId } from '../../shell/go'
import { tell } from '../../ui/toast'
import { useWords } from '../../words/words'
import * as properties from './property'
import { setProperty, type Setting } from './set-property'

export interface ConversationActions {
  readonly resolve: () => void
  readonly reopen: () => void
  /** Null: until the next reply. */
  readonly snooze: (until: Date | null) => void
  readonly assign: (agent: properties.Assignee | null) => void
  readonly assignTeam: (team: Schemas['Team'] | null) => void
  readonly addLabel: (label: string) => void
  readonly removeLabel: (label: string) => void
  readonly setPriority: (priority: Conversation['priority']) => void
  readonly mute: (isMuted: boolean) => void
  readonly markUnread: () => void
  /** The signed-in person as an assignee; null while it is read. */
  readonly me: properties.Assignee | null
}

export function useConversationActions(ids: readonly number[]): ConversationActions {
  const say = useWords()
  const intl = useIntl()
  const queries = useQueryClient()
  const accountId = useAccountId()
  const { data: profile } = useQuery(profileQuery)
  const key = ids.join(' ')
  return useMemo(() => {
    const chosen = key === '' ? [] : key.split(' ').map(Number)
    const count = chosen.length
    const set = <Value>(setting: Omit<Setting<Value>, 'failed'>): void => {
      setProperty({ queries, accountId, ids: chosen }, { ...setting, failed: say('conversations.failed.action') })
    }
    const stand = (value: properties.Standing, said: string): void => {
      set({ property: properties.standing, value: () => value, said })
    }
    return {
      me: profile == null ? null : ({ ...profile, thumbnail: profile.avatar_url } as unknown as properties.Assignee),
      resolve: () => {
        stand({ status: 'resolved', until: null }, say('conversations.did.resolved', { count }))
      },
      reopen: () => {
        stand({ status: 'open', until: null }, say('conversations.did.reopened', { count }))
      },
      snooze: (until) => {
        const when =
          until === null ? '' : intl.formatDate(until, { weekday: 'long', hour: 'numeric', minute: '2-digit' })
        stand(
          { status: 'snoozed', until: until?.toISOString() ?? null },
          until === null
            ? say('conversations.did.snoozedUntilReply', { count })
            : say('conversations.did.snoozed', { count, when }),
        )
      },
      assign: (agent) => {
        set({
          property: properties.assignee,
          value: () => agent,
          said:
            agent === null
              ? say('conversations.did.unassigned')
              : say('conversations.did.assigned', { name: agent.name }),
        })
      },
      assignTeam: (team) => {
        set({
          property: properties.team,
          value: () => team,
          said:
            team === null ? say('conversations.did.noTeam') : say('conversations.did.assigned', { name: team.name }),
        })
      },
      addLabel: (label) => {
        set({ property: properties.labels, value: ({ labels }) => [...new Set([...labels, label])], said: null })
      },
      removeLabel: (label) => {
        set({ property: properties.labels, value: ({ labels }) => labels.filter((one) => one !== label), said: null })
      },
      setPriority: (priority) => {
        set({ property: properties.priority, value: () => priority, said: null })
      },
      mute: (isMuted) => {
        set({
          property: properties.muted,
          value: () => isMuted,
          said: say(isMuted ? 'conversations.did.muted' : 'conversations.did.unmuted'),
        })
      },
      markUnread: () => {
        for (const displayId of chosen)
          void ask(
            api.POST('/api/v1/accounts/{accountId}/conversations/{displayId}/unread', {
              params: { path: { accountId, displayId } },
            }),
          ).catch((error: unknown) => {
            tell({ text: error instanceof Error ? error.message : say('conversations.failed.action'), isFailure: true })
          })
      },
    }
  }, [key, say, intl, queries, accountId, profile])
}
