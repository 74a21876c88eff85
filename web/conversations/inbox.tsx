// The inbox's two panes. On narrow screens one of them is shown: the list, or what is open.

import { Outlet, useParams } from '@tanstack/react-router'

import { usePageTitle } from '../shell/page-title'
import { useWords } from '../words/words'
import styles from './inbox.module.css'
import { ListPane } from './list/list-pane'

export function Inbox() {
  const say = useWords()
  const { displayId } = useParams({ strict: false })
  usePageTitle(say('shell.inbox'))
  return (
    <div className={styles.inbox} data-open={displayId === undefined ? undefined : ''}>
      <section className={styles.list} aria-label={say('conversations.list')}>
        <ListPane openId={displayId ?? null} />
      </section>
      <main className={styles.thread}>
        <Outlet />
      </main>
    </div>
  )
}
