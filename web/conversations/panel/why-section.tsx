// Why is it here? The steps that placed the mail of a message, in words and in order.

import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { lazy, Suspense, useMemo } from 'react'

import type { Conversation } from '../../api/client'
import { type Action, useActions } from '../../shell/actions'
import { mailAddress } from '../../shell/address'
import { withTexts } from '../../words/catalogue'
import { useWords } from '../../words/words'
import { messageTypes } from '../describe'
import { messagesQuery } from '../thread/messages-query'
import { useWhy } from '../thread/why'
import { mailOfMessageQuery } from './mail-of-message-query'
import styles from './panel.module.css'

const loadWay = withTexts(() => import('../../mail/way'))
const Way = lazy(async () => ({ default: (await loadWay()).Way }))

export function WhySection({ conversation }: { readonly conversation: Conversation }) {
  const say = useWords()
  const why = useWhy()
  const { account_id: accountId, id: displayId } = conversation
  const { data: list } = useInfiniteQuery(messagesQuery(accountId, displayId))
  const latest = list?.pages
    .flatMap(({ messages }) => messages)
    .findLast((one) => one.message_type === messageTypes.incoming && 'email' in one.content_attributes)?.id
  const messageId = why.messageId ?? latest ?? null
  const { data: mail, error } = useQuery(mailOfMessageQuery({ accountId, displayId, messageId }))
  useActions(
    useMemo<readonly Action[]>(
      () => [
        {
          id: 'why',
          name: 'thread.why',
          keys: ['w'],
          group: 'conversation',
          run: () => {
            why.ask(messageId)
          },
        },
      ],
      [why, messageId],
    ),
  )
  if (messageId === null) return null
  return (
    <section id="why" tabIndex={-1} aria-label={say('thread.why')}>
      <h2>{say('thread.why')}</h2>
      {error !== null && <p className={styles.nobody}>{say('thread.whyFailed')}</p>}
      {mail === null && <p className={styles.nobody}>{say('thread.whyNone')}</p>}
      {mail != null && (
        <>
          <Suspense fallback={null}>
            <Way mail={mail} />
          </Suspense>
          <Link className={styles.more} to={mailAddress(accountId, mail.id)}>
            {say('thread.wholeWay')}
          </Link>
        </>
      )}
    </section>
  )
}
