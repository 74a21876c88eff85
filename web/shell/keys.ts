// Runs actions by their keys. Single keys are off while typing, in dialogs, with modifiers, and when the reader has
// switched them off (WCAG 2.1.4). Enter presses the button or link that has the focus.

import { useEffect } from 'react'
import { tinykeys } from 'tinykeys'

import { type Action, currentActions, useCurrentActions } from './actions'
import { preferences } from './preferences'

export function useKeys(): void {
  const actions = useCurrentActions()
  // Bound anew only when the keys change, not with every action: a sequence such as G U is not lost in between.
  const bound = [...new Set(actions.flatMap(({ keys }) => keys ?? []))].sort().join('\n')
  useEffect(() => {
    const bindings = Object.fromEntries(
      bound.split('\n').map((keys) => [
        keys,
        (event: KeyboardEvent): void => {
          const latest = currentActions().findLast((one) => one.keys?.includes(keys))
          if (event.defaultPrevented || latest === undefined || !mayRun(latest, keys, event)) return
          event.preventDefault()
          latest.run()
        },
      ]),
    )
    return tinykeys(window, bindings)
  }, [bound])
}

function mayRun(action: Action, keys: string, { target }: KeyboardEvent): boolean {
  const hasModifier = keys.includes('$mod')
  if (!hasModifier && !preferences.get().hasKeys) return false
  if (!(target instanceof HTMLElement)) return true
  if (keys === 'Enter' && target.closest('a, button, summary') !== null) return false
  if (target.closest('[role="dialog"], [role="menu"], [role="listbox"][data-popup]') !== null)
    return action.isGlobal === true
  return action.isGlobal === true || !isTyping(target)
}

/** Whether keys write text there. */
function isTyping(target: HTMLElement): boolean {
  if (target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement)
    return true
  return target instanceof HTMLInputElement && !['checkbox', 'radio', 'button', 'submit', 'range'].includes(target.type)
}
