// `npm run db:new -- add-something`: an empty migration to write SQL into. Migrations are plain SQL, run once each in the order of their names;
// change prisma/schema.prisma along with it. The service runs them at start; `npm run db:migrate` and `prisma migrate deploy` do so elsewhere.

import { mkdirSync, writeFileSync } from 'node:fs'

const name = (process.argv[2] ?? '')
  .toLowerCase()
  .replace(/[^a-z0-9]+/g, '_')
  .replace(/^_|_$/g, '')
if (name === '') {
  console.error('usage: npm run db:new -- NAME')
  process.exit(64)
}
const stamp = new Date().toISOString().replace(/\D/g, '').slice(0, 14)
const folder = `prisma/migrations/${stamp}_${name}`
mkdirSync(folder)
writeFileSync(`${folder}/migration.sql`, '-- What changes, and why.\n')
console.log(`${folder}/migration.sql`)
