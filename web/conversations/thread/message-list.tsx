// The messages of a conversation: the newest window first, earlier ones when the reader comes to the top. The place
// that is read stays where it is while messages are added above or below.

import { useInfiniteQuery } from '@tanstack/react-query'
import { Fragment, useMemo, useRef, useState } from 'react'
import { useIntl } from 'react-intl'

import type { Conversation } from '../../api/client'
import { Button } from '../../ui/button'
import { Skeleton } from '../../ui/skeleton'
import { toDate } from '../../ui/time'
import { useWords } from '../../words/words'
import { useShownUnconfirmed } from '../composer/shown-unconfirmed'
import { messageTypes } from '../describe'
import { useView } from '../use-view'
import styles from './message-list.module.css'
import { MessageView } from './message-view'
import { messagesQuery, type ShownMessage } from './messages-query'
import { usePlace } from './use-place'
import { useReadMore } from './use-read-more'

const none: readonly ShownMessage[] = []

export function MessageList({ conversation }: { readonly conversation: Conversation }) {
  const say = useWords()
  const { account_id: accountId, id } = conversation
  const { message: wanted = null } = useView()
  const query = useInfiniteQuery(messagesQuery(accountId, id, wanted))
  const { data, error, refetch } = query
  const known = useMemo(() => data?.pages.flatMap((page) => page.messages).filter(isShown) ?? none, [data])
  const unconfirmed = useShownUnconfirmed({ accountId, displayId: id }, known)
  const messages = useMemo(() => [...known, ...unconfirmed], [known, unconfirmed])
  const scroller = useRef<HTMLDivElement>(null)
  // What was unread when the conversation was opened stays marked while it is open.
  const [seenAt] = useState(conversation.agent_last_seen_at)
  const firstNew = messages.find((one) => one.message_type === messageTypes.incoming && one.created_at > seenAt)?.id
  usePlace(scroller, {
    first: messages[0]?.id,
    last: messages.at(-1)?.id,
    hasMark: firstNew !== undefined || wanted !== null,
  })
  const top = useReadMore(scroller, {
    hasMore: query.hasPreviousPage,
    isFetching: query.isFetchingPreviousPage,
    readMore: query.fetchPreviousPage,
  })
  const bottom = useReadMore(scroller, {
    hasMore: query.hasNextPage,
    isFetching: query.isFetchingNextPage,
    readMore: query.fetchNextPage,
  })
  return (
    <div className={styles.messages} ref={scroller} tabIndex={0} role="log" aria-label={say('thread.messages')}>
      <div ref={top} />
      {query.isFetchingPreviousPage && <p className={styles.line}>{say('thread.readingEarlier')}</p>}
      {data === undefined && error === null && <Skeleton rows={3} label={say('common.loading')} />}
      {error !== null && (
        <p className={styles.line}>
          {say('thread.messagesFailed')} <Button onClick={() => void refetch()}>{say('common.tryAgain')}</Button>
        </p>
      )}
      {messages.map((message, position) => (
        <Fragment key={message.echo_id ?? message.id}>
          <DayLine message={message} before={messages[position - 1]} />
          {message.id === firstNew && (
            <div className={`${styles.day ?? ''} ${styles.new ?? ''}`} data-new="">
              {say('thread.new')}
            </div>
          )}
          <MessageView message={message} conversation={conversation} isWanted={message.id === wanted} />
        </Fragment>
      ))}
      <div ref={bottom} />
    </div>
  )
}

// A message that was undone before it was sent is not announced.
function isShown({ content_attributes: attributes }: ShownMessage): boolean {
  return attributes['send_cancelled'] !== true
}

function DayLine({ message, before }: { readonly message: ShownMessage; readonly before: ShownMessage | undefined }) {
  const intl = useIntl()
  const day = (one: ShownMessage): string => toDate(one.created_at).toDateString()
  if (before !== undefined && day(before) === day(message)) return null
  return (
    <div className={styles.day}>
      {intl.formatDate(toDate(message.created_at), { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' })}
    </div>
  )
}
