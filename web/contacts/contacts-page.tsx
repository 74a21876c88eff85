// The list of contacts: searched by words, read page by page while it is scrolled.

import { useInfiniteQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { useVirtualizer } from '@tanstack/react-virtual'
import { Search } from 'lucide-react'
import { useEffect, useMemo, useRef, useState } from 'react'

import { contactAddress } from '../shell/address'
import { useAccountId } from '../shell/go'
import { usePageTitle } from '../shell/page-title'
import { Avatar } from '../ui/avatar'
import { Button } from '../ui/button'
import { Chip } from '../ui/chip'
import { Empty } from '../ui/empty'
import { Skeleton } from '../ui/skeleton'
import { Time } from '../ui/time'
import { useWords } from '../words/words'
import { contactsQuery } from './contact-queries'
import styles from './contacts-page.module.css'

const rowHeight = 53
const readAhead = 10

export function ContactsPage() {
  const say = useWords()
  usePageTitle(say('shell.contacts'))
  const accountId = useAccountId()
  const { q } = useSearch({ from: '/app/accounts/$accountId/contacts' })
  const { data, error, isPending, hasNextPage, isFetchingNextPage, fetchNextPage, refetch } = useInfiniteQuery(
    contactsQuery(accountId, q),
  )
  const contacts = useMemo(() => data?.pages.flatMap((page) => page.contacts) ?? [], [data])
  const scroller = useRef<HTMLDivElement>(null)
  const virtualizer = useVirtualizer({
    count: contacts.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: 10,
  })
  const items = virtualizer.getVirtualItems()
  const last = items.at(-1)?.index ?? 0
  useEffect(() => {
    if (last >= contacts.length - readAhead && hasNextPage && !isFetchingNextPage) void fetchNextPage()
  }, [last, contacts.length, hasNextPage, isFetchingNextPage, fetchNextPage])
  return (
    <main className={styles.page}>
      <header className={styles.head}>
        <h1>{say('shell.contacts')}</h1>
        <SearchField key={q ?? ''} words={q ?? ''} />
      </header>
      {isPending && <Skeleton rows={8} label={say('common.loading')} />}
      {error !== null && data === undefined && (
        <Empty title={say('contacts.failed')} text={error.message}>
          <Button onClick={() => void refetch()}>{say('common.tryAgain')}</Button>
        </Empty>
      )}
      {data !== undefined && contacts.length === 0 && (
        <Empty title={say(q === undefined ? 'contacts.none' : 'contacts.noneMatch')} text={say('contacts.noneText')} />
      )}
      <div className={styles.scroller} ref={scroller}>
        <ul className={styles.list} aria-label={say('shell.contacts')} style={{ height: virtualizer.getTotalSize() }}>
          {items.map(({ index, start }) => {
            const contact = contacts[index]
            if (contact === undefined) return null
            const name = contact.name || (contact.email ?? '–')
            return (
              <li key={contact.id} style={{ transform: `translateY(${String(start)}px)`, height: rowHeight }}>
                <Link className={styles.row} to={contactAddress(accountId, contact.id)}>
                  <Avatar name={name} url={contact.thumbnail} />
                  <span className={styles.name} dir="auto">
                    {name}
                  </span>
                  <span className={styles.email}>{contact.email}</span>
                  <span className={styles.mark}>
                    {contact.blocked && <Chip look="failed">{say('contacts.blocked')}</Chip>}
                  </span>
                  <span className={styles.time}>
                    {contact.last_activity_at !== undefined && contact.last_activity_at > 0 && (
                      <Time at={contact.last_activity_at} />
                    )}
                  </span>
                </Link>
              </li>
            )
          })}
        </ul>
      </div>
    </main>
  )
}

function SearchField({ words }: { readonly words: string }) {
  const say = useWords()
  const navigate = useNavigate()
  const accountId = useAccountId()
  const [text, setText] = useState(words)
  return (
    <form
      className={styles.search}
      role="search"
      onSubmit={(event) => {
        event.preventDefault()
        void navigate({
          to: '/app/accounts/$accountId/contacts',
          params: { accountId },
          search: text.trim() === '' ? {} : { q: text.trim() },
        })
      }}
    >
      <Search aria-hidden="true" />
      <input
        type="search"
        value={text}
        aria-label={say('contacts.search')}
        placeholder={say('contacts.search')}
        onChange={({ target }) => {
          setText(target.value)
        }}
      />
    </form>
  )
}
