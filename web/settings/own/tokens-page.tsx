// Access tokens of one's programs: made, shown once, revoked.

import { queryOptions, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'

import { api, ask } from '../../api/client'
import { Button } from '../../ui/button'
import { TextField } from '../../ui/field'
import { Time } from '../../ui/time'
import { useWords } from '../../words/words'
import { Secret } from '../parts'
import { RecordForm, RecordList } from '../record-list'
import styles from '../settings.module.css'
import { useForm } from '../use-form'

const tokensQuery = queryOptions({
  queryKey: ['access-tokens'],
  queryFn: async () => (await ask(api.GET('/api/v1/profile/access_tokens'))).payload,
})

export function TokensPage() {
  const say = useWords()
  const queries = useQueryClient()
  const { data } = useQuery(tokensQuery)
  const nameOf = ({ id, name }: { id: number; name: string | null }) => name ?? say('settings.tokenNumber', { id })
  return (
    <RecordList
      title={say('settings.tokens')}
      text={say('settings.tokensText')}
      rows={data}
      keyOf={({ id }) => id}
      nameOf={nameOf}
      show={(token) => ({
        name: nameOf(token),
        detail: (
          <>
            {say('settings.createdAt')} <Time at={token.created_at} />
          </>
        ),
      })}
      addLabel={say('settings.newToken')}
      emptyTitle={say('settings.noTokens')}
      editor={(row, onDone) => (row === null ? <NewToken onDone={onDone} /> : null)}
      canEdit={false}
      remove={async ({ id }) => {
        await ask(api.DELETE('/api/v1/profile/access_tokens/{id}', { params: { path: { id } } }))
        await queries.invalidateQueries({ queryKey: tokensQuery.queryKey })
      }}
      removeLabel={say('settings.revoke')}
      removeText={say('settings.revokeText')}
    />
  )
}

function NewToken({ onDone }: { readonly onDone: () => void }) {
  const say = useWords()
  const queries = useQueryClient()
  const [token, setToken] = useState<string | null>(null)
  const form = useForm({
    saved: { name: '' },
    isQuiet: true,
    send: async (body) => {
      setToken((await ask(api.POST('/api/v1/profile/access_tokens', { body }))).access_token)
      await queries.invalidateQueries({ queryKey: tokensQuery.queryKey })
    },
  })
  if (token !== null)
    return (
      <div className={styles.dialog}>
        <p>{say('settings.shownOnce')}</p>
        <Secret value={token} label={say('settings.newToken')} />
        <div className={styles.dialogActions}>
          <Button look="primary" onClick={onDone}>
            {say('settings.kept')}
          </Button>
        </div>
      </div>
    )
  return (
    <RecordForm form={form} onClose={onDone} submit={say('settings.create')}>
      <TextField
        label={say('settings.tokenName')}
        hint={say('settings.tokenNameHint')}
        value={form.values.name}
        onChange={form.set('name')}
        error={form.errorOf('name')}
      />
    </RecordForm>
  )
}
