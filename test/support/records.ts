// Teams, bots and members of inboxes, made through the API as an administrator would.

import type { TestApi } from './api.ts'
import type { Service } from './service.ts'

type Caller = Pick<TestApi, 'ask' | 'path'> | Pick<Service, 'api'>

async function post(by: Caller, path: string, json: object): Promise<{ readonly id: number }> {
  const answer =
    'ask' in by
      ? await by.ask('POST', `${by.path}${path}`, { json })
      : await by.api('POST', `/api/v1/accounts/1${path}`, json)
  if (answer.status !== 200) throw new Error(`POST ${path} was answered ${String(answer.status)}`)
  return answer.body as { readonly id: number }
}

/** The id of a new team with these members. */
export async function createTeam(
  by: Caller,
  team: { readonly name: string; readonly userIds?: readonly number[]; readonly isAutoAssigned?: boolean },
): Promise<number> {
  const { id } = await post(by, '/teams', { name: team.name, allow_auto_assign: team.isAutoAssigned ?? true })
  const { userIds = [] } = team
  if (userIds.length > 0) await post(by, `/teams/${String(id)}/team_members`, { user_ids: userIds })
  return id
}

/** The id of a new agent bot. */
export async function createBot(by: Caller, name: string): Promise<number> {
  return (await post(by, '/agent_bots', { name })).id
}

/** Makes users members of an inbox. */
export async function addInboxMembers(by: Caller, inboxId: number, userIds: readonly number[]): Promise<void> {
  await post(by, '/inbox_members', { inbox_id: inboxId, user_ids: userIds })
}
