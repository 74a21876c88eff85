// The view in the address, and how to change it.

import { useNavigate, useSearch } from '@tanstack/react-router'
import { useCallback } from 'react'

import { useAccountId } from '../shell/go'
import { parseView, type View } from './view'

// The router passes on what `validateSearch` leaves out, so it is read once more.
export function useView(): View {
  return useSearch({
    from: '/app/accounts/$accountId/conversations',
    select: (search): View => parseView({ ...search }),
    structuralSharing: true,
  })
}

export interface Moves {
  /** Opens a conversation in the current view. `replace`: the way back does not lead to the one before. */
  readonly open: (displayId: number, replace?: boolean) => void
  /** Back to the list alone. */
  readonly close: () => void
  /** Another view; the open conversation stays open. */
  readonly change: (changes: { readonly [Name in keyof View]?: View[Name] | undefined }) => void
}

export function useMoves(): Moves {
  const navigate = useNavigate()
  const accountId = useAccountId()
  const open = useCallback(
    (displayId: number, replace = false) => {
      void navigate({
        to: '/app/accounts/$accountId/conversations/$displayId',
        params: { accountId, displayId },
        search: ({ message: _message, ...view }: View) => view,
        replace,
      })
    },
    [navigate, accountId],
  )
  const close = useCallback(() => {
    void navigate({ to: '/app/accounts/$accountId/conversations', params: { accountId }, search: (view: View) => view })
  }, [navigate, accountId])
  const change = useCallback(
    (changes: { readonly [Name in keyof View]?: View[Name] | undefined }) => {
      void navigate({
        to: '.',
        search: (view: View) =>
          Object.fromEntries(
            Object.entries({ ...view, ...changes }).filter(([, value]) => value !== undefined),
          ) as View,
        replace: true,
      })
    },
    [navigate],
  )
  return { open, close, change }
}
