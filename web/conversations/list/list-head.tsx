// Above the rows: search, the tabs with their counts, the filters of the view.

import { Search, X } from 'lucide-react'
import { useState } from 'react'

import { IconButton } from '../../ui/button'
import { useWords } from '../../words/words'
import { useMoves, useView } from '../use-view'
import { FilterBar } from './filter-bar'
import styles from './list-head.module.css'
import { Tabs } from './tabs'

export function ListHead() {
  const view = useView()
  return (
    <header className={styles.head}>
      <SearchField key={view.q ?? ''} words={view.q ?? ''} />
      <Tabs view={view} current={view.tab ?? 'mine'} />
      <FilterBar />
    </header>
  )
}

function SearchField({ words }: { readonly words: string }) {
  const say = useWords()
  const { change } = useMoves()
  const [text, setText] = useState(words)
  const search = (q: string): void => {
    change(q.trim() === '' ? { q: undefined } : { q: q.trim(), tab: 'all', status: 'all' })
  }
  return (
    <form
      className={styles.search}
      role="search"
      onSubmit={(event) => {
        event.preventDefault()
        search(text)
      }}
    >
      <Search aria-hidden="true" />
      <input
        type="search"
        value={text}
        aria-label={say('conversations.search')}
        placeholder={say('conversations.search')}
        onChange={({ target }) => {
          setText(target.value)
        }}
      />
      {words !== '' && (
        <IconButton
          label={say('conversations.clearSearch')}
          onClick={() => {
            search('')
          }}
        >
          <X />
        </IconButton>
      )}
    </form>
  )
}
