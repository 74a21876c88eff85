// Beside the thread: the contact, earlier conversations, who takes part, and why a mail is here.

import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { ShieldCheck, X } from 'lucide-react'

import type { Conversation } from '../../api/client'
import { contactConversationsQuery } from '../../contacts/contact-queries'
import { contactAddress } from '../../shell/address'
import { Avatar } from '../../ui/avatar'
import { IconButton } from '../../ui/button'
import { Time } from '../../ui/time'
import { useWords } from '../../words/words'
import { contactName, subjectOf } from '../describe'
import styles from './panel.module.css'
import { setPanel } from './panel-state'
import { Participants } from './participants'
import { WhySection } from './why-section'

export function Panel({ conversation }: { readonly conversation: Conversation }) {
  const say = useWords()
  return (
    <aside className={styles.panel} aria-label={say('thread.details')}>
      <IconButton
        label={say('thread.closePanel')}
        shortcut="]"
        className={styles.close}
        onClick={() => {
          setPanel(false)
        }}
      >
        <X />
      </IconButton>
      <ContactSection conversation={conversation} />
      <EarlierSection conversation={conversation} />
      <Participants conversation={conversation} />
      <WhySection conversation={conversation} />
    </aside>
  )
}

function ContactSection({ conversation }: { readonly conversation: Conversation }) {
  const say = useWords()
  const { sender: contact } = conversation.meta
  const { additional_attributes: more, custom_attributes: custom } = contact
  const company = textOf((more as Record<string, unknown>)['company_name'])
  const attributes = Object.entries({
    ...(custom as Record<string, unknown>),
    ...(conversation.custom_attributes as Record<string, unknown>),
  })
  return (
    <section>
      <Link className={styles.who} to={contactAddress(conversation.account_id, contact.id)}>
        <Avatar name={contactName(conversation)} url={contact.thumbnail} size="large" />
        <span>
          <b dir="auto">{contactName(conversation)}</b>
          {company !== null && <span className={styles.company}>{company}</span>}
        </span>
      </Link>
      <dl className={styles.facts}>
        {contact.email !== null && (
          <>
            <dt>{say('thread.email')}</dt>
            <dd>
              {contact.email}{' '}
              {conversation.recipient?.state === 'proven' && conversation.recipient.email === contact.email && (
                <ShieldCheck className={styles.proven} aria-label={say('thread.proven')} />
              )}
            </dd>
          </>
        )}
        {conversation.recipient !== null && conversation.recipient.email !== contact.email && (
          <>
            <dt>{say('thread.answersTo')}</dt>
            <dd>{conversation.recipient.email}</dd>
          </>
        )}
        {contact.phone_number !== null && (
          <>
            <dt>{say('thread.phone')}</dt>
            <dd>{contact.phone_number}</dd>
          </>
        )}
        {attributes.map(([name, value]) => (
          <Attribute key={name} name={name} value={value} />
        ))}
      </dl>
      {contact.blocked && <p className={styles.blocked}>{say('thread.blocked')}</p>}
    </section>
  )
}

function Attribute({ name, value }: { readonly name: string; readonly value: unknown }) {
  const text = textOf(value)
  if (text === null) return null
  return (
    <>
      <dt>{name.replaceAll('_', ' ')}</dt>
      <dd dir="auto">{text}</dd>
    </>
  )
}

function textOf(value: unknown): string | null {
  if (typeof value === 'string') return value.trim() === '' ? null : value
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : null
}

const shownEarlier = 6

function EarlierSection({ conversation }: { readonly conversation: Conversation }) {
  const say = useWords()
  const { account_id: accountId, id: displayId } = conversation
  const { id } = conversation.meta.sender
  const { data: all = [] } = useQuery(contactConversationsQuery(accountId, id))
  const others = all.filter((one) => one.id !== displayId).slice(0, shownEarlier)
  if (others.length === 0) return null
  return (
    <section>
      <h2>{say('thread.otherConversations')}</h2>
      <ul className={styles.earlier}>
        {others.map((other) => (
          <li key={other.id}>
            <Link
              to="/app/accounts/$accountId/conversations/$displayId"
              params={{ accountId, displayId: other.id }}
              search={{ tab: 'all', status: 'all' }}
            >
              <span className={styles.subject} dir="auto">
                {subjectOf(other) ?? `#${String(other.id)}`}
              </span>
              <span className={styles.when}>
                <Time at={other.last_activity_at} />
              </span>
            </Link>
          </li>
        ))}
      </ul>
    </section>
  )
}
