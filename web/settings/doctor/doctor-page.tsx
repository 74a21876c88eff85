// What `rethread doctor --dns` says, in groups: the state of each check, what it is about, and the record to publish.
// An administrator of an account sees the checks of the account's domains: the other findings concern the server and
// the mail of all accounts, and are for administrators of the installation.

import { queryOptions, useQuery } from '@tanstack/react-query'
import { RefreshCw } from 'lucide-react'
import { useIntl } from 'react-intl'

import { api, ask } from '../../api/client'
import { useAccountId } from '../../shell/go'
import { Button } from '../../ui/button'
import { Empty } from '../../ui/empty'
import { Time } from '../../ui/time'
import { useWords } from '../../words/words'
import { Page } from '../parts'
import { useReader } from '../use-reader'
import { CheckRow } from './check-row'
import { type Check, type CheckGroup, countStates, groupChecks } from './checks'
import styles from './doctor-page.module.css'

const kept = { staleTime: 5 * 60_000, retry: false }

const quickQuery = queryOptions({
  ...kept,
  queryKey: ['doctor', 'quick'],
  queryFn: async () => (await ask(api.GET('/api/v1/doctor'))).checks,
})

const wholeQuery = queryOptions({
  ...kept,
  queryKey: ['doctor', 'whole'],
  queryFn: async () => (await ask(api.GET('/api/v1/doctor', { params: { query: { dns: true } } }))).checks,
})

const accountQuery = (accountId: number) =>
  queryOptions({
    ...kept,
    queryKey: ['doctor', 'account', accountId],
    queryFn: async () =>
      (await ask(api.GET('/api/v1/accounts/{accountId}/doctor', { params: { path: { accountId } } }))).checks,
  })

export function DoctorPage() {
  return useReader().isOperator ? <OfInstallation /> : <OfAccount />
}

// Lookups take longest: what needs none is shown meanwhile.
function OfInstallation() {
  const say = useWords()
  const quick = useQuery(quickQuery)
  const whole = useQuery(wholeQuery)
  return (
    <Findings
      text={say('doctor.text')}
      checks={whole.isFetching ? (quick.data ?? whole.data) : (whole.data ?? quick.data)}
      isRunning={quick.isFetching || whole.isFetching}
      at={whole.dataUpdatedAt}
      error={whole.error}
      onAgain={() => {
        void quick.refetch()
        void whole.refetch()
      }}
    />
  )
}

function OfAccount() {
  const say = useWords()
  const { data, isFetching, dataUpdatedAt, error, refetch } = useQuery(accountQuery(useAccountId()))
  return (
    <Findings
      text={say('doctor.accountText')}
      checks={data}
      isRunning={isFetching}
      at={dataUpdatedAt}
      error={error}
      onAgain={() => void refetch()}
    />
  )
}

interface FindingsProps {
  readonly text: string
  readonly checks: readonly Check[] | undefined
  readonly isRunning: boolean
  /** Milliseconds since 1970; 0 = never. */
  readonly at: number
  readonly error: Error | null
  readonly onAgain: () => void
}

function Findings({ text, checks, isRunning, at, error, onAgain }: FindingsProps) {
  const say = useWords()
  return (
    <Page
      title={say('doctor.title')}
      text={text}
      action={
        // Not disabled: it keeps the focus while the checks run.
        <Button
          aria-disabled={isRunning}
          onClick={() => {
            if (!isRunning) onAgain()
          }}
        >
          <RefreshCw aria-hidden="true" />
          {say('doctor.again')}
        </Button>
      }
    >
      <div className={styles.summary} role="status">
        {isRunning ? (
          <>
            <progress className={styles.progress} aria-label={say('doctor.running')} />
            <span>{say('doctor.running')}</span>
          </>
        ) : (
          checks !== undefined && error === null && <Summary checks={checks} at={at} />
        )}
      </div>
      {error !== null && !isRunning && (
        <Empty title={say('doctor.failed')} text={error.message}>
          <Button onClick={onAgain}>{say('common.tryAgain')}</Button>
        </Empty>
      )}
      {groupChecks(checks ?? []).map((group) => (
        <Group key={typeof group.name === 'string' ? group.name : group.name.domain} group={group} />
      ))}
    </Page>
  )
}

function Summary({ checks, at }: { readonly checks: readonly Check[]; readonly at: number }) {
  const say = useWords()
  const intl = useIntl()
  const { failed, warning, passed } = countStates(checks)
  const parts = [
    ...(failed === 0 ? [] : [say('doctor.count.failed', { count: failed })]),
    ...(warning === 0 ? [] : [say('doctor.count.warning', { count: warning })]),
    say('doctor.count.passed', { count: passed }),
  ]
  return (
    <>
      <b>{intl.formatList(parts, { type: 'unit' })}</b>
      {at > 0 && (
        <span className={styles.at}>
          {say('doctor.checked')} <Time at={at / 1000} isLong />
        </span>
      )}
    </>
  )
}

function Group({ group: { name, checks } }: { readonly group: CheckGroup }) {
  const say = useWords()
  const title = typeof name === 'string' ? say(`doctor.group.${name}`) : name.domain
  return (
    <section className={styles.group} aria-label={title}>
      <h2>{title}</h2>
      <ul>
        {checks.map((one) => (
          <CheckRow key={one.check.name} known={one} />
        ))}
      </ul>
    </section>
  )
}
