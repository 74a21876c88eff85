// The fields of a contact. What the server refuses stands at its field.

import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'

import { api, ApiError, ask } from '../api/client'
import { useAccountId } from '../shell/go'
import { Button } from '../ui/button'
import { tell } from '../ui/toast'
import { useWords } from '../words/words'
import type { Contact } from './contact'
import styles from './contact-page.module.css'
import { contactQuery } from './contact-queries'

const fields = ['name', 'email', 'phone_number', 'identifier'] as const
type Field = (typeof fields)[number]

export function ContactForm({ contact }: { readonly contact: Contact }) {
  const say = useWords()
  const accountId = useAccountId()
  const queries = useQueryClient()
  const [changes, setChanges] = useState<Partial<Record<Field, string>>>({})
  const [errors, setErrors] = useState<Readonly<Record<string, string>>>({})
  const [isBusy, setBusy] = useState(false)
  const isChanged = fields.some((field) => changes[field] !== undefined && changes[field] !== (contact[field] ?? ''))
  const save = async (): Promise<void> => {
    setBusy(true)
    setErrors({})
    try {
      const path = { accountId, id: contact.id }
      await ask(api.PATCH('/api/v1/accounts/{accountId}/contacts/{id}', { params: { path }, body: changes }))
      await queries.invalidateQueries({ queryKey: contactQuery(accountId, contact.id).queryKey })
      setChanges({})
      tell({ text: say('common.saved') })
    } catch (error) {
      if (error instanceof ApiError && Object.keys(error.fields).length > 0) setErrors(error.fields)
      else
        tell({
          text: error instanceof Error ? error.message : String(error),
          isFailure: true,
          retry: () => void save(),
        })
    } finally {
      setBusy(false)
    }
  }
  return (
    <form
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault()
        void save()
      }}
    >
      {fields.map((field) => (
        <label key={field}>
          <span>{say(`contacts.field.${field}`)}</span>
          <input
            value={changes[field] ?? contact[field] ?? ''}
            dir="auto"
            aria-invalid={errors[field] !== undefined}
            aria-describedby={errors[field] === undefined ? undefined : `error-${field}`}
            onChange={({ target }) => {
              setChanges((before) => ({ ...before, [field]: target.value }))
            }}
          />
          {errors[field] !== undefined && (
            <em id={`error-${field}`} role="alert">
              {errors[field]}
            </em>
          )}
        </label>
      ))}
      <Button look="primary" type="submit" disabled={!isChanged || isBusy}>
        {say('common.save')}
      </Button>
    </form>
  )
}
