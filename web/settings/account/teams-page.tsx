// The account's teams, and who is in them.

import { useQuery, useQueryClient } from '@tanstack/react-query'

import { api, ask, type Schemas } from '../../api/client'
import { teamsQuery } from '../../api/records'
import { useAccountId } from '../../shell/go'
import { CheckField, TextField } from '../../ui/field'
import { useWords } from '../../words/words'
import { RecordForm, RecordList } from '../record-list'
import { useForm } from '../use-form'
import { MembersField } from './members-field'
import { teamMembersQuery } from './members-query'

type Team = Schemas['Team']

export function TeamsPage() {
  const say = useWords()
  const accountId = useAccountId()
  const queries = useQueryClient()
  const { data } = useQuery(teamsQuery(accountId))
  return (
    <RecordList
      title={say('settings.teams')}
      text={say('settings.teamsText')}
      rows={data}
      keyOf={({ id }) => id}
      nameOf={({ name }) => name}
      show={({ name, description }) => ({ name, detail: description })}
      addLabel={say('settings.newTeam')}
      emptyTitle={say('settings.noTeams')}
      editor={(team, onDone) =>
        team === null ? (
          <TeamForm team={null} memberIds={[]} onDone={onDone} />
        ) : (
          <KnownTeam team={team} onDone={onDone} />
        )
      }
      remove={async ({ id }) => {
        await ask(api.DELETE('/api/v1/accounts/{accountId}/teams/{id}', { params: { path: { accountId, id } } }))
        await queries.invalidateQueries({ queryKey: teamsQuery(accountId).queryKey })
      }}
      removeText={say('settings.deleteTeamText')}
    />
  )
}

function KnownTeam({ team, onDone }: { readonly team: Team; readonly onDone: () => void }) {
  const { data } = useQuery(teamMembersQuery(useAccountId(), team.id))
  return data === undefined ? null : <TeamForm team={team} memberIds={data.map(({ id }) => id)} onDone={onDone} />
}

interface TeamFormProps {
  readonly team: Team | null
  readonly memberIds: readonly number[]
  readonly onDone: () => void
}

function TeamForm({ team, memberIds, onDone }: TeamFormProps) {
  const say = useWords()
  const accountId = useAccountId()
  const queries = useQueryClient()
  const form = useForm({
    saved: {
      name: team?.name ?? '',
      description: team?.description ?? '',
      allow_auto_assign: team?.allow_auto_assign ?? true,
      memberIds,
    },
    send: async ({ memberIds: chosen, ...body }) => {
      const params = { path: { accountId } }
      const { id } =
        team === null
          ? await ask(api.POST('/api/v1/accounts/{accountId}/teams', { params, body }))
          : await ask(
              api.PATCH('/api/v1/accounts/{accountId}/teams/{id}', {
                params: { path: { accountId, id: team.id } },
                body,
              }),
            )
      await ask(
        api.PATCH('/api/v1/accounts/{accountId}/teams/{id}/team_members', {
          params: { path: { accountId, id } },
          body: { user_ids: [...chosen] },
        }),
      )
      await queries.invalidateQueries({ queryKey: teamsQuery(accountId).queryKey })
      await queries.invalidateQueries({ queryKey: teamMembersQuery(accountId, id).queryKey })
      onDone()
    },
  })
  const { values, set, errorOf } = form
  return (
    <RecordForm form={form} onClose={onDone} {...(team === null ? { submit: say('settings.create') } : {})}>
      <TextField
        label={say('settings.name')}
        required
        value={values.name}
        onChange={set('name')}
        error={errorOf('name')}
      />
      <TextField label={say('settings.description')} value={values.description} onChange={set('description')} />
      <CheckField
        label={say('settings.autoAssign')}
        isOn={values.allow_auto_assign}
        onChange={set('allow_auto_assign')}
      />
      <MembersField label={say('settings.members')} chosen={values.memberIds} onChange={set('memberIds')} />
    </RecordForm>
  )
}
