// What a person can do here, in one list: each action has a name, mostly a key, and runs from its key, from the palette
// and from menus. A view registers its actions while it is shown; of two with the same key the latest registered runs.

import { useEffect, useSyncExternalStore } from 'react'

import type { TextId } from '../words/catalogue'

export interface Action {
  readonly id: string
  readonly name: TextId
  /** As tinykeys writes keys: `e`, `Shift+X`, `g i`, `$mod+k`. */
  readonly keys?: readonly string[]
  readonly group: 'go' | 'list' | 'conversation' | 'composer' | 'mail' | 'general'
  readonly run: () => void
  /** Also while typing. */
  readonly isGlobal?: boolean
  /** Not offered in the palette. */
  readonly isHidden?: boolean
}

type Registration = readonly Action[]

const registered = new Set<Registration>()
const listeners = new Set<() => void>()
let snapshot: readonly Action[] = []

function publish(): void {
  const byId = new Map<string, Action>()
  for (const registration of registered) for (const action of registration) byId.set(action.id, action)
  snapshot = [...byId.values()]
  for (const listener of listeners) listener()
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** All actions that can run now. */
export function currentActions(): readonly Action[] {
  return snapshot
}

/** As `currentActions`, followed. */
export function useCurrentActions(): readonly Action[] {
  return useSyncExternalStore(subscribe, currentActions)
}

/** Registers actions while the component is shown. `actions` should be memoised. */
export function useActions(actions: readonly Action[]): void {
  useEffect(() => {
    registered.add(actions)
    publish()
    return () => {
      registered.delete(actions)
      publish()
    }
  }, [actions])
}

/** A key as people read it: ⌘ and ⇧ on a Mac, Ctrl and Shift elsewhere. */
export function keyName(keys: string): string {
  const isMac = /Mac|iP(hone|ad)/.test(navigator.platform)
  const names: Readonly<Record<string, string>> = {
    $mod: isMac ? '⌘' : 'Ctrl',
    Shift: isMac ? '⇧' : 'Shift',
    Enter: '⏎',
    Escape: 'Esc',
    ArrowDown: '↓',
    ArrowUp: '↑',
    Space: 'Space',
  }
  return keys
    .replace('Shift+?', '?')
    .split(' ')
    .map((press) =>
      press
        .split('+')
        .map((key) => names[key] ?? (key.length === 1 ? key.toLocaleUpperCase() : key))
        .join(isMac ? '' : ' '),
    )
    .join(' ')
}
