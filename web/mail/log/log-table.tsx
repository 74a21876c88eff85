// The rows of the log, one a mail.

import { Link } from '@tanstack/react-router'
import { useIntl } from 'react-intl'

import { useAccountId } from '../../shell/go'
import { Chip } from '../../ui/chip'
import { useWords } from '../../words/words'
import { lookOf, reasonName, reasonSentence, statusName, wayIn } from '../mail-words'
import type { Mail } from '../queries'
import styles from './log.module.css'

const columns = ['time', 'status', 'from', 'subject', 'way', 'why', 'conversation'] as const

export function LogTable({ mails }: { readonly mails: readonly Mail[] }) {
  const say = useWords()
  return (
    <div className={styles.table} role="region" aria-label={say('mail.log.mails')} tabIndex={0}>
      <table>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column} scope="col" className={styles[column]}>
                {say(`mail.log.${column}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {mails.map((mail) => (
            <LogRow key={mail.id} mail={mail} />
          ))}
        </tbody>
      </table>
    </div>
  )
}

function LogRow({ mail }: { readonly mail: Mail }) {
  const say = useWords()
  const accountId = useAccountId()
  const subject = mail.subject === null || mail.subject === '' ? say('mail.noSubject') : mail.subject
  return (
    <tr>
      <td className={styles.time}>
        <Moment at={mail.received_at} />
      </td>
      <td className={styles.status}>
        <Chip look={lookOf(mail.status)}>{statusName(say, mail.status)}</Chip>
      </td>
      <td className={styles.from} title={mail.from ?? undefined} dir="auto">
        {mail.from ?? say('mail.noAuthor')}
      </td>
      <td className={styles.subject} title={subject}>
        <Link to="/app/accounts/$accountId/mail/$mailId" params={{ accountId, mailId: mail.id }} dir="auto">
          {subject}
        </Link>
      </td>
      <td className={styles.way}>{wayIn(say, mail.ingress)}</td>
      <td className={styles.why} title={reasonSentence(say, mail.reason)}>
        {reasonName(say, mail.reason)}
      </td>
      <td className={styles.conversation}>
        {mail.conversation_id === null ? (
          '–'
        ) : (
          <Link
            to="/app/accounts/$accountId/conversations/$displayId"
            params={{ accountId, displayId: mail.conversation_id }}
            search={{ tab: 'all', status: 'all' }}
          >
            #{mail.conversation_id}
          </Link>
        )}
      </td>
    </tr>
  )
}

function Moment({ at }: { readonly at: number }) {
  const intl = useIntl()
  const date = new Date(at * 1000)
  const isToday = date.toDateString() === new Date().toDateString()
  return (
    <time dateTime={date.toISOString()} title={intl.formatDate(date, { dateStyle: 'full', timeStyle: 'medium' })}>
      {isToday
        ? intl.formatTime(date, { timeStyle: 'medium' })
        : intl.formatDate(date, { day: 'numeric', month: 'short', hour: 'numeric', minute: '2-digit' })}
    </time>
  )
}
