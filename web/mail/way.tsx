// The way of a mail through the service: a vertical line of steps, with the time since the step before and what each
// found out.

import { useIntl } from 'react-intl'

import { fileSize } from '../conversations/thread/file-size'
import { useWords } from '../words/words'
import { outcomeName, reasonName, stepName, wayIn } from './mail-words'
import type { MailWithTrace } from './queries'
import styles from './way.module.css'

interface Step {
  readonly name: string
  readonly outcome: string | null
  readonly detail: string | null
  /** Milliseconds since 1970; null where that was not noted. */
  readonly at: number | null
  readonly look?: 'stop' | 'bad' | undefined
}

export function Way({ mail }: { readonly mail: MailWithTrace }) {
  const say = useWords()
  const intl = useIntl()
  const steps = useSteps(mail)
  return (
    <ol className={styles.steps}>
      {steps.map((step, position) => (
        <li
          key={`${step.name}.${String(position)}`}
          className={step.look === undefined ? undefined : styles[step.look]}
        >
          <span className={styles.at}>
            {position === 0 ? (
              <time dateTime={mail.times.received}>
                {intl.formatTime(mail.times.received, { timeStyle: 'medium' })}
              </time>
            ) : (
              <Since at={step.at} before={lastKnown(steps, position)} />
            )}
          </span>
          <b>{step.name}</b>
          {step.outcome !== null && <span className={styles.outcome}>{step.outcome}</span>}
          {step.detail !== null && <p>{step.detail}</p>}
        </li>
      ))}
      {mail.degraded !== null && <li className={styles.stop}>{say('mail.one.degraded', { why: mail.degraded })}</li>}
    </ol>
  )
}

function Since({ at, before }: { readonly at: number | null; readonly before: number | null }) {
  const say = useWords()
  const intl = useIntl()
  if (at === null || before === null) return null
  const ms = Math.max(0, at - before)
  const short = ms < 1 ? '<1 ms' : say('mail.ms', { count: ms })
  const text = ms < 10_000 ? short : intl.formatTime(at, { timeStyle: 'medium' })
  return <span title={say('mail.sinceBefore')}>{text}</span>
}

function lastKnown(steps: readonly Step[], position: number): number | null {
  return steps.slice(0, position).findLast(({ at }) => at !== null)?.at ?? null
}

function useSteps(mail: MailWithTrace): readonly Step[] {
  const say = useWords()
  const moment = (at: string | null): number | null => (at === null ? null : Date.parse(at))
  const { times, trace } = mail
  const end = { held: 'stop', ignored: 'stop', failed: 'bad' }[mail.status as string] as Step['look']
  const last = trace.length - 1
  // Reading comes first, the decision last, and judging ends before it.
  const atOf = (position: number): number | null => {
    if (position === last) return moment(times.settled)
    if (position === 0) return moment(times.read)
    return position === last - 1 ? moment(times.judged) : null
  }
  return [
    {
      name: say('mail.step.received'),
      outcome: null,
      detail: say('mail.receivedBy', { ingress: wayIn(say, mail.ingress), size: fileSize(mail.size) }),
      at: moment(times.received),
    },
    ...(times.taken === null
      ? []
      : [{ name: say('mail.step.taken'), outcome: null, detail: null, at: moment(times.taken) }]),
    ...trace.map(({ step, outcome, detail }, position) => ({
      name: stepName(say, step),
      outcome: outcomeName(say, step, outcome),
      detail: step === 'decision' ? reasonName(say, mail.reason) : detail,
      at: atOf(position),
      look: position === last ? end : undefined,
    })),
  ]
}
