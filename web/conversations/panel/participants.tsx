// Agents who take part in a conversation and get its notices.

import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Plus } from 'lucide-react'
import { useState } from 'react'

import { api, ask, type Conversation } from '../../api/client'
import { assignableQuery } from '../../api/records'
import { Avatar } from '../../ui/avatar'
import { IconButton } from '../../ui/button'
import { Picker } from '../../ui/picker'
import { tell } from '../../ui/toast'
import { useWords } from '../../words/words'
import styles from './panel.module.css'

export function Participants({ conversation }: { readonly conversation: Conversation }) {
  const say = useWords()
  const queries = useQueryClient()
  const [isOpen, setOpen] = useState(false)
  const { account_id: accountId, id: displayId, inbox_id: inboxId } = conversation
  const at = { params: { path: { accountId, displayId } } }
  const queryKey = ['participants', accountId, displayId]
  const { data: people = [] } = useQuery({
    queryKey,
    queryFn: () => ask(api.GET('/api/v1/accounts/{accountId}/conversations/{displayId}/participants', at)),
  })
  const { data: agents = [] } = useQuery(assignableQuery(accountId, inboxId))
  const toggle = async (id: number): Promise<void> => {
    const ids = people.some((one) => one.id === id)
      ? people.filter((one) => one.id !== id).map((one) => one.id)
      : [...people.map((one) => one.id), id]
    try {
      const now = await ask(
        api.PUT('/api/v1/accounts/{accountId}/conversations/{displayId}/participants', {
          ...at,
          body: { user_ids: ids },
        }),
      )
      queries.setQueryData(queryKey, now)
    } catch (error) {
      tell({ text: error instanceof Error ? error.message : String(error), isFailure: true })
    }
  }
  const noOne = conversation.meta.assignee == null ? 'thread.noParticipants.unassigned' : 'thread.noParticipants'
  return (
    <section>
      <div className={styles.heading}>
        <h2>{say('thread.participants')}</h2>
        <Picker
          label={say('thread.changeParticipants')}
          isOpen={isOpen}
          onOpenChange={setOpen}
          isMultiple
          empty={say('thread.noAgent')}
          choices={agents.map(({ id, name, email }) => ({
            id: String(id),
            name: name || email,
            isChosen: people.some((one) => one.id === id),
          }))}
          onChoose={(id) => void toggle(Number(id))}
          trigger={
            <IconButton label={say('thread.changeParticipants')}>
              <Plus />
            </IconButton>
          }
        />
      </div>
      <div className={styles.people}>
        {people.length === 0 && <span className={styles.nobody}>{say(noOne)}</span>}
        {people.map(({ id, name, thumbnail }) => (
          <Avatar key={id} name={name} url={thumbnail} size="tiny" isQuiet label={name} />
        ))}
      </div>
    </section>
  )
}
