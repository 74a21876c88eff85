// The list of conversations: tabs, filters, rows. The rows are virtual, further ones are read as they come into view.

import { useInfiniteQuery } from '@tanstack/react-query'
import { lazy, Suspense, useCallback, useMemo } from 'react'

import type { Conversation } from '../../api/client'
import { useAccountId } from '../../shell/go'
import { Button } from '../../ui/button'
import { Empty } from '../../ui/empty'
import { Skeleton } from '../../ui/skeleton'
import { useWords } from '../../words/words'
import { listQuery } from '../list-query'
import { useMoves, useView } from '../use-view'
import { useListActions } from './list-actions'
import { ListHead } from './list-head'
import { Rows } from './rows'
import { useSelection } from './selection'

const BulkBar = lazy(async () => ({ default: (await import('../actions/bulk-bar')).BulkBar }))
const nothing: readonly Conversation[] = []

export function ListPane({ openId }: { readonly openId: number | null }) {
  const say = useWords()
  const view = useView()
  const { open } = useMoves()
  const { data, error, isPending, fetchNextPage, hasNextPage, isFetchingNextPage, refetch } = useInfiniteQuery(
    listQuery(useAccountId(), view),
  )
  const conversations = useMemo(() => data?.pages.flatMap((page) => page.conversations) ?? nothing, [data])
  const selection = useSelection(conversations)
  useListActions({ conversations, openId, selection })
  const readMore = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage()
  }, [hasNextPage, isFetchingNextPage, fetchNextPage])
  return (
    <>
      <ListHead />
      {selection.ids.size > 0 && (
        <Suspense fallback={null}>
          <BulkBar selection={selection} />
        </Suspense>
      )}
      {isPending && <Skeleton rows={8} label={say('common.loading')} />}
      {error !== null && data === undefined && (
        <Empty title={say('conversations.failed.title')} text={error.message}>
          <Button onClick={() => void refetch()}>{say('common.tryAgain')}</Button>
        </Empty>
      )}
      {data !== undefined && conversations.length === 0 && <EmptyList />}
      {conversations.length > 0 && (
        <Rows conversations={conversations} openId={openId} selection={selection} onOpen={open} onEnd={readMore} />
      )}
    </>
  )
}

function EmptyList() {
  const say = useWords()
  const view = useView()
  const { change } = useMoves()
  const isFiltered = [view.priority, view.inbox, view.team, view.label, view.q, view.filter, view.kind].some(
    (one) => one !== undefined,
  )
  if (isFiltered)
    return (
      <Empty title={say('conversations.noneMatch.title')} text={say('conversations.noneMatch.text')}>
        <Button
          onClick={() => {
            change({
              priority: undefined,
              inbox: undefined,
              team: undefined,
              label: undefined,
              q: undefined,
              filter: undefined,
              kind: undefined,
            })
          }}
        >
          {say('conversations.clearFilters')}
        </Button>
      </Empty>
    )
  const tab = view.tab ?? 'mine'
  return (
    <Empty title={say(`conversations.empty.${tab}.title`)} text={say(`conversations.empty.${tab}.text`)}>
      {tab === 'mine' && (
        <Button
          onClick={() => {
            change({ tab: 'unassigned' })
          }}
        >
          {say('conversations.showUnassigned')}
        </Button>
      )}
    </Empty>
  )
}
