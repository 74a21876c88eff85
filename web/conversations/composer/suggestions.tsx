// What is offered while writing: canned responses after "/", people after "@" in a note.

import { useQuery } from '@tanstack/react-query'
import { type KeyboardEvent, useMemo, useState } from 'react'

import { agentsQuery, cannedResponsesQuery } from '../../api/records'
import { useAccountId } from '../../shell/go'
import { useWords } from '../../words/words'
import styles from './composer.module.css'

export interface Suggestion {
  readonly key: string
  readonly name: string
  readonly detail: string
  /** Replaces the sign and what was typed behind it. */
  readonly text: string
  /** The agent who is mentioned. */
  readonly agentId?: number
}

interface Typed {
  readonly sign: '/' | '@'
  readonly words: string
  /** Where the sign stands. */
  readonly start: number
}

/** What is being typed behind a sign at the caret; null: nothing. */
export function findTyped(text: string, caret: number, isNote: boolean): Typed | null {
  const found = /(^|\s)([/@])([^\s/@]{0,40})$/.exec(text.slice(0, caret))
  if (found === null) return null
  const [, , sign = '', words = ''] = found
  if (sign === '@' && !isNote) return null
  return { sign: sign as Typed['sign'], words, start: caret - words.length - 1 }
}

const shown = 8

export interface Suggestions {
  readonly list: readonly Suggestion[]
  readonly position: number
  /** True when the key was for the suggestions. */
  readonly onKeyDown: (event: KeyboardEvent) => boolean
  readonly choose: (suggestion: Suggestion) => void
}

interface Asked {
  readonly typed: Typed | null
  readonly onChoose: (suggestion: Suggestion, typed: Typed) => void
}

export function useSuggestions({ typed, onChoose }: Asked): Suggestions {
  const accountId = useAccountId()
  const [position, setPosition] = useState(0)
  const [dismissed, setDismissed] = useState<number | null>(null)
  const isWanted = typed !== null && typed.start !== dismissed
  const { data: canned = [] } = useQuery({
    ...cannedResponsesQuery(accountId),
    enabled: isWanted && typed.sign === '/',
  })
  const { data: agents = [] } = useQuery({ ...agentsQuery(accountId), enabled: isWanted && typed.sign === '@' })
  const list = useMemo<readonly Suggestion[]>(() => {
    if (!isWanted) return []
    const words = typed.words.toLocaleLowerCase()
    const all: readonly Suggestion[] =
      typed.sign === '/'
        ? canned.map(({ id, short_code: code, content }) => ({
            key: String(id),
            name: `/${code}`,
            detail: content,
            text: content,
          }))
        : agents.map(({ id, name, email }) => ({
            key: String(id),
            name: name || email,
            detail: email,
            text: `@${name || email} `,
            agentId: id,
          }))
    return all.filter(({ name, detail }) => `${name} ${detail}`.toLocaleLowerCase().includes(words)).slice(0, shown)
  }, [isWanted, typed, canned, agents])
  const chosen = Math.min(position, Math.max(0, list.length - 1))
  const choose = (suggestion: Suggestion): void => {
    if (typed !== null) onChoose(suggestion, typed)
    setPosition(0)
  }
  const onKeyDown = (event: KeyboardEvent): boolean => {
    if (list.length === 0 || event.nativeEvent.isComposing) return false
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    const suggestion = list[chosen]
    if (step !== undefined) setPosition((chosen + step + list.length) % list.length)
    else if ((event.key === 'Enter' || event.key === 'Tab') && suggestion !== undefined) choose(suggestion)
    else if (event.key === 'Escape') setDismissed(typed?.start ?? null)
    else return false
    event.preventDefault()
    event.stopPropagation()
    return true
  }
  return { list, position: chosen, onKeyDown, choose }
}

export function SuggestionList({ suggestions, id }: { readonly suggestions: Suggestions; readonly id: string }) {
  const say = useWords()
  if (suggestions.list.length === 0) return null
  return (
    <ul className={styles.suggestions} role="listbox" id={id} aria-label={say('composer.suggestions')}>
      {suggestions.list.map((suggestion, index) => (
        <li
          key={suggestion.key}
          id={`${id}-${String(index)}`}
          role="option"
          aria-selected={index === suggestions.position}
          onPointerDown={(event) => {
            event.preventDefault()
            suggestions.choose(suggestion)
          }}
        >
          <b>{suggestion.name}</b>
          <span>{suggestion.detail}</span>
        </li>
      ))}
    </ul>
  )
}
