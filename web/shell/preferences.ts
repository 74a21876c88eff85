// What this browser remembers of its reader's wishes: theme, language, density, whether single keys act. Nothing
// here is secret, and nothing here opens anything.

import { useSyncExternalStore } from 'react'

export interface Preferences {
  readonly theme: 'system' | 'light' | 'dark'
  readonly language: string | null
  readonly isCompact: boolean
  /** Keys without a modifier act (WCAG 2.1.4: they can be switched off). */
  readonly hasKeys: boolean
  readonly isPanelOpen: boolean
}

const initial: Preferences = {
  theme: 'system',
  language: null,
  isCompact: false,
  hasKeys: true,
  isPanelOpen: true,
}
const storageKey = 'rethread.preferences'
const listeners = new Set<() => void>()
let current = read()
show(current)

function read(): Preferences {
  try {
    return { ...initial, ...(JSON.parse(localStorage.getItem(storageKey) ?? '{}') as Partial<Preferences>) }
  } catch {
    return initial
  }
}

function show({ theme }: Preferences): void {
  if (theme === 'system') delete document.documentElement.dataset['theme']
  else document.documentElement.dataset['theme'] = theme
}

function change(next: Preferences): void {
  current = next
  show(next)
  for (const listener of listeners) listener()
}

// Another tab has changed them.
addEventListener('storage', ({ key }) => {
  if (key === storageKey) change(read())
})

export const preferences = {
  get: (): Preferences => current,
  set(changes: Partial<Preferences>): void {
    change({ ...current, ...changes })
    try {
      localStorage.setItem(storageKey, JSON.stringify(current))
    } catch {
      // Storage is full or refused: the wish holds until the page is left.
    }
  },
  use: (): Preferences =>
    useSyncExternalStore(
      (listener) => {
        listeners.add(listener)
        return () => listeners.delete(listener)
      },
      () => current,
    ),
}
