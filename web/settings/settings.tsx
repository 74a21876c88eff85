// Settings: the pages at the left (above, on a phone), the open one beside it.

import { Link, useParams } from '@tanstack/react-router'
import { Suspense, useEffect, useRef } from 'react'

import { useAccountId } from '../shell/go'
import { Empty } from '../ui/empty'
import { useWords } from '../words/words'
import { settingsPages } from './pages'
import styles from './settings.module.css'
import { useReader } from './use-reader'

const groups = ['own', 'account'] as const

export function Settings() {
  const say = useWords()
  const accountId = useAccountId()
  const { page } = useParams({ from: '/app/accounts/$accountId/settings/$page' })
  const reader = useReader()
  const seen = settingsPages.filter(({ isFor }) => isFor(reader))
  const open = seen.find(({ id }) => id === page)
  const nav = useRef<HTMLElement>(null)
  // On a phone the pages are one row, which scrolls sideways.
  useEffect(() => {
    nav.current?.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'center' })
  }, [page])
  return (
    <div className={styles.layout}>
      <nav ref={nav} className={styles.nav} aria-label={say('settings.title')}>
        {groups.map((group) => {
          const pages = seen.filter((one) => one.group === group)
          if (pages.length === 0) return null
          return (
            <div key={group} role="group" aria-label={say(`settings.group.${group}`)} className={styles.group}>
              <h2>{say(`settings.group.${group}`)}</h2>
              {pages.map(({ id, name }) => (
                <Link
                  key={id}
                  to="/app/accounts/$accountId/settings/$page"
                  params={{ accountId, page: id }}
                  activeProps={{ 'aria-current': 'page' }}
                >
                  {say(name)}
                </Link>
              ))}
            </div>
          )
        })}
      </nav>
      <main className={styles.sheet} key={page}>
        {open === undefined ? (
          <Empty title={say('settings.noPage')} text={say('settings.noPageText')} />
        ) : (
          <Suspense fallback={null}>
            <open.component />
          </Suspense>
        )}
      </main>
    </div>
  )
}
