// The list of held mail: who, when, the subject, and the reason as a chip.

import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { Search } from 'lucide-react'
import { useEffect, useMemo, useRef, useState } from 'react'

import head from '../../conversations/list/list-head.module.css'
import row from '../../conversations/list/row.module.css'
import { Tabs } from '../../conversations/list/tabs'
import { type Action, useActions } from '../../shell/actions'
import { useAccountId } from '../../shell/go'
import { Button } from '../../ui/button'
import { Chip } from '../../ui/chip'
import { Empty } from '../../ui/empty'
import { Skeleton } from '../../ui/skeleton'
import { Time } from '../../ui/time'
import { useWords } from '../../words/words'
import { heldCountQuery } from '../held-count'
import { lookOf, reasonName } from '../mail-words'
import { heldQuery, type Mail } from '../queries'
import styles from './held-list.module.css'

const nothing: readonly Mail[] = []

export function HeldList({ openId }: { readonly openId: number | null }) {
  const say = useWords()
  const accountId = useAccountId()
  const { data: counted } = useQuery(heldCountQuery(accountId))
  const { data, error, isPending, hasNextPage, fetchNextPage, refetch } = useInfiniteQuery(heldQuery(accountId))
  const mails = useMemo(() => data?.pages.flatMap(({ payload }) => payload) ?? nothing, [data])
  useHeldKeys(mails, openId)
  return (
    <>
      <header className={head.head}>
        <SearchLog />
        <Tabs current="held" view={{}} />
        <div className={head.bar}>
          <span className={styles.count}>{say('mail.held.count', { count: counted?.count ?? mails.length })}</span>
          <span className={styles.count}>{say('mail.held.newest')}</span>
        </div>
      </header>
      {isPending && <Skeleton rows={6} label={say('common.loading')} />}
      {error !== null && data === undefined && (
        <Empty title={say('mail.held.failed.title')} text={error.message}>
          <Button onClick={() => void refetch()}>{say('common.tryAgain')}</Button>
        </Empty>
      )}
      {data !== undefined && mails.length === 0 && (
        <Empty title={say('mail.held.empty.title')} text={say('mail.held.empty.text')}>
          <Link to="/app/accounts/$accountId/mail" params={{ accountId }}>
            {say('mail.title')}
          </Link>
        </Empty>
      )}
      {mails.length > 0 && (
        <div className={styles.rows} role="listbox" aria-label={say('mail.held.list')}>
          {mails.map((mail, position) => (
            <HeldRow
              key={mail.id}
              mail={mail}
              isOpen={mail.id === openId}
              isFirst={position === 0 && !mails.some(({ id }) => id === openId)}
            />
          ))}
          {hasNextPage && (
            <Button look="quiet" className={styles.more} onClick={() => void fetchNextPage()}>
              {say('mail.log.more')}
            </Button>
          )}
        </div>
      )}
    </>
  )
}

// Mail is searched in the log, which has all of it.
function SearchLog() {
  const say = useWords()
  const accountId = useAccountId()
  const navigate = useNavigate()
  const [words, setWords] = useState('')
  return (
    <form
      className={head.search}
      role="search"
      onSubmit={(event) => {
        event.preventDefault()
        const search = words.trim() === '' ? {} : { q: words.trim() }
        void navigate({ to: '/app/accounts/$accountId/mail', params: { accountId }, search })
      }}
    >
      <Search aria-hidden="true" />
      <input
        type="search"
        value={words}
        aria-label={say('mail.held.search')}
        placeholder={say('mail.held.search')}
        onChange={({ target }) => {
          setWords(target.value)
        }}
      />
    </form>
  )
}

function HeldRow({
  mail,
  isOpen,
  isFirst,
}: {
  readonly mail: Mail
  readonly isOpen: boolean
  readonly isFirst: boolean
}) {
  const say = useWords()
  const accountId = useAccountId()
  const element = useRef<HTMLAnchorElement>(null)
  useEffect(() => {
    if (isOpen) element.current?.scrollIntoView({ block: 'nearest' })
  }, [isOpen])
  return (
    <Link
      ref={element}
      role="option"
      aria-selected={isOpen}
      tabIndex={isOpen || isFirst ? 0 : -1}
      to="/app/accounts/$accountId/held/$mailId"
      params={{ accountId, mailId: mail.id }}
      className={`${row.row ?? ''} ${styles.row ?? ''} ${isOpen ? (row.open ?? '') : ''}`}
    >
      <span className={row.line}>
        <span className={row.name} dir="auto">
          {mail.from ?? say('mail.noAuthor')}
        </span>
        <span className={row.time}>
          <Time at={mail.received_at} />
        </span>
      </span>
      <span className={row.line}>
        <span className={row.subject} dir="auto">
          {mail.subject === null || mail.subject === '' ? say('mail.noSubject') : mail.subject}
        </span>
      </span>
      <span className={row.line}>
        <Chip look={lookOf(mail.status)}>{reasonName(say, mail.reason)}</Chip>
      </span>
    </Link>
  )
}

function useHeldKeys(mails: readonly Mail[], openId: number | null): void {
  const accountId = useAccountId()
  const navigate = useNavigate()
  useActions(
    useMemo<readonly Action[]>(() => {
      const step = (by: number) => () => {
        const position = mails.findIndex(({ id }) => id === openId)
        const next = mails[position < 0 ? 0 : Math.min(mails.length - 1, Math.max(0, position + by))]
        if (next === undefined || next.id === openId) return
        const params = { accountId, mailId: next.id }
        void navigate({ to: '/app/accounts/$accountId/held/$mailId', params, replace: openId !== null })
      }
      return [
        { id: 'held.next', name: 'mail.action.next', keys: ['j', 'ArrowDown'], group: 'list', run: step(1) },
        { id: 'held.previous', name: 'mail.action.previous', keys: ['k', 'ArrowUp'], group: 'list', run: step(-1) },
        {
          id: 'held.close',
          name: 'mail.action.close',
          keys: ['Escape'],
          group: 'list',
          run: () => void navigate({ to: '/app/accounts/$accountId/held', params: { accountId } }),
        },
      ]
    }, [mails, openId, accountId, navigate]),
  )
}
