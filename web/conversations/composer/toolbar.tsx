// Markdown's signs as buttons.

import { Bold, Code, Italic, Link, List, ListOrdered, TextQuote } from 'lucide-react'
import type { RefObject } from 'react'

import { IconButton } from '../../ui/button'
import { useWords } from '../../words/words'
import styles from './composer.module.css'
import { prefixLines, wrapSelection } from './insert'

const marks = [
  {
    id: 'bold',
    icon: Bold,
    action: (field: HTMLTextAreaElement) => {
      wrapSelection(field, '**')
    },
  },
  {
    id: 'italic',
    icon: Italic,
    action: (field: HTMLTextAreaElement) => {
      wrapSelection(field, '_')
    },
  },
  {
    id: 'link',
    icon: Link,
    action: (field: HTMLTextAreaElement) => {
      wrapSelection(field, '[', '](https://)')
    },
  },
  {
    id: 'list',
    icon: List,
    action: (field: HTMLTextAreaElement) => {
      prefixLines(field, () => '- ')
    },
  },
  {
    id: 'numbers',
    icon: ListOrdered,
    action: (field: HTMLTextAreaElement) => {
      prefixLines(field, (line) => `${String(line)}. `)
    },
  },
  {
    id: 'quote',
    icon: TextQuote,
    action: (field: HTMLTextAreaElement) => {
      prefixLines(field, () => '> ')
    },
  },
  {
    id: 'code',
    icon: Code,
    action: (field: HTMLTextAreaElement) => {
      wrapSelection(field, '`')
    },
  },
] as const

export function Toolbar({ field }: { readonly field: RefObject<HTMLTextAreaElement | null> }) {
  const say = useWords()
  return (
    <div className={styles.toolbar} role="toolbar" aria-label={say('composer.formatting')}>
      {marks.map(({ id, icon: Icon, action }) => (
        <IconButton
          key={id}
          label={say(`composer.mark.${id}`)}
          onPointerDown={(event) => {
            event.preventDefault()
          }}
          onClick={() => {
            if (field.current !== null) action(field.current)
          }}
        >
          <Icon />
        </IconButton>
      ))}
    </div>
  )
}
