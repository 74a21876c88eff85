// The filters of the log: words, state, reason, way in, time.

import { useNavigate } from '@tanstack/react-router'
import { Search } from 'lucide-react'
import { useState } from 'react'

import { useAccountId } from '../../shell/go'
import { Button } from '../../ui/button'
import { Menu, MenuEntry } from '../../ui/menu'
import { later } from '../../words/later'
import { useWords } from '../../words/words'
import { reasonName, statusName, wayIn } from '../mail-words'
import styles from './log.module.css'
import { type LogView, mailStatuses, times } from './log-view'

const reasons = Object.keys(later).flatMap((id) => /^mail\.reason\.(?!none$)(.+)$/.exec(id)?.[1] ?? [])
const ways = ['smtp', 'lmtp', 'relay', 'api', 'mailgun', 'sendgrid', 'mandrill', 'postmark', 'ses', 'resend', 'brevo']

export function LogFilters({ view }: { readonly view: LogView }) {
  const say = useWords()
  const accountId = useAccountId()
  const navigate = useNavigate()
  const change = (changes: { readonly [Name in keyof LogView]: LogView[Name] | undefined }): void => {
    const next = Object.fromEntries(Object.entries({ ...view, ...changes }).filter(([, value]) => value !== undefined))
    void navigate({ to: '/app/accounts/$accountId/mail', params: { accountId }, search: next, replace: true })
  }
  return (
    <div className={styles.filters}>
      <Words
        key={view.q ?? ''}
        words={view.q ?? ''}
        onSearch={(q) => {
          change({ q: q === '' ? undefined : q })
        }}
      />
      <Choice
        any={say('mail.log.anyStatus')}
        chosen={view.state}
        choices={mailStatuses}
        nameOf={(status) => statusName(say, status)}
        onChoose={(state) => {
          change({ state })
        }}
      />
      <Choice
        any={say('mail.log.anyReason')}
        chosen={view.reason}
        choices={reasons}
        nameOf={(reason) => reasonName(say, reason)}
        onChoose={(reason) => {
          change({ reason })
        }}
      />
      <Choice
        any={say('mail.log.anyWay')}
        chosen={view.way}
        choices={ways}
        nameOf={(way) => wayIn(say, way)}
        onChoose={(way) => {
          change({ way })
        }}
      />
      <Choice
        any={say('mail.log.anyTime')}
        chosen={view.when}
        choices={times}
        nameOf={(when) => say(`mail.log.when.${when}`)}
        onChoose={(when) => {
          change({ when })
        }}
      />
    </div>
  )
}

function Words({ words, onSearch }: { readonly words: string; readonly onSearch: (words: string) => void }) {
  const say = useWords()
  const [text, setText] = useState(words)
  return (
    <form
      className={styles.search}
      role="search"
      onSubmit={(event) => {
        event.preventDefault()
        onSearch(text.trim())
      }}
    >
      <Search aria-hidden="true" />
      <input
        type="search"
        value={text}
        placeholder={say('mail.log.search')}
        aria-label={say('mail.log.search')}
        onChange={({ target }) => {
          setText(target.value)
          if (target.value === '' && words !== '') onSearch('')
        }}
      />
    </form>
  )
}

interface ChoiceProps<Name extends string> {
  /** What stands there when nothing is chosen. */
  readonly any: string
  readonly chosen: Name | undefined
  readonly choices: readonly Name[]
  readonly nameOf: (name: Name) => string
  readonly onChoose: (name: Name | undefined) => void
}

function Choice<Name extends string>({ any, chosen, choices, nameOf, onChoose }: ChoiceProps<Name>) {
  return (
    <Menu
      trigger={
        <Button className={chosen === undefined ? '' : styles.chosen}>
          {chosen === undefined ? any : nameOf(chosen)} ▾
        </Button>
      }
    >
      <MenuEntry
        isChosen={chosen === undefined}
        onSelect={() => {
          onChoose(undefined)
        }}
      >
        {any}
      </MenuEntry>
      {choices.map((name) => (
        <MenuEntry
          key={name}
          isChosen={name === chosen}
          onSelect={() => {
            onChoose(name)
          }}
        >
          {nameOf(name)}
        </MenuEntry>
      ))}
    </Menu>
  )
}
