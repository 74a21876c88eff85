// Builds when dist/ is older than anything it is made of; otherwise does nothing. Tests start the built service and its parser threads.

import { spawnSync } from 'node:child_process'
import { readdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const madeOf = ['src', 'web', 'prisma/schema.prisma', 'tsconfig.json', 'package.json']

/** Whether dist/ is what the sources say; false when the build failed, which has then said why. */
export function buildIfStale() {
  if (builtAt('main.js') > Math.max(...madeOf.map((path) => newest(join(root, path))))) return true
  console.error('dist/ is older than src/: building')
  const { status } = spawnSync(process.execPath, [join(root, 'scripts', 'prepare.mjs')], { stdio: 'inherit' })
  return status === 0
}

/** When a file of dist/ was made, in ms; 0: it is not there. */
export function builtAt(file) {
  try {
    return statSync(join(root, 'dist', file)).mtimeMs
  } catch {
    return 0
  }
}

/** When the newest file of a folder was changed, in ms. Prisma's client and the API's types are made by the build itself. */
export function newest(path) {
  const found = statSync(path)
  if (!found.isDirectory()) return found.mtimeMs
  return Math.max(
    found.mtimeMs,
    ...readdirSync(path)
      .filter((name) => name !== 'generated' && name !== 'schema.d.ts')
      .map((name) => newest(join(path, name))),
  )
}
