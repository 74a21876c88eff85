// Whether the panel is open. On wide screens it is a column whose state is remembered; on narrow ones it lies over the
// thread, and is closed until it is asked for.

import { useSyncExternalStore } from 'react'

import { preferences } from '../../shell/preferences'

const wide = matchMedia('(min-width: 1280px)')
const listeners = new Set<() => void>()
let isOver = false

function tellAll(): void {
  for (const listener of listeners) listener()
}

wide.addEventListener('change', () => {
  isOver = false
  tellAll()
})

const isOpen = (): boolean => (wide.matches ? preferences.get().isPanelOpen : isOver)

export function setPanel(open: boolean): void {
  if (wide.matches) preferences.set({ isPanelOpen: open })
  else isOver = open
  tellAll()
}

export function togglePanel(): void {
  setPanel(!isOpen())
}

export function usePanel(): boolean {
  return useSyncExternalStore((listener) => {
    listeners.add(listener)
    return () => listeners.delete(listener)
  }, isOpen)
}
