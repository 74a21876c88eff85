// What would become of a mail, or became of it: the state, the reason in a sentence, and each step.

import { Link } from '@tanstack/react-router'

import { useAccountId } from '../../shell/go'
import { Chip } from '../../ui/chip'
import { useWords } from '../../words/words'
import { lookOf, outcomeName, reasonName, reasonSentence, statusName, stepName } from '../mail-words'
import { Way } from '../way'
import way from '../way.module.css'
import styles from './try-it.module.css'
import type { Attempt, Result } from './use-try'

export function Outcome({ attempt: { result } }: { readonly attempt: Attempt }) {
  const say = useWords()
  if (result === null) return <aside className={styles.outcome} />
  if (result.kind === 'failed')
    return (
      <aside className={styles.outcome} role="alert">
        <p className={styles.failure}>{result.message}</p>
      </aside>
    )
  const { found } = result
  return (
    <aside className={styles.outcome} role="status">
      <h2>{say(result.kind === 'explain' ? 'mail.try.would' : 'mail.try.became')}</h2>
      <p className={styles.verdict}>
        <Chip look={lookOf(found.status)}>{statusName(say, found.status)}</Chip>
        <b>{reasonName(say, found.reason)}</b>
      </p>
      <p className={styles.sentence}>{reasonSentence(say, found.reason)}</p>
      {result.kind === 'deliver' ? <Way mail={result.found} /> : <Steps steps={found.trace} status={found.status} />}
      <Links result={result} />
    </aside>
  )
}

type Explained = Extract<Result, { kind: 'explain' }>['found']

function Steps({ steps, status }: { readonly steps: Explained['trace']; readonly status: string }) {
  const say = useWords()
  const last = steps.length - 1
  return (
    <ol className={way.steps}>
      {steps.map(({ step, outcome, detail }, position) => (
        <li
          key={`${step}.${String(position)}`}
          className={position === last && status !== 'delivered' ? way.stop : undefined}
        >
          <b>{stepName(say, step)}</b>
          <span className={way.outcome}>{outcomeName(say, step, outcome)}</span>
          {step !== 'decision' && detail !== null && <p>{detail}</p>}
        </li>
      ))}
    </ol>
  )
}

function Links({ result }: { readonly result: Extract<Result, { kind: 'explain' | 'deliver' }> }) {
  const say = useWords()
  const accountId = useAccountId()
  const { conversation_id: displayId } = result.found
  return (
    <p className={styles.links}>
      {result.kind === 'deliver' && (
        <Link to="/app/accounts/$accountId/mail/$mailId" params={{ accountId, mailId: result.found.id }}>
          {say('mail.try.seeMail')}
        </Link>
      )}
      {displayId !== null && (
        <Link
          to="/app/accounts/$accountId/conversations/$displayId"
          params={{ accountId, displayId }}
          search={{ tab: 'all', status: 'all' }}
        >
          {say('mail.open', { id: String(displayId) })}
        </Link>
      )}
    </p>
  )
}
