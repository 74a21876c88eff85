// The mail log: all accepted mail and its state. The filters are in the URL.

import { useInfiniteQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'

import { useAccountId } from '../../shell/go'
import { usePageTitle } from '../../shell/page-title'
import { Button } from '../../ui/button'
import { Empty } from '../../ui/empty'
import { Skeleton } from '../../ui/skeleton'
import { useWords } from '../../words/words'
import { logQuery } from '../queries'
import styles from './log.module.css'
import { LogFilters } from './log-filters'
import { LogTable } from './log-table'
import type { LogView } from './log-view'

export function Log() {
  const say = useWords()
  const accountId = useAccountId()
  const view = useSearch({ from: '/app/accounts/$accountId/mail' })
  const { data, error, isPending, hasNextPage, isFetchingNextPage, fetchNextPage, refetch } = useInfiniteQuery(
    logQuery(accountId, view),
  )
  usePageTitle(say('mail.title'))
  const mails = data?.pages.flatMap(({ payload }) => payload) ?? []
  const meta = data?.pages[0]?.meta
  return (
    <main className={styles.sheet}>
      <header className={styles.head}>
        <h1>{say('mail.title')}</h1>
        <p className={styles.sub}>
          {say('mail.log.sub')}{' '}
          {meta !== undefined && say('mail.log.count', { count: meta.count, isExact: String(meta.count_is_exact) })}
        </p>
        <LogFilters view={view} />
      </header>
      {isPending && <Skeleton rows={10} label={say('common.loading')} />}
      {error !== null && data === undefined && (
        <Empty title={say('mail.log.failed.title')} text={error.message}>
          <Button onClick={() => void refetch()}>{say('common.tryAgain')}</Button>
        </Empty>
      )}
      {data !== undefined && mails.length === 0 && <Nothing view={view} />}
      {mails.length > 0 && <LogTable mails={mails} />}
      {hasNextPage && (
        <Button className={styles.more} disabled={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          {say('mail.log.more')}
        </Button>
      )}
    </main>
  )
}

function Nothing({ view }: { readonly view: LogView }) {
  const say = useWords()
  const accountId = useAccountId()
  const navigate = useNavigate()
  if (Object.keys(view).length === 0)
    return (
      <Empty title={say('mail.log.empty.title')} text={say('mail.log.empty.text')}>
        <Link to="/app/accounts/$accountId/try" params={{ accountId }}>
          {say('mail.log.tryIt')}
        </Link>
      </Empty>
    )
  return (
    <Empty title={say('mail.log.none.title')} text={say('mail.log.none.text')}>
      <Button onClick={() => void navigate({ to: '/app/accounts/$accountId/mail', params: { accountId }, search: {} })}>
        {say('mail.log.clear')}
      </Button>
    </Empty>
  )
}
