// What a person can do here, in one list: each act has a name, mostly a key, and runs from its key, from the palette
// and from menus. A view registers its acts while it is shown; of two with the same key the latest registered runs.

import { useEffect, useSyncExternalStore } from 'react'

import type { TextId } from '../words/catalogue'

export interface Act {
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

type Registration = readonly Act[]

const registered = new Set<Registration>()
const listeners = new Set<() => void>()
let snapshot: readonly Act[] = []

function publish(): void {
  const byId = new Map<string, Act>()
  for (const registration of registered) for (const act of registration) byId.set(act.id, act)
  snapshot = [...byId.values()]
  for (const listener of listeners) listener()
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** All acts that can run now. */
export function currentActs(): readonly Act[] {
  return snapshot
}

/** As `currentActs`, followed. */
export function useCurrentActs(): readonly Act[] {
  return useSyncExternalStore(subscribe, currentActs)
}

/** Registers acts while the component is shown. `acts` should be memoised. */
export function useActs(acts: readonly Act[]): void {
  useEffect(() => {
    registered.add(acts)
    publish()
    return () => {
      registered.delete(acts)
      publish()
    }
  }, [acts])
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
