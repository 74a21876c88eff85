// The keys of the list: J and K, X to select.

import { useMemo } from 'react'

import type { Conversation } from '../../api/client'
import { type Action, useActions } from '../../shell/actions'
import { useMoves } from '../use-view'
import type { Selection } from './selection'

interface ListState {
  readonly conversations: readonly Conversation[]
  readonly openId: number | null
  readonly selection: Selection
}

export function useListActions({ conversations, openId, selection }: ListState): void {
  const { open, close } = useMoves()
  useActions(
    useMemo<readonly Action[]>(() => {
      const step = (by: number) => () => {
        const position = conversations.findIndex(({ id }) => id === openId)
        const next = conversations[position < 0 ? 0 : Math.min(conversations.length - 1, Math.max(0, position + by))]
        if (next !== undefined && next.id !== openId) open(next.id, openId !== null)
      }
      const target = openId ?? conversations[0]?.id
      return [
        { id: 'list.next', name: 'conversations.action.next', keys: ['j', 'ArrowDown'], group: 'list', run: step(1) },
        {
          id: 'list.previous',
          name: 'conversations.action.previous',
          keys: ['k', 'ArrowUp'],
          group: 'list',
          run: step(-1),
        },
        { id: 'list.open', name: 'conversations.action.open', keys: ['o', 'Enter'], group: 'list', run: step(0) },
        {
          id: 'list.select',
          name: 'conversations.action.select',
          keys: ['x'],
          group: 'list',
          run: () => {
            if (target !== undefined) selection.toggle(target, false)
          },
        },
        {
          id: 'list.selectRange',
          name: 'conversations.action.selectRange',
          keys: ['Shift+X'],
          group: 'list',
          run: () => {
            if (target !== undefined) selection.toggle(target, true)
          },
        },
        {
          id: 'list.back',
          name: 'conversations.action.back',
          keys: ['Escape'],
          group: 'list',
          run: () => {
            if (selection.ids.size > 0) selection.clear()
            else if (openId !== null) close()
          },
        },
      ]
    }, [conversations, openId, selection, open, close]),
  )
}
