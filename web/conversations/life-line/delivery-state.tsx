// What became of a mail that leaves, in one quiet line. It opens to the steps and recipients (life-line-details.tsx).
// What failed says why, and can be sent again.

import { useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { ChevronDown, TriangleAlert } from 'lucide-react'
import { lazy, Suspense, useId, useState } from 'react'
import { useIntl } from 'react-intl'

import type { Conversation } from '../../api/client'
import { useAccountId } from '../../shell/go'
import { Button } from '../../ui/button'
import { toDate } from '../../ui/time'
import { withTexts } from '../../words/catalogue'
import { useWords } from '../../words/words'
import { resend } from '../composer/send'
import { takeUp } from '../composer/take-up'
import type { ShownMessage } from '../thread/messages-query'
import { useView } from '../use-view'
import styles from './delivery-state.module.css'
import { isFailed, type LifeLine, readLifeLine } from './read-life-line'
import { lookOf, StateIcon } from './state-icon'

const LifeLineDetails = lazy(async () => ({
  default: (await withTexts(() => import('./life-line-details'))()).LifeLineDetails,
}))
const SendAgain = lazy(async () => ({ default: (await withTexts(() => import('./send-again'))()).SendAgain }))

interface Props {
  readonly message: ShownMessage
  readonly conversation: Conversation
}

export function DeliveryState({ message, conversation }: Props) {
  const say = useWords()
  if (message.sending?.state === 'sending') return <span className={styles.sending}>{say('thread.state.sending')}</span>
  if (message.sending !== undefined) return <Unsent message={message} />
  const line = readLifeLine(message)
  return line === null ? null : <State message={message} conversation={conversation} line={line} />
}

function State({ message, conversation, line }: Props & { readonly line: LifeLine }) {
  const say = useWords()
  const id = useId()
  const [isOpen, setOpen] = useState(false)
  const hasFailed = isFailed(line.state)
  return (
    <>
      <div className={hasFailed ? styles.problem : styles.line}>
        <button
          type="button"
          className={`${styles.state ?? ''} ${lookOf(line.state)}`}
          aria-expanded={isOpen}
          aria-controls={isOpen ? id : undefined}
          title={say(isOpen ? 'thread.hideLifeLine' : 'thread.showLifeLine')}
          onClick={() => {
            setOpen(!isOpen)
          }}
        >
          <StateIcon state={line.state} />
          <span>
            <Summary line={line} />
          </span>
          <ChevronDown aria-hidden="true" className={styles.chevron} />
        </button>
        {hasFailed && <Problem message={message} conversation={conversation} line={line} />}
      </div>
      {isOpen && (
        <Suspense fallback={null}>
          <LifeLineDetails id={id} line={line} />
        </Suspense>
      )}
    </>
  )
}

function Summary({ line }: { readonly line: LifeLine }) {
  const say = useWords()
  const intl = useIntl()
  const { state, recipients } = line
  const when = (at: string): string => {
    const isToday = toDate(at).toDateString() === new Date().toDateString()
    return isToday ? intl.formatTime(at) : intl.formatDate(at, { day: 'numeric', month: 'short' })
  }
  if (state === 'queued' && line.sendAt !== null) return say('thread.state.leavesAt', { time: when(line.sendAt) })
  if (state === 'retrying' && line.nextAttemptAt !== null)
    return say('thread.state.nextAttempt', { time: when(line.nextAttemptAt) })
  if (state === 'handed_over' && line.at !== null) return say('thread.state.sentAt', { time: when(line.at) })
  if (isFailed(state) && recipients.length > 1) {
    const count = recipients.filter((one) => isFailed(one.state)).length
    return say('thread.state.failedFor', { count, all: recipients.length })
  }
  return say(`thread.state.${state}`)
}

function Problem({ message, conversation, line }: Props & { readonly line: LifeLine }) {
  const say = useWords()
  const accountId = useAccountId()
  const view = useView()
  const [isSending, setSending] = useState(false)
  const isSuppressed = line.state === 'suppressed' || line.recipients.some(({ state }) => state === 'suppressed')
  return (
    <>
      {line.error !== '' && <p className={styles.reason}>{line.error}</p>}
      <div className={styles.actions}>
        {isSuppressed && (
          <Link to="/app/accounts/$accountId/settings/$page" params={{ accountId, page: 'suppressed' }}>
            {say('thread.suppressedList')}
          </Link>
        )}
        {line.sentAgainAs === null ? (
          <Button
            look="line"
            aria-haspopup="dialog"
            onClick={() => {
              setSending(true)
            }}
          >
            {say('thread.sendAgain')}
          </Button>
        ) : (
          <Link
            to="/app/accounts/$accountId/conversations/$displayId"
            params={{ accountId, displayId: message.conversation_id }}
            search={{ ...view, message: line.sentAgainAs }}
          >
            {say('thread.sentAgain')}
          </Link>
        )}
      </div>
      {isSending && (
        <Suspense fallback={null}>
          <SendAgain
            message={message}
            conversation={conversation}
            line={line}
            onClose={() => {
              setSending(false)
            }}
          />
        </Suspense>
      )}
    </>
  )
}

// It did not reach the service: the same request is made again, and the service knows it by its key.
function Unsent({ message }: { readonly message: ShownMessage }) {
  const say = useWords()
  const queries = useQueryClient()
  return (
    <div className={styles.problem} role="alert">
      <span className={`${styles.state ?? ''} ${styles.failed ?? ''}`}>
        <TriangleAlert aria-hidden="true" />
        <span>{message.sending?.error ?? say('thread.state.unsent')}</span>
      </span>
      <div className={styles.actions}>
        <Button look="line" onClick={() => void resend(queries, message.echo_id ?? '')}>
          {say('common.tryAgain')}
        </Button>
        <Button
          look="quiet"
          onClick={() => {
            takeUp(message.echo_id ?? '')
          }}
        >
          {say('thread.backToComposer')}
        </Button>
      </div>
    </div>
  )
}
