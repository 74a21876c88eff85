// What agents noted about a contact.

import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'

import { api, ask } from '../api/client'
import { useAccountId } from '../shell/go'
import { Button } from '../ui/button'
import { Time } from '../ui/time'
import { tell } from '../ui/toast'
import { useWords } from '../words/words'
import styles from './contact-page.module.css'

export function ContactNotes({ contactId }: { readonly contactId: number }) {
  const say = useWords()
  const accountId = useAccountId()
  const queries = useQueryClient()
  const [text, setText] = useState('')
  const queryKey = ['contacts', accountId, contactId, 'notes']
  const at = { params: { path: { accountId, id: contactId } } }
  const { data: notes = [] } = useQuery({
    queryKey,
    queryFn: () => ask(api.GET('/api/v1/accounts/{accountId}/contacts/{id}/notes', at)),
  })
  const add = async (): Promise<void> => {
    try {
      await ask(api.POST('/api/v1/accounts/{accountId}/contacts/{id}/notes', { ...at, body: { content: text } }))
      setText('')
      await queries.invalidateQueries({ queryKey })
    } catch (error) {
      tell({ text: error instanceof Error ? error.message : String(error), isFailure: true, retry: () => void add() })
    }
  }
  return (
    <section>
      <h2>{say('contacts.notes')}</h2>
      <ul className={styles.notes}>
        {notes.map((note) => (
          <li key={note.id}>
            <p dir="auto">{note.content}</p>
            <span>
              {note.user?.name} <Time at={note.created_at} />
            </span>
          </li>
        ))}
      </ul>
      <form
        className={styles.add}
        onSubmit={(event) => {
          event.preventDefault()
          void add()
        }}
      >
        <textarea
          rows={2}
          value={text}
          aria-label={say('contacts.newNote')}
          placeholder={say('contacts.newNote')}
          onChange={({ target }) => {
            setText(target.value)
          }}
        />
        <Button type="submit" disabled={text.trim() === ''}>
          {say('contacts.addNote')}
        </Button>
      </form>
    </section>
  )
}
