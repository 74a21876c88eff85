// The places of the client, as actions: G, then a letter.

import { useNavigate, useParams } from '@tanstack/react-router'
import { useMemo } from 'react'

import type { Action } from './actions'

/** The account that the address names. */
export function useAccountId(): number {
  const { accountId } = useParams({ from: '/app/accounts/$accountId' })
  return accountId
}

export function useGo(): readonly Action[] {
  const navigate = useNavigate()
  const accountId = useAccountId()
  return useMemo(() => {
    const inbox = (tab: 'mine' | 'unassigned' | 'all') => () => {
      void navigate({ to: '/app/accounts/$accountId/conversations', params: { accountId }, search: { tab } })
    }
    return [
      { id: 'go.inbox', name: 'shell.go.inbox', keys: ['g i'], group: 'go', run: inbox('mine') },
      { id: 'go.mine', name: 'shell.go.mine', keys: ['g m'], group: 'go', run: inbox('mine') },
      { id: 'go.unassigned', name: 'shell.go.unassigned', keys: ['g u'], group: 'go', run: inbox('unassigned') },
      { id: 'go.all', name: 'shell.go.all', keys: ['g a'], group: 'go', run: inbox('all') },
      {
        id: 'go.held',
        name: 'shell.go.held',
        keys: ['g h'],
        group: 'go',
        run: () => void navigate({ to: '/app/accounts/$accountId/held', params: { accountId } }),
      },
      {
        id: 'go.mail',
        name: 'shell.go.mail',
        keys: ['g l'],
        group: 'go',
        run: () => void navigate({ to: '/app/accounts/$accountId/mail', params: { accountId } }),
      },
      {
        id: 'go.contacts',
        name: 'shell.go.contacts',
        keys: ['g c'],
        group: 'go',
        run: () => void navigate({ to: '/app/accounts/$accountId/contacts', params: { accountId } }),
      },
      {
        id: 'go.settings',
        name: 'shell.go.settings',
        keys: ['g s'],
        group: 'go',
        run: () =>
          void navigate({ to: '/app/accounts/$accountId/settings/$page', params: { accountId, page: 'profile' } }),
      },
    ] satisfies Action[]
  }, [navigate, accountId])
}
