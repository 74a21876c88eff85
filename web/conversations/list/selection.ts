// Several conversations selected at once: X, Shift X for a range, or the boxes of the rows.

import { useCallback, useMemo, useState } from 'react'

import type { Conversation } from '../../api/client'

export interface Selection {
  readonly ids: ReadonlySet<number>
  readonly toggle: (displayId: number, isRange: boolean) => void
  readonly clear: () => void
}

const none: ReadonlySet<number> = new Set()

export function useSelection(conversations: readonly Conversation[]): Selection {
  const [chosen, setChosen] = useState<ReadonlySet<number>>(none)
  const [anchor, setAnchor] = useState<number | null>(null)
  const ids = useMemo(() => {
    const present = new Set(conversations.map(({ id }) => id))
    return new Set([...chosen].filter((id) => present.has(id)))
  }, [chosen, conversations])
  const toggle = useCallback(
    (displayId: number, isRange: boolean) => {
      const order = conversations.map(({ id }) => id)
      const [from, to] = [order.indexOf(anchor ?? displayId), order.indexOf(displayId)]
      const range = isRange && from >= 0 ? order.slice(Math.min(from, to), Math.max(from, to) + 1) : [displayId]
      setChosen((before) => {
        const next = new Set(before)
        for (const id of range) {
          if (!isRange && next.has(id)) next.delete(id)
          else next.add(id)
        }
        return next
      })
      setAnchor(displayId)
    },
    [conversations, anchor],
  )
  const clear = useCallback(() => {
    setChosen(none)
  }, [])
  return useMemo(() => ({ ids, toggle, clear }), [ids, toggle, clear])
}
