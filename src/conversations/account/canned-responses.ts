// Canned responses: texts that agents call up by a short code, which is unique in its account.

import type { Db } from '../../db/client.ts'
import { escapeLike } from '../../db/like.ts'
import type { Saved } from '../records/problem.ts'
import { defined, findProblems, isBlank, isLine, type Rule, saveRecord } from '../records/save.ts'

export interface CannedResponseRow {
  readonly id: number
  readonly accountId: number
  readonly shortCode: string
  readonly content: string
  readonly createdAt: Date
  readonly updatedAt: Date
}

export interface CannedResponseFields {
  readonly shortCode?: string | null | undefined
  readonly content?: string | null | undefined
}

const rules: readonly Rule<CannedResponseFields>[] = [
  ['content', "can't be blank", ({ content }) => isBlank(content)],
  ['content', 'is too long (maximum is 150000 characters)', ({ content }) => (content ?? '').length > 150_000],
  ['short_code', "can't be blank", ({ shortCode }) => isBlank(shortCode)],
  ['short_code', 'is invalid', ({ shortCode }) => !isLine(shortCode)],
]

export function createCannedResponses(db: Db) {
  return {
    /** Those with `search` in code or text, codes that begin with it first; all without one. */
    async listCannedResponses(accountId: number, search: string | null): Promise<CannedResponseRow[]> {
      if (search === null) return db.cannedResponse.findMany({ where: { accountId }, orderBy: { shortCode: 'asc' } })
      const contains = { contains: escapeLike(search), mode: 'insensitive' } as const
      const rows = await db.cannedResponse.findMany({
        where: { accountId, OR: [{ shortCode: contains }, { content: contains }] },
        orderBy: { shortCode: 'asc' },
      })
      const begins = (row: CannedResponseRow) => row.shortCode.toLowerCase().startsWith(search.toLowerCase())
      return [...rows.filter(begins), ...rows.filter((row) => !begins(row))]
    },

    findCannedResponse: (accountId: number, id: number): Promise<CannedResponseRow | null> =>
      db.cannedResponse.findFirst({ where: { accountId, id } }),

    async createCannedResponse(accountId: number, given: CannedResponseFields): Promise<Saved<CannedResponseRow>> {
      const fields = { shortCode: given.shortCode?.trim() ?? '', content: given.content ?? '' }
      return saveRecord({ problems: findProblems(rules, fields), unique: 'short_code' }, () =>
        db.cannedResponse.create({ data: { accountId, ...fields } }),
      )
    },

    async updateCannedResponse(row: CannedResponseRow, given: CannedResponseFields): Promise<Saved<CannedResponseRow>> {
      const data = defined({ shortCode: given.shortCode?.trim(), content: given.content ?? undefined })
      return saveRecord({ problems: findProblems(rules, given), unique: 'short_code' }, () =>
        db.cannedResponse.update({ where: { id: row.id }, data }),
      )
    },

    async deleteCannedResponse(row: CannedResponseRow): Promise<void> {
      await db.cannedResponse.deleteMany({ where: { id: row.id } })
    },
  }
}
