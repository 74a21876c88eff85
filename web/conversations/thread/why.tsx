// "Why is it here?": the way of the mail that a message came by, step by step, in the panel.

import { createContext, type ReactNode, useContext, useMemo, useState } from 'react'

import { setPanel } from '../panel/panel-state'

interface Why {
  /** The message that is asked about; null: the latest that came by mail. */
  readonly messageId: number | null
  readonly ask: (messageId: number | null) => void
}

const Asked = createContext<Why>({ messageId: null, ask: () => undefined })

export function WhyProvider({ children }: { readonly children: ReactNode }) {
  const [messageId, setMessageId] = useState<number | null>(null)
  const why = useMemo<Why>(
    () => ({
      messageId,
      ask: (id) => {
        setPanel(true)
        setMessageId(id)
        requestAnimationFrame(() => {
          document.getElementById('why')?.scrollIntoView({ block: 'nearest' })
          document.getElementById('why')?.focus()
        })
      },
    }),
    [messageId],
  )
  return <Asked value={why}>{children}</Asked>
}

export function useWhy(): Why {
  return useContext(Asked)
}
