// Prisma on the pool of db/pool: everything that is not hot. Its types never leave the rooms.

import { PrismaPg } from '@prisma/adapter-pg'

import { PrismaClient } from './generated/client.ts'
import type { Pool } from './pool.ts'

export type Db = PrismaClient
export { Prisma } from './generated/client.ts'

/** Prisma's client over our pool; it opens no connection of its own. */
export function createDb(pool: Pool): Db {
  return new PrismaClient({ adapter: new PrismaPg(pool, { disposeExternalPool: false }) })
}
