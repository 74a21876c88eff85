// Saves the view as a filter of one's own, under a name.

import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'

import { api, ask } from '../../api/client'
import { filtersQuery } from '../../api/records'
import { profileQuery } from '../../api/session'
import { useAccountId } from '../../shell/go'
import { Button } from '../../ui/button'
import { Dialog } from '../../ui/dialog'
import { StackedFields, TextField } from '../../ui/field'
import { useWords } from '../../words/words'
import { conditionsOf } from '../conditions'
import { useMoves, useView } from '../use-view'
import styles from './list-head.module.css'

interface SaveFilterDialogProps {
  readonly isOpen: boolean
  readonly onClose: () => void
}

export function SaveFilterDialog({ isOpen, onClose }: SaveFilterDialogProps) {
  const say = useWords()
  return (
    <Dialog title={say('conversations.saveFilter')} isOpen={isOpen} onClose={onClose}>
      <Content onClose={onClose} />
    </Dialog>
  )
}

function Content({ onClose }: { readonly onClose: () => void }) {
  const say = useWords()
  const accountId = useAccountId()
  const queries = useQueryClient()
  const view = useView()
  const { change } = useMoves()
  const { data: profile } = useQuery(profileQuery)
  const [name, setName] = useState('')
  const [error, setError] = useState<string>()
  const save = async (): Promise<void> => {
    try {
      const query = { payload: conditionsOf(view, profile?.id ?? 0) }
      const { id } = await ask(
        api.POST('/api/v1/accounts/{accountId}/custom_filters', {
          params: { path: { accountId } },
          body: { name: name.trim(), filter_type: 'conversation', query } as never,
        }),
      )
      await queries.invalidateQueries({ queryKey: filtersQuery(accountId).queryKey })
      onClose()
      change({
        filter: id,
        tab: 'all',
        status: undefined,
        priority: undefined,
        inbox: undefined,
        team: undefined,
        label: undefined,
      })
    } catch (failure) {
      setError(failure instanceof Error ? failure.message : String(failure))
    }
  }
  return (
    <form
      className={styles.save}
      onSubmit={(event) => {
        event.preventDefault()
        void save()
      }}
    >
      <StackedFields>
        <TextField label={say('conversations.filterName')} value={name} error={error} autoFocus onChange={setName} />
      </StackedFields>
      <Button look="primary" type="submit" disabled={name.trim() === ''}>
        {say('common.save')}
      </Button>
    </form>
  )
}
