// Prisma on the pool of db/pool, for plain records (docs/adr/0043-prisma-beside-sql.md). Its types stay inside the
// domain modules.

import { PrismaPg } from '@prisma/adapter-pg'

import { type Prisma, PrismaClient } from './generated/client.ts'
import type { Pool } from './pool.ts'

export type Db = PrismaClient
export { Prisma } from './generated/client.ts'

/** Prisma's client within one transaction. */
export type DbTx = Prisma.TransactionClient

/** Reads a record and writes it under its row lock, which is held until `action` is done. */
export function withLock<T>(
  db: Db,
  { table, id }: { readonly table: 'accounts' | 'inboxes' | 'users'; readonly id: number },
  action: (tx: DbTx) => Promise<T>,
): Promise<T> {
  return db.$transaction(async (tx) => {
    await tx.$queryRawUnsafe(`select 1 from ${table} where id = $1 for no key update`, id)
    return action(tx)
  })
}

/** Prisma's client over our pool; it opens no connection of its own. */
export function createDb(pool: Pool): Db {
  return new PrismaClient({ adapter: new PrismaPg(pool, { disposeExternalPool: false }) })
}
