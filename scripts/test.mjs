// `npm test [-- arguments for vitest]`: the whole suite on what is built from the sources as they stand.

import { spawnSync } from 'node:child_process'

import { buildIfStale } from './build-if-stale.mjs'

if (!buildIfStale()) process.exit(1)
const { status } = spawnSync(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', ...process.argv.slice(2)], {
  stdio: 'inherit',
})
process.exitCode = status ?? 1
