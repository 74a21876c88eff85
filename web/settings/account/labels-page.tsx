// The account's labels.

import { useQuery, useQueryClient } from '@tanstack/react-query'

import { api, ask, type Schemas } from '../../api/client'
import { labelsQuery } from '../../api/records'
import { useAccountId } from '../../shell/go'
import { TextField } from '../../ui/field'
import { useWords } from '../../words/words'
import { RecordForm, RecordList } from '../record-list'
import styles from '../settings.module.css'
import { useForm } from '../use-form'

type Label = Schemas['Label']

export function LabelsPage() {
  const say = useWords()
  const accountId = useAccountId()
  const queries = useQueryClient()
  const { data } = useQuery(labelsQuery(accountId))
  return (
    <RecordList
      title={say('settings.labels')}
      text={say('settings.labelsText')}
      rows={data}
      keyOf={({ id }) => id}
      nameOf={({ title }) => title}
      show={({ title, description, color }) => ({
        mark: <span className={styles.dot} style={{ background: color }} aria-hidden="true" />,
        name: title,
        detail: description,
      })}
      addLabel={say('settings.newLabel')}
      emptyTitle={say('settings.noLabels')}
      editor={(label, onDone) => <LabelForm label={label} onDone={onDone} />}
      remove={async ({ id }) => {
        await ask(api.DELETE('/api/v1/accounts/{accountId}/labels/{id}', { params: { path: { accountId, id } } }))
        await queries.invalidateQueries({ queryKey: labelsQuery(accountId).queryKey })
      }}
      removeText={say('settings.deleteLabelText')}
    />
  )
}

function LabelForm({ label, onDone }: { readonly label: Label | null; readonly onDone: () => void }) {
  const say = useWords()
  const accountId = useAccountId()
  const queries = useQueryClient()
  const form = useForm({
    saved: { title: label?.title ?? '', description: label?.description ?? '', color: label?.color ?? '#5b7fd6' },
    send: async (body) => {
      const path = { accountId }
      if (label === null) await ask(api.POST('/api/v1/accounts/{accountId}/labels', { params: { path }, body }))
      else
        await ask(
          api.PATCH('/api/v1/accounts/{accountId}/labels/{id}', { params: { path: { ...path, id: label.id } }, body }),
        )
      await queries.invalidateQueries({ queryKey: labelsQuery(accountId).queryKey })
      onDone()
    },
  })
  const { values, set, errorOf } = form
  return (
    <RecordForm form={form} onClose={onDone} {...(label === null ? { submit: say('settings.create') } : {})}>
      <TextField
        label={say('settings.name')}
        hint={say('settings.labelNameHint')}
        required
        value={values.title}
        onChange={set('title')}
        error={errorOf('title')}
      />
      <TextField label={say('settings.description')} value={values.description} onChange={set('description')} />
      <TextField
        label={say('settings.color')}
        type="color"
        value={values.color}
        onChange={set('color')}
        error={errorOf('color')}
      />
    </RecordForm>
  )
}
