// The one card that signing in consists of: a heading, what is going on, and a form.

import { type ReactNode, useEffect } from 'react'

import { useWords } from '../words/words'
import styles from './sign-in.module.css'

interface CardProps {
  readonly title: string
  readonly text?: ReactNode
  readonly children: ReactNode
}

export function Card({ title, text, children }: CardProps) {
  const say = useWords()
  useEffect(() => {
    document.title = `${title} · Rethread`
  }, [title])
  return (
    <main className={styles.page} aria-label={say('signIn.title')}>
      <div className={styles.card}>
        <svg className={styles.mark} viewBox="0 0 24 24" aria-hidden="true">
          <path d="M4 7c6 0 4 10 10 10h6" />
          <path d="M20 7h-6c-2.5 0-3.6 1.7-4.6 3.8M7.5 14.5C6.7 16 5.7 17 4 17" />
        </svg>
        <div className={styles.head}>
          <h1>{title}</h1>
          {text !== undefined && <p>{text}</p>}
        </div>
        {children}
      </div>
    </main>
  )
}
