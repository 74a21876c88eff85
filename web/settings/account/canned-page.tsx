// Canned responses: texts that `/` and a short code put into an answer.

import { useQuery, useQueryClient } from '@tanstack/react-query'

import { api, ask, type Schemas } from '../../api/client'
import { cannedResponsesQuery } from '../../api/records'
import { useAccountId } from '../../shell/go'
import { AreaField, TextField } from '../../ui/field'
import { useWords } from '../../words/words'
import { RecordForm, RecordList } from '../record-list'
import { useForm } from '../use-form'

type Canned = Schemas['CannedResponse']

export function CannedPage() {
  const say = useWords()
  const accountId = useAccountId()
  const queries = useQueryClient()
  const { data } = useQuery(cannedResponsesQuery(accountId))
  return (
    <RecordList
      title={say('settings.canned')}
      text={say('settings.cannedText')}
      rows={data}
      keyOf={({ id }) => id}
      nameOf={({ short_code: code }) => code}
      show={({ short_code: code, content }) => ({ name: `/${code}`, detail: content.slice(0, 160) })}
      addLabel={say('settings.newCanned')}
      emptyTitle={say('settings.noCanned')}
      editor={(canned, onDone) => <CannedForm canned={canned} onDone={onDone} />}
      remove={async ({ id }) => {
        const params = { path: { accountId, id } }
        await ask(api.DELETE('/api/v1/accounts/{accountId}/canned_responses/{id}', { params }))
        await queries.invalidateQueries({ queryKey: cannedResponsesQuery(accountId).queryKey })
      }}
      removeText={say('settings.deleteCannedText')}
    />
  )
}

function CannedForm({ canned, onDone }: { readonly canned: Canned | null; readonly onDone: () => void }) {
  const say = useWords()
  const accountId = useAccountId()
  const queries = useQueryClient()
  const form = useForm({
    saved: { short_code: canned?.short_code ?? '', content: canned?.content ?? '' },
    send: async (body) => {
      const path = { accountId }
      if (canned === null)
        await ask(api.POST('/api/v1/accounts/{accountId}/canned_responses', { params: { path }, body }))
      else
        await ask(
          api.PATCH('/api/v1/accounts/{accountId}/canned_responses/{id}', {
            params: { path: { ...path, id: canned.id } },
            body,
          }),
        )
      await queries.invalidateQueries({ queryKey: cannedResponsesQuery(accountId).queryKey })
      onDone()
    },
  })
  const { values, set, errorOf } = form
  return (
    <RecordForm form={form} onClose={onDone} {...(canned === null ? { submit: say('settings.create') } : {})}>
      <TextField
        label={say('settings.shortCode')}
        hint={say('settings.shortCodeHint')}
        required
        value={values.short_code}
        onChange={set('short_code')}
        error={errorOf('short_code')}
      />
      <AreaField
        label={say('settings.content')}
        required
        value={values.content}
        onChange={set('content')}
        error={errorOf('content')}
      />
    </RecordForm>
  )
}
