// `npm run db:migrate`: runs the migrations that the database of DATABASE_URL (or the embedded one) has not had, without starting the service.

import { readConfig } from '../dist/config.js'
import { openDatabase } from '../dist/db/open.js'

try {
  const { DATABASE_URL, DATA_DIR } = readConfig()
  const database = await openDatabase({ url: DATABASE_URL, dataDir: DATA_DIR, poolSize: 2, onError: () => undefined })
  console.log(database.migrated.length === 0 ? 'nothing to do' : `done: ${database.migrated.join(', ')}`)
  await database.close()
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
