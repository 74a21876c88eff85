// Teams and labels of an account: short lists that are read whole.

import type { Db } from '../../db/client.ts'
import { teamInclude, toTeamRow } from '../row-mapping.ts'
import type { LabelRow, TeamRow } from '../rows.ts'

export function createTeams(db: Db) {
  return {
    async listTeams(accountId: number): Promise<TeamRow[]> {
      const records = await db.team.findMany({ where: { accountId }, include: teamInclude, orderBy: { name: 'asc' } })
      return records.map(toTeamRow)
    },

    async findTeam(accountId: number, teamId: number): Promise<TeamRow | null> {
      const record = await db.team.findFirst({ where: { accountId, id: teamId }, include: teamInclude })
      return record === null ? null : toTeamRow(record)
    },
  }
}

export function createLabels(db: Db) {
  return {
    listLabels: (accountId: number): Promise<LabelRow[]> => db.label.findMany({ where: { accountId }, orderBy: { title: 'asc' } }),
    findLabel: (accountId: number, labelId: number): Promise<LabelRow | null> => db.label.findFirst({ where: { accountId, id: labelId } }),
  }
}
