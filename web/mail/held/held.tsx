// Mail that needs a person: the list beside the open mail, as in the inbox. On narrow screens one of them is shown.

import { Outlet, useParams } from '@tanstack/react-router'

import inbox from '../../conversations/inbox.module.css'
import { usePageTitle } from '../../shell/page-title'
import { useWords } from '../../words/words'
import { HeldList } from './held-list'

export function Held() {
  const say = useWords()
  const { mailId } = useParams({ strict: false })
  usePageTitle(say('mail.held.title'))
  return (
    <div className={inbox.inbox} data-open={mailId === undefined ? undefined : ''}>
      <section className={inbox.list} aria-label={say('conversations.list')}>
        <HeldList openId={mailId ?? null} />
      </section>
      <main className={inbox.thread}>
        <Outlet />
      </main>
    </div>
  )
}
