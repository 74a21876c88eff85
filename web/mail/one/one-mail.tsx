// One accepted mail: its way through the service, its words, HTML, headers and octets, and what the parser saw.

import { Tabs } from '@base-ui/react/tabs'
import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { ArrowLeft } from 'lucide-react'

import { profileQuery } from '../../api/session'
import { useAccountId } from '../../shell/go'
import { usePageTitle } from '../../shell/page-title'
import { Skeleton } from '../../ui/skeleton'
import { useWords } from '../../words/words'
import { Banner, Gone, MailFacts } from '../held/held-mail'
import { WhatYouCanDo } from '../held/what-you-can-do'
import { MailHtml } from '../mail-html'
import { MailText } from '../mail-text'
import { type MailPlace, mailQuery, type MailWithTrace, type ParsedMail, parsedQuery } from '../queries'
import { Way } from '../way'
import styles from './one-mail.module.css'
import { ParserView } from './parser-view'
import { RawMail } from './raw-mail'

const parts = ['words', 'html', 'headers', 'raw', 'parser'] as const

export function OneMail() {
  const accountId = useAccountId()
  const { mailId } = useParams({ strict: false })
  const place = { accountId, id: mailId ?? 0 }
  const { data: mail, error, refetch } = useQuery(mailQuery(place))
  if (error !== null && mail === undefined) return <Gone error={error} onRetry={() => void refetch()} />
  if (mail === undefined) return <Skeleton rows={6} label="…" />
  return <Shown key={mail.id} mail={mail} place={place} />
}

function Shown({ mail, place }: { readonly mail: MailWithTrace; readonly place: MailPlace }) {
  const say = useWords()
  const subject = mail.subject === null || mail.subject === '' ? say('mail.noSubject') : mail.subject
  usePageTitle(subject)
  return (
    <main className={styles.page}>
      <div className={styles.column}>
        <header className={styles.head}>
          <Link
            className={styles.back}
            to="/app/accounts/$accountId/mail"
            params={{ accountId: place.accountId }}
            aria-label={say('mail.backToList')}
          >
            <ArrowLeft aria-hidden="true" />
          </Link>
          <div className={styles.what}>
            <h1 dir="auto">{subject}</h1>
            <MailFacts mail={mail} />
          </div>
        </header>
        <Banner mail={mail} />
        <div className={styles.content}>
          <section className={styles.way} aria-label={say('mail.one.way')}>
            <h2>{say('mail.one.way')}</h2>
            <Way mail={mail} />
          </section>
          <Parts mail={mail} place={place} />
        </div>
      </div>
      <WhatYouCanDo mail={mail} place={place} hasWay={false} />
    </main>
  )
}

function Parts({ mail, place }: { readonly mail: MailWithTrace; readonly place: MailPlace }) {
  const say = useWords()
  const { data: parsed, isPending } = useQuery(parsedQuery(place))
  return (
    <Tabs.Root defaultValue="words" className={styles.parts}>
      <Tabs.List className={styles.tabs} aria-label={say('mail.one.parts')}>
        {parts.map((part) => (
          <Tabs.Tab key={part} value={part} className={styles.tab}>
            {say(`mail.one.${part}`)}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      {parts.map((part) => (
        <Tabs.Panel key={part} value={part} className={styles.panel}>
          {isPending && <Skeleton rows={4} label={say('common.loading')} />}
          {parsed === null && <p className={styles.none}>{say('mail.rawGone')}</p>}
          {parsed != null && <Part part={part} mail={mail} parsed={parsed} />}
        </Tabs.Panel>
      ))}
    </Tabs.Root>
  )
}

interface PartProps {
  readonly part: (typeof parts)[number]
  readonly mail: MailWithTrace
  readonly parsed: ParsedMail
}

function Part({ part, mail, parsed }: PartProps) {
  const say = useWords()
  if (part === 'words') return <MailText parsed={parsed} />
  if (part === 'html')
    return parsed.html === null ? (
      <p className={styles.none}>{say('mail.one.noHtml')}</p>
    ) : (
      <MailHtml html={parsed.html} title={parsed.subject} />
    )
  if (part === 'headers')
    return (
      <dl className={styles.headers}>
        {parsed.headers.map(({ name, value }, position) => (
          <div key={String(position)}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    )
  return part === 'raw' ? <Raw mail={mail} /> : <ParserView parsed={parsed} isStored={mail.message_db_id !== null} />
}

function Raw({ mail }: { readonly mail: MailWithTrace }) {
  const say = useWords()
  const { data: profile } = useQuery(profileQuery)
  const accountId = useAccountId()
  const role = profile?.accounts.find(({ id }) => id === accountId)?.role
  return role === 'administrator' ? (
    <RawMail accountId={accountId} id={mail.id} />
  ) : (
    <p className={styles.none}>{say('mail.one.rawNotYours')}</p>
  )
}
