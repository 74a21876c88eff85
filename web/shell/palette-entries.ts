// What the palette offers for a query: actions by their names, and what the API's search finds.

import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useMemo } from 'react'

import { api, ask } from '../api/client'
import type { TextId } from '../words/catalogue'
import { useWords } from '../words/words'
import { useCurrentActions } from './actions'
import { contactAddress } from './address'
import { useAccountId } from './go'

export interface Entry {
  readonly id: string
  readonly group: TextId
  readonly name: string
  readonly detail?: string | undefined
  readonly keys?: string | undefined
  readonly run: () => void
}

const shownOfEach = 6
const shownActions = 50
const shownLetters = 120

export function searchQuery(accountId: number, query: string) {
  return queryOptions({
    queryKey: ['palette', accountId, query],
    enabled: query.length > 1,
    placeholderData: keepPreviousData,
    queryFn: async ({ signal }) => {
      const { payload } = await ask(
        api.GET('/api/v1/accounts/{accountId}/search', {
          params: { path: { accountId }, query: { q: query } },
          signal,
        }),
      )
      return payload satisfies Found
    },
  })
}

interface FoundMessage {
  readonly id: number
  readonly conversation_id: number
  readonly content: string | null
}

interface Found {
  readonly conversations: readonly { readonly id: number; readonly additional_attributes?: unknown }[]
  readonly contacts: readonly { readonly id: number; readonly name: string | null; readonly email: string | null }[]
  readonly messages: readonly FoundMessage[]
}

const nothing: Found = { conversations: [], contacts: [], messages: [] }

// A conversation is named once, by the first of its messages that was found.
function firstOfEach(messages: readonly FoundMessage[]): readonly FoundMessage[] {
  return messages.filter(
    ({ conversation_id: displayId }, index) => messages.findIndex((one) => one.conversation_id === displayId) === index,
  )
}

export function useEntries(query: string, found: Found | undefined): readonly Entry[] {
  const say = useWords()
  const actions = useCurrentActions()
  const navigate = useNavigate()
  const accountId = useAccountId()
  return useMemo(() => {
    const open = (displayId: number) => () => {
      void navigate({
        to: '/app/accounts/$accountId/conversations/$displayId',
        params: { accountId, displayId },
        search: { tab: 'all', status: 'all' },
      })
    }
    const words = query.toLocaleLowerCase().split(/\s+/)
    const matching = actions
      .filter((action) => action.isHidden !== true)
      .map((action) => ({
        id: action.id,
        group: 'shell.palette.actions' as const,
        name: say(action.name),
        keys: action.keys?.[0],
        run: action.run,
      }))
      .filter(({ name }) => words.every((word) => name.toLocaleLowerCase().includes(word)))
    const number = /^#?(\d{1,9})$/.exec(query)?.[1]
    const direct: Entry[] =
      number === undefined
        ? []
        : [
            {
              id: `open.${number}`,
              group: 'shell.palette.conversations',
              name: `#${number}`,
              run: open(Number(number)),
            },
          ]
    const { conversations, contacts, messages } = query.length > 1 && found !== undefined ? found : nothing
    const people: Entry[] = contacts.slice(0, shownOfEach).map((contact) => ({
      id: `contact.${String(contact.id)}`,
      group: 'shell.palette.contacts',
      name: contact.name ?? contact.email ?? '',
      detail: contact.email ?? undefined,
      run: () => void navigate({ to: contactAddress(accountId, contact.id) }),
    }))
    const threads: Entry[] = conversations.slice(0, shownOfEach).map((conversation) => ({
      id: `conversation.${String(conversation.id)}`,
      group: 'shell.palette.conversations',
      name: subjectOf(conversation),
      detail: `#${String(conversation.id)}`,
      run: open(conversation.id),
    }))
    const known = new Set(conversations.map(({ id }) => id))
    const lines: Entry[] = firstOfEach(messages)
      .filter((message) => !known.has(message.conversation_id))
      .slice(0, shownOfEach)
      .map(({ id, conversation_id: displayId, content }) => ({
        id: `message.${String(id)}`,
        group: 'shell.palette.messages',
        name: (content ?? '').replace(/\s+/g, ' ').trim().slice(0, shownLetters),
        detail: `#${String(displayId)}`,
        run: open(displayId),
      }))
    const everywhere: Entry[] =
      query.length < 2
        ? []
        : [
            {
              id: 'search',
              group: 'shell.palette.messages',
              name: say('shell.palette.all', { query }),
              run: () =>
                void navigate({
                  to: '/app/accounts/$accountId/conversations',
                  params: { accountId },
                  search: { tab: 'all', status: 'all', q: query },
                }),
            },
          ]
    // Actions do not wait for an answer: what stands first stays first.
    const named = matching.slice(0, query === '' ? shownActions : shownOfEach)
    return [...direct, ...named, ...threads, ...people, ...lines, ...everywhere]
  }, [actions, query, found, say, navigate, accountId])
}

function subjectOf(conversation: { readonly additional_attributes?: unknown; readonly id: number }): string {
  const attributes = conversation.additional_attributes as { mail_subject?: unknown } | undefined
  return typeof attributes?.mail_subject === 'string' ? attributes.mail_subject : `#${String(conversation.id)}`
}
