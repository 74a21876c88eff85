// One held mail: why it waits, its words, and beside them what a person can do.

import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate, useParams } from '@tanstack/react-router'
import { ArrowLeft, ShieldCheck, TriangleAlert } from 'lucide-react'
import { useCallback } from 'react'
import { useIntl } from 'react-intl'

import { fileSize } from '../../conversations/thread/file-size'
import { useAccountId } from '../../shell/go'
import { usePageTitle } from '../../shell/page-title'
import { Avatar } from '../../ui/avatar'
import { Button, IconButton } from '../../ui/button'
import { Empty } from '../../ui/empty'
import { Skeleton } from '../../ui/skeleton'
import { Time } from '../../ui/time'
import { useWords } from '../../words/words'
import { MailText } from '../mail-text'
import { reasonSentence, wayIn } from '../mail-words'
import { heldQuery, type MailPlace, mailQuery, type MailWithTrace, type ParsedMail, parsedQuery } from '../queries'
import styles from './held-mail.module.css'
import { WhatYouCanDo } from './what-you-can-do'

export function HeldMail() {
  const accountId = useAccountId()
  const { mailId } = useParams({ strict: false })
  const place = { accountId, id: mailId ?? 0 }
  const { data: mail, error, refetch } = useQuery(mailQuery(place))
  if (error !== null && mail === undefined) return <Gone error={error} onRetry={() => void refetch()} />
  if (mail === undefined) return <Skeleton rows={5} label="…" />
  return <Shown key={mail.id} mail={mail} place={place} />
}

function Shown({ mail, place }: { readonly mail: MailWithTrace; readonly place: MailPlace }) {
  const say = useWords()
  const { data: parsed, isPending } = useQuery(parsedQuery(place))
  const next = useNext(place)
  const subject = mail.subject === null || mail.subject === '' ? say('mail.noSubject') : mail.subject
  usePageTitle(subject)
  return (
    <div className={styles.open}>
      <div className={styles.column}>
        <Banner mail={mail} />
        <Head mail={mail} subject={subject} />
        <div className={styles.messages} tabIndex={0} role="log" aria-label={subject}>
          <article className={styles.message}>
            <Author mail={mail} parsed={parsed ?? null} />
            {isPending && <Skeleton rows={2} label={say('common.loading')} />}
            {parsed === null && <p className={styles.gone}>{say('mail.rawGone')}</p>}
            {parsed != null && (
              <div className={styles.body}>
                <MailText parsed={parsed} />
              </div>
            )}
          </article>
        </div>
      </div>
      <WhatYouCanDo mail={mail} place={place} onDone={next} />
    </div>
  )
}

// After an action the next mail of the list stands here; the last one leaves an empty place.
function useNext({ accountId, id }: MailPlace): (mail: MailWithTrace) => void {
  const queries = useQueryClient()
  const navigate = useNavigate()
  return useCallback(
    (mail) => {
      if (mail.status === 'held' || mail.status === 'failed') return
      const known = queries.getQueryData(heldQuery(accountId).queryKey)?.pages.flatMap(({ payload }) => payload) ?? []
      const position = known.findIndex((one) => one.id === id)
      const next = known[position + 1] ?? known[position - 1]
      if (next === undefined) void navigate({ to: '/app/accounts/$accountId/held', params: { accountId } })
      else
        void navigate({
          to: '/app/accounts/$accountId/held/$mailId',
          params: { accountId, mailId: next.id },
          replace: true,
        })
    },
    [queries, navigate, accountId, id],
  )
}

export function Banner({ mail }: { readonly mail: MailWithTrace }) {
  const say = useWords()
  const leads = {
    held: 'mail.held.notPlaced',
    failed: 'mail.held.failedLead',
    ignored: 'mail.held.ignoredLead',
    delivered: 'mail.held.placed',
    pending: 'mail.held.workLead',
    processing: 'mail.held.workLead',
  } as const
  return (
    <div className={styles.banner} data-status={mail.status}>
      <TriangleAlert aria-hidden="true" />
      <p>
        <b>{say(leads[mail.status])}</b> {reasonSentence(say, mail.reason)}
      </p>
    </div>
  )
}

function Head({ mail, subject }: { readonly mail: MailWithTrace; readonly subject: string }) {
  const say = useWords()
  const navigate = useNavigate()
  const { accountId } = useParams({ from: '/app/accounts/$accountId' })
  return (
    <header className={styles.head}>
      <IconButton
        label={say('mail.backToList')}
        shortcut="Esc"
        className={styles.back}
        onClick={() => void navigate({ to: '/app/accounts/$accountId/held', params: { accountId } })}
      >
        <ArrowLeft />
      </IconButton>
      <div className={styles.what}>
        <h1 dir="auto" title={subject}>
          {subject}
        </h1>
        <MailFacts mail={mail} />
      </div>
      <Link to="/app/accounts/$accountId/mail/$mailId" params={{ accountId, mailId: mail.id }} className={styles.whole}>
        {say('mail.whole')}
      </Link>
    </header>
  )
}

export function MailFacts({ mail }: { readonly mail: MailWithTrace }) {
  const say = useWords()
  const intl = useIntl()
  const when = intl.formatDate(mail.received_at * 1000, {
    day: 'numeric',
    month: 'short',
    hour: 'numeric',
    minute: '2-digit',
  })
  return (
    <p className={styles.facts}>
      {say('mail.facts', {
        from: mail.from ?? say('mail.noAuthor'),
        when,
        ingress: wayIn(say, mail.ingress),
        size: fileSize(mail.size),
      })}
    </p>
  )
}

export function Author({ mail, parsed }: { readonly mail: MailWithTrace; readonly parsed: ParsedMail | null }) {
  const say = useWords()
  const name = parsed?.from?.name || mail.from || say('mail.noAuthor')
  const isVerified = mail.trace.some(({ step, outcome }) => step === 'speaker' && outcome === 'verified')
  return (
    <>
      <Avatar name={name} />
      <div className={styles.author}>
        <b dir="auto">{name}</b>
        <span className={isVerified ? styles.verified : styles.unverified}>
          {isVerified ? <ShieldCheck aria-hidden="true" /> : <TriangleAlert aria-hidden="true" />}
          {say(isVerified ? 'mail.verified' : 'mail.unverified')}
        </span>
        <span className={styles.time}>
          <Time at={mail.received_at} isLong />
        </span>
      </div>
      <p className={styles.to}>
        {mail.from !== null && name !== mail.from && <span>{mail.from} </span>}
        {say('mail.to', { people: mail.recipients.map(({ address }) => address).join(', ') || '–' })}
      </p>
    </>
  )
}

export function Gone({ error, onRetry }: { readonly error: Error; readonly onRetry: () => void }) {
  const say = useWords()
  const isGone = 'status' in error && error.status === 404
  return (
    <Empty
      title={say(isGone ? 'mail.held.gone.title' : 'mail.log.failed.title')}
      text={isGone ? say('mail.held.gone.text') : error.message}
    >
      {!isGone && <Button onClick={onRetry}>{say('common.tryAgain')}</Button>}
    </Empty>
  )
}
