// The views of the inbox with their counts; beside them the mail that needs a person.

import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useIntl } from 'react-intl'

import { heldCountQuery } from '../../mail/held-count'
import { useAccountId } from '../../shell/go'
import { useWords } from '../../words/words'
import { countsQuery } from '../counts'
import { tabs, type View } from '../view'
import styles from './list-head.module.css'

interface TabsProps {
  readonly view: View
  readonly current: (typeof tabs)[number] | 'held'
}

export function Tabs({ view, current }: TabsProps) {
  const say = useWords()
  const accountId = useAccountId()
  const { data: counts } = useQuery(countsQuery(accountId, view))
  const { data: held } = useQuery(heldCountQuery(accountId))
  const { filter: _filter, ...before } = view
  return (
    <div className={styles.tabs} role="tablist" aria-label={say('conversations.views')}>
      {tabs.map((tab) => (
        <Link
          key={tab}
          role="tab"
          aria-selected={tab === current}
          to="/app/accounts/$accountId/conversations"
          params={{ accountId }}
          search={{ ...before, tab }}
          className={styles.tab}
        >
          {say(`conversations.tab.${tab}`)} <Count value={counts?.[tab]} />
        </Link>
      ))}
      <Link
        role="tab"
        aria-selected={current === 'held'}
        to="/app/accounts/$accountId/held"
        params={{ accountId }}
        className={styles.tab}
      >
        {say('conversations.tab.held')} <Count value={held?.count} isUrgent={(held?.count ?? 0) > 0} />
      </Link>
    </div>
  )
}

/** A number of five digits would push the tabs apart: it is shortened, and whole on hover. */
function Count({
  value,
  isUrgent = false,
}: {
  readonly value: number | undefined
  readonly isUrgent?: boolean
}): ReactNode {
  const intl = useIntl()
  if (value === undefined) return <span className={styles.count} />
  return (
    <span className={isUrgent ? styles.urgent : styles.count} title={intl.formatNumber(value)}>
      {intl.formatNumber(value, value >= 10_000 ? { notation: 'compact', maximumFractionDigits: 0 } : {})}
    </span>
  )
}
