// The life line of a mail, opened: what its state means, each step with the words of the servers, and what became of it
// for each recipient.

import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { useIntl } from 'react-intl'

import { useAccountId } from '../../shell/go'
import { Button } from '../../ui/button'
import { Time, toDate } from '../../ui/time'
import { useWords } from '../../words/words'
import styles from './life-line-details.module.css'
import { isFailed, type LifeLine, type LineRecipient, type Step } from './read-life-line'
import { lookOf, StateIcon } from './state-icon'

export function LifeLineDetails({ id, line }: { readonly id: string; readonly line: LifeLine }) {
  const say = useWords()
  return (
    <section id={id} className={styles.details} aria-label={say('lifeLine.title')}>
      <p className={styles.meaning}>
        <Meaning line={line} />
      </p>
      {line.steps.length > 0 && (
        <ol className={styles.steps} aria-label={say('lifeLine.steps')}>
          {line.steps.map((step, position) => (
            <StepRow key={`${step.at}.${String(position)}`} step={step} />
          ))}
        </ol>
      )}
      {line.recipients.length > 1 && <Recipients recipients={line.recipients} />}
    </section>
  )
}

function Meaning({ line: { state, sendAt, nextAttemptAt } }: { readonly line: LifeLine }) {
  const say = useWords()
  const intl = useIntl()
  const time = (at: string): string => intl.formatDate(at, { dateStyle: 'medium', timeStyle: 'short' })
  if (state === 'queued' && sendAt !== null) return say('lifeLine.leavesAt', { time: time(sendAt) })
  if (state === 'retrying' && nextAttemptAt !== null) return say('lifeLine.nextAttempt', { time: time(nextAttemptAt) })
  return say(`lifeLine.meaning.${state}`)
}

function StepRow({ step }: { readonly step: Step }) {
  const say = useWords()
  const accountId = useAccountId()
  const facts = [
    ...(step.recipients.length === 0 ? [] : [say('lifeLine.for', { who: step.recipients.join(', ') })]),
    ...(step.transport === '' ? [] : [say('lifeLine.transport', { name: step.transport })]),
    ...(step.queueId === '' ? [] : [say('lifeLine.queueId', { id: step.queueId })]),
    ...(step.reportedBy === '' ? [] : [say('lifeLine.reportedBy', { who: step.reportedBy })]),
  ]
  const words = step.error || step.response
  return (
    <li>
      <span className={`${styles.icon ?? ''} ${lookOf(step.state)}`}>
        <StateIcon state={step.state} />
      </span>
      <div className={styles.step}>
        <div className={styles.head}>
          <b>
            <StepName step={step} />
          </b>
          <Moment at={step.at} />
        </div>
        {facts.length > 0 && <p className={styles.facts}>{facts.join(' · ')}</p>}
        {words !== '' && <p className={styles.words}>{words}</p>}
        {step.reportId !== null && (
          <Link to="/app/accounts/$accountId/mail/$mailId" params={{ accountId, mailId: step.reportId }}>
            {say('lifeLine.report')}
          </Link>
        )}
      </div>
    </li>
  )
}

function StepName({ step: { state, server, since, attempts } }: { readonly step: Step }) {
  const say = useWords()
  const intl = useIntl()
  if (state === 'handed_over' && server !== '') return say('lifeLine.handedOverTo', { server })
  if (state === 'retrying' && since !== null)
    return say('lifeLine.triedSince', { count: attempts, time: intl.formatTime(since) })
  return say(`lifeLine.step.${state}`)
}

function Moment({ at }: { readonly at: string }) {
  const intl = useIntl()
  const isToday = toDate(at).toDateString() === new Date().toDateString()
  const whole = intl.formatDate(at, { dateStyle: 'full', timeStyle: 'medium' })
  return isToday ? (
    <time className={styles.at} dateTime={at} title={whole}>
      {intl.formatTime(at, { timeStyle: 'medium' })}
    </time>
  ) : (
    <span className={styles.at}>
      <Time at={at} isLong />
    </span>
  )
}

const shownAtFirst = 8

// Those who did not get it come first.
function Recipients({ recipients }: { readonly recipients: readonly LineRecipient[] }) {
  const say = useWords()
  const [isWhole, setWhole] = useState(false)
  const ordered = [...recipients].sort((a, b) => Number(isFailed(b.state)) - Number(isFailed(a.state)))
  const hidden = ordered.length - shownAtFirst
  return (
    <>
      <h3 className={styles.heading}>{say('lifeLine.recipients')}</h3>
      <ul className={styles.recipients} aria-label={say('lifeLine.recipients')}>
        {(isWhole ? ordered : ordered.slice(0, shownAtFirst)).map(({ email, state, at, detail }, position) => (
          <li key={email ?? position}>
            <span className={styles.email}>{email ?? say('lifeLine.unknownRecipient')}</span>
            <span className={`${styles.recipientState ?? ''} ${lookOf(state)}`}>
              <StateIcon state={state} />
              {say(`thread.state.${state}`)}
            </span>
            <Moment at={at} />
            {isFailed(state) && detail !== '' && <p className={styles.words}>{detail}</p>}
          </li>
        ))}
      </ul>
      {hidden > 0 && !isWhole && (
        <Button
          look="quiet"
          onClick={() => {
            setWhole(true)
          }}
        >
          {say('lifeLine.more', { count: hidden })}
        </Button>
      )}
    </>
  )
}
