// One conversation: its head, its messages, the composer, and the panel beside them.

import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { useMemo, useRef } from 'react'

import { ApiError } from '../api/client'
import { type Action, useActions } from '../shell/actions'
import { useAccountId } from '../shell/go'
import { usePageTitle } from '../shell/page-title'
import { Button } from '../ui/button'
import { Empty } from '../ui/empty'
import { Skeleton } from '../ui/skeleton'
import { useWords } from '../words/words'
import { Composer, type ComposerHandle } from './composer/composer'
import { conversationQuery } from './conversation-query'
import { subjectOf } from './describe'
import styles from './open-conversation.module.css'
import { Panel } from './panel/panel'
import { togglePanel, usePanel } from './panel/panel-state'
import { Head } from './thread/head'
import { MessageList } from './thread/message-list'
import { useSeen } from './thread/use-seen'
import { WhyProvider } from './thread/why'
import { useMoves } from './use-view'

export function OpenConversation() {
  const { displayId } = useParams({ from: '/app/accounts/$accountId/conversations/$displayId' })
  // Nothing of one conversation may stay when another is opened.
  return <Content key={displayId} displayId={displayId} />
}

function Content({ displayId }: { readonly displayId: number }) {
  const say = useWords()
  const accountId = useAccountId()
  const queries = useQueryClient()
  const composer = useRef<ComposerHandle>(null)
  const isPanelOpen = usePanel()
  const { data: conversation, error, refetch } = useQuery(conversationQuery(queries, accountId, displayId))
  usePageTitle(
    conversation === undefined ? `#${String(displayId)}` : (subjectOf(conversation) ?? `#${String(displayId)}`),
  )
  useSeen(accountId, conversation)
  useActions(
    useMemo<readonly Action[]>(
      () => [
        {
          id: 'reply',
          name: 'composer.action.reply',
          keys: ['r'],
          group: 'composer',
          run: () => composer.current?.write('reply'),
        },
        {
          id: 'note',
          name: 'composer.action.note',
          keys: ['n'],
          group: 'composer',
          run: () => composer.current?.write('note'),
        },
        {
          id: 'panel',
          name: 'thread.action.panel',
          keys: [']'],
          group: 'general',
          run: togglePanel,
        },
      ],
      [],
    ),
  )
  if (conversation === undefined)
    return error === null ? (
      <Skeleton rows={5} label={say('common.loading')} />
    ) : (
      <Problem error={error} onRetry={() => void refetch()} />
    )
  const { merged_into: mergedInto } = conversation.additional_attributes as { readonly merged_into?: number }
  if (mergedInto !== undefined) return <Merged displayId={displayId} into={mergedInto} />
  return (
    <WhyProvider>
      <div
        className={styles.open}
        data-panel={isPanelOpen ? '' : undefined}
        aria-label={say('thread.conversation', { id: displayId })}
      >
        <div className={styles.column}>
          <Head conversation={conversation} />
          <MessageList conversation={conversation} />
          <Composer conversation={conversation} ref={composer} />
        </div>
        {isPanelOpen && <Panel conversation={conversation} />}
      </div>
    </WhyProvider>
  )
}

function Problem({ error, onRetry }: { readonly error: Error; readonly onRetry: () => void }) {
  const say = useWords()
  const { close } = useMoves()
  const status = error instanceof ApiError ? error.status : 0
  const kind = kinds.get(status) ?? 'failed'
  return (
    <Empty title={say(`thread.${kind}.title`)} text={say(`thread.${kind}.text`)}>
      {kind === 'failed' && <Button onClick={onRetry}>{say('common.tryAgain')}</Button>}
      <Button onClick={close}>{say('thread.backToList')}</Button>
    </Empty>
  )
}

const kinds: ReadonlyMap<number, 'gone' | 'notYours'> = new Map([
  [401, 'notYours'],
  [403, 'notYours'],
  [404, 'gone'],
])

function Merged({ displayId, into }: { readonly displayId: number; readonly into: number }) {
  const say = useWords()
  const { open } = useMoves()
  return (
    <Empty title={say('thread.merged.title', { id: displayId, into })} text={say('thread.merged.text')}>
      <Button
        onClick={() => {
          open(into, true)
        }}
      >
        {say('thread.merged.open', { into })}
      </Button>
    </Empty>
  )
}
