// Teams of an account and who is in them.

import type { Db } from '../../db/client.ts'
import type { Pool } from '../../db/pool.ts'
import { createMembers } from '../agents/members.ts'
import type { Saved } from '../records/problem.ts'
import { teamInclude, toTeamRow } from '../records/row-mapping.ts'
import type { TeamRow } from '../records/rows.ts'
import { defined, findProblems, isBlank, isLine, type Rule, saveRecord } from '../records/save.ts'

export interface TeamFields {
  readonly name?: string | null | undefined
  readonly description?: string | null | undefined
  readonly allowAutoAssign?: boolean | undefined
}

const rules: readonly Rule<TeamFields>[] = [
  ['name', "can't be blank", ({ name }) => isBlank(name)],
  ['name', 'is invalid', ({ name }) => !isLine(name)],
  [
    'description',
    'is too long (maximum is 20000 characters)',
    ({ description }) => (description ?? '').length > 20_000,
  ],
]

export function createTeams(sql: { readonly db: Db; readonly pool: Pool }) {
  const { db } = sql
  const members = createMembers(sql, 'team')
  return {
    async listTeams(accountId: number): Promise<TeamRow[]> {
      const records = await db.team.findMany({ where: { accountId }, include: teamInclude, orderBy: { name: 'asc' } })
      return records.map(toTeamRow)
    },

    async findTeam(accountId: number, teamId: number): Promise<TeamRow | null> {
      const record = await db.team.findFirst({ where: { accountId, id: teamId }, include: teamInclude })
      return record === null ? null : toTeamRow(record)
    },

    /** Names are kept in lower case. */
    async createTeam(accountId: number, given: TeamFields): Promise<Saved<TeamRow>> {
      const { name = '', ...rest } = normalise(given)
      const problems = findProblems(rules, { ...rest, name })
      return saveRecord({ problems, unique: 'name' }, async () =>
        toTeamRow(
          await db.team.create({ data: { accountId, name: name ?? '', ...defined(rest) }, include: teamInclude }),
        ),
      )
    },

    async updateTeam(team: TeamRow, given: TeamFields): Promise<Saved<TeamRow>> {
      const { name, ...rest } = normalise(given)
      const data = defined({ ...rest, name: name ?? undefined })
      const problems = findProblems(rules, { ...rest, name })
      return saveRecord({ problems, unique: 'name' }, async () =>
        toTeamRow(await db.team.update({ where: { id: team.id }, data, include: teamInclude })),
      )
    },

    /** Its conversations stay, without a team. */
    async deleteTeam(team: TeamRow): Promise<void> {
      await db.team.deleteMany({ where: { id: team.id } })
    },

    members,
  }
}

function normalise(fields: TeamFields): TeamFields {
  return { ...fields, ...(typeof fields.name === 'string' ? { name: fields.name.trim().toLowerCase() } : {}) }
}
