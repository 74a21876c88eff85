// The rail: the way to each part of the client, with the count of items that need a person.

import { Link } from '@tanstack/react-router'
import { FlaskConical, Inbox, Mail, Search, Settings, Users } from 'lucide-react'
import type { ReactNode } from 'react'

import { useWords } from '../words/words'
import { useAccountId } from './go'
import { ProfileMenu } from './profile-menu'
import styles from './rail.module.css'
import { useUnreadMark } from './unread-mark'

interface RailLinkProps {
  readonly to: string
  readonly label: string
  readonly count?: number
  readonly children: ReactNode
}

function RailLink({ to, label, count = 0, children }: RailLinkProps) {
  return (
    <Link
      to={to}
      className={styles.link}
      activeProps={{ 'aria-current': 'page' }}
      aria-label={count > 0 ? `${label}, ${String(count)}` : label}
      title={label}
    >
      {children}
      {count > 0 && (
        <span className={styles.count} aria-hidden="true">
          {count > 99 ? '99+' : count}
        </span>
      )}
    </Link>
  )
}

export function Rail({ onSearch }: { readonly onSearch: () => void }) {
  const say = useWords()
  const base = `/app/accounts/${String(useAccountId())}`
  const unread = useUnreadMark()
  return (
    <nav className={styles.rail} aria-label={say('shell.main')}>
      <Link to="/" className={styles.brand} aria-label={say('shell.home')}>
        <svg viewBox="0 0 24 24" aria-hidden="true">
          <path d="M4 7c6 0 4 10 10 10h6" />
          <path d="M20 7h-6c-2.500 0-3.600 1.700-4.600 3.800M7.500 14.500C6.700 16 5.700 17 4 17" />
        </svg>
      </Link>
      <RailLink to={`${base}/conversations`} label={say('shell.inbox')} count={unread}>
        <Inbox />
      </RailLink>
      <RailLink to={`${base}/mail`} label={say('shell.mail')}>
        <Mail />
      </RailLink>
      <RailLink to={`${base}/contacts`} label={say('shell.contacts')}>
        <Users />
      </RailLink>
      <RailLink to={`${base}/try`} label={say('shell.try')}>
        <FlaskConical />
      </RailLink>
      <button
        type="button"
        className={styles.link}
        aria-label={say('shell.action.palette')}
        title={say('shell.action.palette')}
        onClick={onSearch}
      >
        <Search />
      </button>
      <div className={styles.foot}>
        <RailLink to={`${base}/settings`} label={say('shell.settings')}>
          <Settings />
        </RailLink>
        <ProfileMenu />
      </div>
    </nav>
  )
}
