// One contact: who it is, which addresses are known and how, their conversations, and what agents noted.

import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import { ArrowLeft } from 'lucide-react'

import { api, ApiError, ask } from '../api/client'
import { subjectOf } from '../conversations/describe'
import { useAccountId } from '../shell/go'
import { usePageTitle } from '../shell/page-title'
import { Avatar } from '../ui/avatar'
import { Button } from '../ui/button'
import { Chip } from '../ui/chip'
import { Empty } from '../ui/empty'
import { Skeleton } from '../ui/skeleton'
import { Time } from '../ui/time'
import { tell } from '../ui/toast'
import { useWords } from '../words/words'
import type { Contact } from './contact'
import { ContactForm } from './contact-form'
import { ContactNotes } from './contact-notes'
import styles from './contact-page.module.css'
import { contactConversationsQuery, contactQuery } from './contact-queries'

export function ContactPage() {
  const { contactId } = useParams({ from: '/app/accounts/$accountId/contacts/$contactId' })
  return <Content key={contactId} contactId={contactId} />
}

function Content({ contactId }: { readonly contactId: number }) {
  const say = useWords()
  const accountId = useAccountId()
  const { data: contact, error, refetch } = useQuery(contactQuery(accountId, contactId))
  usePageTitle(contact?.name ?? say('shell.contacts'))
  if (contact === undefined) {
    if (error === null) return <Skeleton rows={6} label={say('common.loading')} />
    const isGone = error instanceof ApiError && error.status === 404
    return (
      <Empty
        title={say(isGone ? 'contacts.gone' : 'contacts.failed')}
        text={isGone ? say('contacts.goneText') : error.message}
      >
        <Button onClick={() => void refetch()}>{say('common.tryAgain')}</Button>
      </Empty>
    )
  }
  return (
    <main className={styles.page}>
      <div className={styles.sheet}>
        <Link className={styles.back} to="/app/accounts/$accountId/contacts" params={{ accountId }}>
          <ArrowLeft aria-hidden="true" /> {say('shell.contacts')}
        </Link>
        <Title contact={contact} />
        <ContactForm contact={contact} />
        <Addresses contact={contact} />
        <Conversations contactId={contact.id} />
        <ContactNotes contactId={contact.id} />
      </div>
    </main>
  )
}

function Title({ contact }: { readonly contact: Contact }) {
  const say = useWords()
  const accountId = useAccountId()
  const queries = useQueryClient()
  const block = async (blocked: boolean): Promise<void> => {
    const { queryKey } = contactQuery(accountId, contact.id)
    const path = { accountId, id: contact.id }
    try {
      await ask(api.PATCH('/api/v1/accounts/{accountId}/contacts/{id}', { params: { path }, body: { blocked } }))
      await queries.invalidateQueries({ queryKey })
      tell({
        text: say(blocked ? 'contacts.didBlock' : 'contacts.didUnblock', { name: contact.name }),
        undo: () => void block(!blocked),
      })
    } catch (error) {
      tell({ text: error instanceof Error ? error.message : String(error), isFailure: true })
    }
  }
  return (
    <header className={styles.title}>
      <Avatar name={contact.name || (contact.email ?? '')} url={contact.thumbnail} size="large" />
      <h1 dir="auto">{contact.name || contact.email}</h1>
      {contact.blocked && <Chip look="failed">{say('contacts.blocked')}</Chip>}
      <Button look={contact.blocked ? 'line' : 'danger'} onClick={() => void block(!contact.blocked)}>
        {say(contact.blocked ? 'contacts.unblock' : 'contacts.block')}
      </Button>
    </header>
  )
}

const looks = { proven: 'done', claimed: 'needs-you', given: 'plain' } as const

function Addresses({ contact }: { readonly contact: Contact }) {
  const say = useWords()
  if (contact.addresses.length === 0) return null
  return (
    <section>
      <h2>{say('contacts.addresses')}</h2>
      <ul className={styles.lines}>
        {contact.addresses.map(({ email, state }) => (
          <li key={email}>
            <span>{email}</span>
            <Chip look={looks[state]} title={say(`contacts.stateWhy.${state}`)}>
              {say(`contacts.state.${state}`)}
            </Chip>
          </li>
        ))}
      </ul>
    </section>
  )
}

function Conversations({ contactId }: { readonly contactId: number }) {
  const say = useWords()
  const accountId = useAccountId()
  const { data: conversations = [] } = useQuery(contactConversationsQuery(accountId, contactId))
  return (
    <section>
      <h2>{say('contacts.conversations')}</h2>
      {conversations.length === 0 && <p className={styles.none}>{say('contacts.noConversations')}</p>}
      <ul className={styles.lines}>
        {conversations.map((conversation) => (
          <li key={conversation.id}>
            <Link
              to="/app/accounts/$accountId/conversations/$displayId"
              params={{ accountId, displayId: conversation.id }}
              search={{ tab: 'all', status: 'all' }}
            >
              <span dir="auto">
                {subjectOf(conversation) ?? say('conversations.noSubject', { id: conversation.id })}
              </span>
              <Chip look={conversation.status === 'open' ? 'done' : 'plain'}>
                {say(`conversations.status.${conversation.status}`)}
              </Chip>
              <Time at={conversation.last_activity_at} />
            </Link>
          </li>
        ))}
      </ul>
    </section>
  )
}
