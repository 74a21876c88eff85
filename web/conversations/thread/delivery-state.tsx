// What became of a mail that leaves: waiting, handed over, delayed, read, failed and why. What failed can be sent
// again.

import { useQueryClient } from '@tanstack/react-query'
import { Check, CheckCheck, Clock, TriangleAlert } from 'lucide-react'
import { useState } from 'react'
import { useIntl } from 'react-intl'

import { api, ask } from '../../api/client'
import { useAccountId } from '../../shell/go'
import { Button } from '../../ui/button'
import { tell } from '../../ui/toast'
import { useWords } from '../../words/words'
import { resend } from '../composer/send'
import { takeUp } from '../composer/take-up'
import { messageTypes } from '../describe'
import styles from './delivery-state.module.css'
import { putMessage, type ShownMessage } from './messages-query'

interface Delivery {
  readonly state?: string
  readonly error?: string
  readonly at?: string
  readonly send_at?: string
}

export function DeliveryState({ message }: { readonly message: ShownMessage }) {
  const say = useWords()
  if (message.sending?.state === 'sending') return <span className={styles.state}>{say('thread.state.sending')}</span>
  if (message.sending !== undefined) return <Unsent message={message} />
  if (message.private || message.message_type === messageTypes.incoming) return null
  const {
    delivery = {},
    external_error: external = '',
    sent_again_as: sentAgain,
  } = message.content_attributes as {
    readonly delivery?: Delivery
    readonly external_error?: string
    readonly sent_again_as?: number
  }
  if (message.status === 'failed' || delivery.state === 'bounced')
    return (
      <Failed message={message} reason={external || (delivery.error ?? '')} isSentAgain={sentAgain !== undefined} />
    )
  return <Reached delivery={message.status === 'read' ? { ...delivery, state: 'read' } : delivery} />
}

function Reached({ delivery }: { readonly delivery: Delivery }) {
  const say = useWords()
  const intl = useIntl()
  switch (delivery.state) {
    case 'read':
      return (
        <span className={styles.done}>
          <CheckCheck aria-hidden="true" /> {say('thread.state.read')}
        </span>
      )
    case 'delayed':
    case 'retrying':
      return (
        <span className={styles.delayed} title={delivery.error}>
          <Clock aria-hidden="true" /> {say(`thread.state.${delivery.state}`)}
        </span>
      )
    case 'delivered':
    case 'auto_answered':
      return (
        <span className={styles.done}>
          <CheckCheck aria-hidden="true" />{' '}
          {say(delivery.state === 'delivered' ? 'thread.state.delivered' : 'thread.state.autoAnswered')}
        </span>
      )
    case 'complained':
      return (
        <span className={styles.delayed}>
          <TriangleAlert aria-hidden="true" /> {say('thread.state.complained')}
        </span>
      )
    case 'sent':
      return (
        <span className={styles.done}>
          <Check aria-hidden="true" />
          {delivery.at === undefined
            ? say('thread.state.handedOver')
            : say('thread.state.handedOverAt', { time: intl.formatTime(delivery.at) })}
        </span>
      )
    default:
      return delivery.send_at === undefined ? null : <span className={styles.state}>{say('thread.state.queued')}</span>
  }
}

interface FailedProps {
  readonly message: ShownMessage
  readonly reason: string
  readonly isSentAgain: boolean
}

function Failed({ message, reason, isSentAgain }: FailedProps) {
  const say = useWords()
  const queries = useQueryClient()
  const accountId = useAccountId()
  const [isBusy, setBusy] = useState(false)
  const sendAgain = async (): Promise<void> => {
    setBusy(true)
    try {
      const path = { accountId, displayId: message.conversation_id, id: message.id }
      const sent = await ask(
        api.POST('/api/v1/accounts/{accountId}/conversations/{displayId}/messages/{id}/send_again', {
          params: { path },
        }),
      )
      putMessage(queries, accountId, sent as unknown as ShownMessage)
    } catch (error) {
      tell({ text: error instanceof Error ? error.message : String(error), isFailure: true })
    } finally {
      setBusy(false)
    }
  }
  return (
    <span className={styles.failed} role="alert">
      <TriangleAlert aria-hidden="true" />
      <span>
        {say('thread.state.failed')} {reason} {isSentAgain ? say('thread.state.sentAgain') : null}
      </span>
      {isSentAgain ? null : (
        <Button look="line" disabled={isBusy} onClick={() => void sendAgain()}>
          {say('thread.sendAgain')}
        </Button>
      )}
    </span>
  )
}

// It did not reach the service: the same request is made again, and the service knows it by its key.
function Unsent({ message }: { readonly message: ShownMessage }) {
  const say = useWords()
  const queries = useQueryClient()
  return (
    <span className={styles.failed} role="alert">
      <TriangleAlert aria-hidden="true" />
      <span>{message.sending?.error ?? say('thread.state.unsent')}</span>
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
    </span>
  )
}
