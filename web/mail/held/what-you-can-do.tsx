// What a person can do with a mail: the conversations into which it may belong, other actions with their keys, and
// why it is here.

import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useMemo, useState } from 'react'
import { useIntl } from 'react-intl'

import { inboxesQuery } from '../../api/records'
import { type Action, keyName, useActions } from '../../shell/actions'
import { Button } from '../../ui/button'
import { Key } from '../../ui/key'
import { Menu, MenuEntry } from '../../ui/menu'
import { type Say, useWords } from '../../words/words'
import { type Candidate, candidatesQuery, type MailPlace, type MailWithTrace } from '../queries'
import { type MailActions, useMailActions } from '../use-mail-actions'
import { Way } from '../way'
import styles from './what-you-can-do.module.css'

interface PanelProps {
  readonly mail: MailWithTrace
  readonly place: MailPlace
  readonly onDone?: (mail: MailWithTrace) => void
  /** Without the way: it stands elsewhere on the page. */
  readonly hasWay?: boolean
}

export function WhatYouCanDo({ mail, place, onDone, hasWay = true }: PanelProps) {
  const say = useWords()
  const actions = useMailActions(place, onDone)
  const isOpen = ['held', 'failed', 'ignored'].includes(mail.status)
  const { data: candidates } = useQuery({ ...candidatesQuery(place), enabled: isOpen })
  useMailKeys(mail, actions, candidates)
  return (
    <aside className={styles.panel} aria-label={say('mail.can')}>
      <section>
        <h2>{say('mail.can')}</h2>
        {isOpen && <Candidates candidates={candidates} actions={actions} />}
        {isOpen && <FileElsewhere actions={actions} />}
        <Rest mail={mail} actions={actions} />
      </section>
      {hasWay && (
        <section>
          <h2>{say('mail.whyHere')}</h2>
          <Way mail={mail} />
        </section>
      )}
    </aside>
  )
}

function Candidates({
  candidates,
  actions,
}: {
  readonly candidates: readonly Candidate[] | undefined
  readonly actions: MailActions
}) {
  const say = useWords()
  if (candidates === undefined) return <div className={styles.waiting} />
  if (candidates.length === 0) return <p className={styles.none}>{say('mail.noCandidates')}</p>
  return (
    <ul className={styles.cases}>
      {candidates.map((candidate, position) => (
        <li key={candidate.conversation_id}>
          <button
            type="button"
            className={`${styles.case ?? ''} ${position === 0 ? (styles.first ?? '') : ''}`}
            onClick={() => {
              actions.file(candidate.conversation_id)
            }}
          >
            <b>{say('mail.fileInto', { id: String(candidate.conversation_id) })}</b>
            <span className={styles.end}>
              <Score score={candidate.score} />
              {position === 0 && <Key>{keyName('f')}</Key>}
            </span>
            <span className={styles.subject} dir="auto">
              {[candidate.contact_name, candidate.subject].filter(Boolean).join(' · ')}
            </span>
            <span className={styles.reason}>{reasonsOf(say, candidate)}</span>
          </button>
        </li>
      ))}
    </ul>
  )
}

function reasonsOf(say: Say, { reasons }: Candidate): string {
  return reasons.map(({ code, detail }) => say(`mail.why.${code}`, { detail: detail ?? '' })).join(' ')
}

function Score({ score }: { readonly score: number }) {
  const say = useWords()
  const dots = 1 + [0.5, 0.75].filter((bound) => score >= bound).length
  return (
    <span className={styles.score} role="img" aria-label={say('mail.score', { score: dots })}>
      {[1, 2, 3].map((dot) => (
        <i key={dot} data-on={dot <= dots ? '' : undefined} />
      ))}
    </span>
  )
}

function FileElsewhere({ actions }: { readonly actions: MailActions }) {
  const say = useWords()
  const [number, setNumber] = useState('')
  const displayId = Number(number.replace(/^#/, ''))
  return (
    <form
      className={styles.elsewhere}
      onSubmit={(event) => {
        event.preventDefault()
        if (Number.isInteger(displayId) && displayId > 0) actions.file(displayId)
      }}
    >
      <input
        inputMode="numeric"
        value={number}
        placeholder={say('mail.fileOther')}
        aria-label={say('mail.conversationNumber')}
        onChange={({ target }) => {
          setNumber(target.value)
        }}
      />
      {number !== '' && <Button type="submit">{say('mail.fileInto', { id: number.replace(/^#/, '') })}</Button>}
    </form>
  )
}

function Line({
  name,
  keys,
  isDanger = false,
  onRun,
}: {
  readonly name: string
  readonly keys?: string
  readonly isDanger?: boolean
  readonly onRun: () => void
}) {
  return (
    <button type="button" className={`${styles.line ?? ''} ${isDanger ? (styles.danger ?? '') : ''}`} onClick={onRun}>
      {name}
      {keys !== undefined && <Key>{keyName(keys)}</Key>}
    </button>
  )
}

interface RestProps {
  readonly mail: MailWithTrace
  readonly actions: MailActions
}

function Rest({ mail, actions }: RestProps) {
  const say = useWords()
  const intl = useIntl()
  const { status, reason } = mail
  const isOpen = status === 'held' || status === 'failed' || status === 'ignored'
  const until =
    mail.incinerates_at === null
      ? null
      : intl.formatDate(mail.incinerates_at * 1000, { day: 'numeric', month: 'short', year: 'numeric' })
  return (
    <div className={styles.lines}>
      {isOpen && mail.from !== null && <NewConversation mail={mail} actions={actions} />}
      {isOpen && <Line name={say('mail.action.again')} keys="r" onRun={actions.runAgain} />}
      {isOpen && reason !== 'blocked-sender' && mail.from !== null && (
        <Line name={say('mail.action.block')} keys="b" onRun={actions.block} />
      )}
      {(status === 'held' || status === 'failed') && (
        <Line
          name={until === null ? say('mail.action.discard') : say('mail.action.discardUntil', { when: until })}
          keys="d"
          isDanger
          onRun={actions.discard}
        />
      )}
      {reason === 'discarded' && <Line name={say('mail.action.undiscard')} onRun={actions.undiscard} />}
      {reason === 'blocked-sender' && <Line name={say('mail.action.unblock')} onRun={actions.unblock} />}
      {reason === 'filed-by-hand' && <Line name={say('mail.action.unfile')} onRun={actions.unfile} />}
      {reason === 'opened-by-hand' && <Line name={say('mail.action.unopen')} onRun={actions.unopen} />}
      {mail.conversation_id !== null && mail.account_id !== null && (
        <Link
          className={styles.line}
          to="/app/accounts/$accountId/conversations/$displayId"
          params={{ accountId: mail.account_id, displayId: mail.conversation_id }}
          search={{ tab: 'all', status: 'all' }}
        >
          {say('mail.open', { id: String(mail.conversation_id) })}
        </Link>
      )}
    </div>
  )
}

// Where the mail names no inbox and there are several, one has to be chosen.
function NewConversation({ mail, actions }: { readonly mail: MailWithTrace; readonly actions: MailActions }) {
  const say = useWords()
  const { data: inboxes = [] } = useQuery(inboxesQuery(mail.account_id ?? 0))
  if (mail.inbox_id !== null || inboxes.length < 2)
    return (
      <Line
        name={say('mail.action.new')}
        keys="n"
        onRun={() => {
          actions.open()
        }}
      />
    )
  return (
    <Menu
      trigger={
        <button type="button" className={styles.line} aria-label={say('mail.inboxFor')}>
          {say('mail.action.new')} ▾
        </button>
      }
    >
      {inboxes.map(({ id, name }) => (
        <MenuEntry
          key={id}
          onSelect={() => {
            actions.open(id)
          }}
        >
          {name}
        </MenuEntry>
      ))}
    </Menu>
  )
}

function useMailKeys(mail: MailWithTrace, actions: MailActions, candidates: readonly Candidate[] | undefined): void {
  const { status } = mail
  const hasAuthor = mail.from !== null
  const first = candidates?.[0]?.conversation_id
  useActions(
    useMemo<readonly Action[]>(() => {
      if (!['held', 'failed', 'ignored'].includes(status)) return []
      const filing = { id: 'mail.file', name: 'mail.action.fileFirst', keys: ['f'] } as const
      const all: readonly (Omit<Action, 'group'> | null)[] = [
        first === undefined
          ? null
          : {
              ...filing,
              run: () => {
                actions.file(first)
              },
            },
        hasAuthor
          ? {
              id: 'mail.new',
              name: 'mail.action.new',
              keys: ['n'],
              run: () => {
                actions.open()
              },
            }
          : null,
        { id: 'mail.again', name: 'mail.action.again', keys: ['r'], run: actions.runAgain },
        hasAuthor ? { id: 'mail.block', name: 'mail.action.block', keys: ['b'], run: actions.block } : null,
        status === 'ignored'
          ? null
          : { id: 'mail.discard', name: 'mail.action.discard', keys: ['d'], run: actions.discard },
      ]
      return all.flatMap((action) => (action === null ? [] : [{ ...action, group: 'mail' as const }]))
    }, [status, hasAuthor, actions, first]),
  )
}
