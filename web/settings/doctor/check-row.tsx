// One check of `doctor`: its state, what was found, what the check is about, and the records that put it right.

import { CircleCheck, CircleX, TriangleAlert } from 'lucide-react'

import type { Schemas } from '../../api/client'
import { CopyButton } from '../../ui/copy-button'
import { useWords } from '../../words/words'
import { type CheckKind, type CheckState, groupOf, type KnownCheck } from './checks'
import styles from './doctor-page.module.css'

const icons = { failed: CircleX, warning: TriangleAlert, passed: CircleCheck } as const satisfies Record<
  CheckState,
  typeof CircleX
>

export function CheckRow({ known: { check, state, kind, subject } }: { readonly known: KnownCheck }) {
  const say = useWords()
  const Icon = icons[state]
  return (
    <li className={styles.check} data-state={state}>
      <Icon aria-hidden="true" className={styles[state]} />
      <div className={styles.finding}>
        <h3>
          <CheckName kind={kind} subject={subject} name={check.name} />
          <span className={`${styles.state ?? ''} ${styles[state] ?? ''}`}>{say(`doctor.state.${state}`)}</span>
        </h3>
        <p className={styles.detail}>{check.detail}</p>
        {kind !== null && <p className={styles.about}>{say(`doctor.about.${kind}`)}</p>}
        {check.records !== undefined && check.records.length > 0 && (
          <div className={styles.records}>
            <p>{say(check.records.some(hasGaps) ? 'doctor.publishLike' : 'doctor.publish')}</p>
            {check.records.map((record) => (
              <RecordToPublish key={`${record.name} ${record.value}`} record={record} />
            ))}
          </div>
        )}
      </div>
    </li>
  )
}

// What the service cannot know stands in capital letters: SELECTOR, PUBLIC-KEY, YOUR-MAIL-SERVER.
function hasGaps({ name, value }: Schemas['DnsRecord']): boolean {
  return /\b(?:SELECTOR|REGION|(?:PUBLIC|YOUR)-[A-Z-]+)\b/.test(`${name} ${value}`)
}

interface CheckNameProps {
  readonly kind: CheckKind | null
  readonly subject: string
  readonly name: string
}

function CheckName({ kind, subject, name }: CheckNameProps) {
  const say = useWords()
  if (kind === null) return name
  const words = say(`doctor.name.${kind}`)
  // The heading of the group names the domain.
  return subject === '' || groupOf[kind] === 'domain' ? words : `${words} ${subject}`
}

// Panels of DNS hosts ask for type, name and value apart.
function RecordToPublish({ record: { type, name, value } }: { readonly record: Schemas['DnsRecord'] }) {
  const say = useWords()
  return (
    <dl className={styles.record}>
      <dt>{say('doctor.record.type')}</dt>
      <dd>
        <code>{type}</code>
      </dd>
      <dt>{say('doctor.record.name')}</dt>
      <dd>
        <code>{name}</code>
        <CopyButton text={name} label={`${type} ${say('doctor.record.name')}`} />
      </dd>
      <dt>{say('doctor.record.value')}</dt>
      <dd>
        <code>{value}</code>
        <CopyButton text={value} label={`${type} ${say('doctor.record.value')}`} />
      </dd>
    </dl>
  )
}
