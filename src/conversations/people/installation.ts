// What administrators of the installation do with accounts: see them all, make one, find one that is not theirs.

import type { Db } from '../../db/client.ts'
import { toAccountRow } from '../row-mapping.ts'
import type { AccountRow } from '../rows.ts'
import { defaultFeatures } from './first-start.ts'

export function createInstallation(db: Db) {
  return {
    listAccounts: async (): Promise<AccountRow[]> => (await db.account.findMany({ orderBy: { id: 'asc' } })).map(toAccountRow),
    findAccount: async (id: number): Promise<AccountRow | null> => {
      const record = await db.account.findUnique({ where: { id } })
      return record === null ? null : toAccountRow(record)
    },
    /** A new account that may receive mail, with its first administrator. */
    createAccount: async (account: { readonly name: string; readonly administratorId: number }): Promise<AccountRow> => {
      const record = await db.account.create({
        data: { name: account.name, features: [...defaultFeatures], accountUsers: { create: { userId: account.administratorId, role: 'administrator' } } },
      })
      return toAccountRow(record)
    },
    setStatus: async (id: number, status: 'active' | 'suspended'): Promise<void> => {
      await db.account.update({ where: { id }, data: { status } })
    },
  }
}
