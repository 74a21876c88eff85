// Who works in the account: inviting, roles, removing.

import { useQuery, useQueryClient } from '@tanstack/react-query'

import { api, ask, type Schemas } from '../../api/client'
import { agentsQuery } from '../../api/records'
import { useAccountId } from '../../shell/go'
import { Avatar } from '../../ui/avatar'
import { Button } from '../../ui/button'
import { Chip } from '../../ui/chip'
import { SelectField, TextField } from '../../ui/field'
import { tell } from '../../ui/toast'
import { useWords } from '../../words/words'
import { RecordForm, RecordList } from '../record-list'
import { useForm } from '../use-form'

type Agent = Schemas['Agent']
const roles = ['agent', 'administrator'] as const

export function PeoplePage() {
  const say = useWords()
  const accountId = useAccountId()
  const queries = useQueryClient()
  const { data } = useQuery(agentsQuery(accountId))
  const at = (id: number) => ({ params: { path: { accountId, id } } })
  const inviteAgain = async ({ id, email }: Agent) => {
    try {
      await ask(api.POST('/api/v1/accounts/{accountId}/agents/{id}/invitation', at(id)))
      tell({ text: say('settings.invitedAgain', { email }) })
    } catch (error) {
      tell({ text: error instanceof Error ? error.message : String(error), isFailure: true })
    }
  }
  return (
    <RecordList
      title={say('settings.people')}
      text={say('settings.peopleText')}
      rows={data}
      keyOf={({ id }) => id}
      nameOf={({ name }) => name}
      show={(agent) => ({
        mark: <Avatar name={agent.name} url={agent.thumbnail} />,
        name: (
          <>
            {agent.name}
            {agent.role === 'administrator' && <Chip>{say('settings.role.administrator')}</Chip>}
            {!agent.confirmed && <Chip look="needs-you">{say('settings.invited')}</Chip>}
          </>
        ),
        detail: agent.email,
        actions: agent.confirmed ? undefined : (
          <Button look="quiet" onClick={() => void inviteAgain(agent)}>
            {say('settings.inviteAgain')}
          </Button>
        ),
      })}
      addLabel={say('settings.invite')}
      emptyTitle={say('settings.people')}
      editor={(agent, onDone) => <PersonForm agent={agent} onDone={onDone} />}
      remove={async ({ id }) => {
        await ask(api.DELETE('/api/v1/accounts/{accountId}/agents/{id}', at(id)))
        await queries.invalidateQueries({ queryKey: agentsQuery(accountId).queryKey })
      }}
      removeLabel={say('settings.removePerson')}
      removeText={say('settings.removePersonText')}
    />
  )
}

function PersonForm({ agent, onDone }: { readonly agent: Agent | null; readonly onDone: () => void }) {
  const say = useWords()
  const accountId = useAccountId()
  const queries = useQueryClient()
  const form = useForm({
    saved: { email: agent?.email ?? '', name: agent?.name ?? '', role: agent?.role ?? 'agent' },
    isQuiet: true,
    send: async ({ email, name, role }) => {
      const path = { accountId }
      if (agent === null) {
        const made = await ask(
          api.POST('/api/v1/accounts/{accountId}/agents', { params: { path }, body: { email, name, role } }),
        )
        tell({ text: say(made.confirmed ? 'settings.memberAdded' : 'settings.invitationSent', { email }) })
      } else
        await ask(
          api.PATCH('/api/v1/accounts/{accountId}/agents/{id}', {
            params: { path: { ...path, id: agent.id } },
            body: { name, role },
          }),
        )
      await queries.invalidateQueries({ queryKey: agentsQuery(accountId).queryKey })
      onDone()
    },
  })
  const { values, set, errorOf } = form
  return (
    <RecordForm form={form} onClose={onDone} {...(agent === null ? { submit: say('settings.invite') } : {})}>
      {agent === null && (
        <TextField
          label={say('settings.email')}
          hint={say('settings.inviteHint')}
          type="email"
          autoComplete="off"
          required
          value={values.email}
          onChange={set('email')}
          error={errorOf('email')}
        />
      )}
      <TextField label={say('settings.name')} value={values.name} onChange={set('name')} error={errorOf('name')} />
      <SelectField
        label={say('settings.role')}
        value={values.role}
        choices={roles.map((value) => ({ value, name: say(`settings.role.${value}`) }))}
        onChange={(value) => {
          set('role')(value === 'administrator' ? 'administrator' : 'agent')
        }}
        error={errorOf('role')}
      />
    </RecordForm>
  )
}
