// `npm run check [-- part …]`: builds what is stale, then runs the parts below, two at a time. The output of a part is
// shown when it fails.

import { spawn } from 'node:child_process'

import { buildIfStale } from './build-if-stale.mjs'

const parts = {
  'lint-tests': ['eslint/bin/eslint.js', 'test', 'bench', 'scripts', 'prisma'],
  lint: ['eslint/bin/eslint.js', 'src', 'web'],
  types: ['typescript/bin/tsc', '-p', 'test/tsconfig.json'],
  web: ['typescript/bin/tsc', '-p', 'web/tsconfig.json'],
  unit: ['vitest/vitest.mjs', 'run', 'test/unit', 'test/house', '--reporter=dot', '--testTimeout=30000'],
  floors: ['dependency-cruiser/bin/dependency-cruise.mjs', 'src', '--config', '.dependency-cruiser.cjs'],
  unused: ['knip/bin/knip.js'],
  format: ['prettier/bin/prettier.cjs', '--check', 'src', 'web', 'test', 'bench', 'scripts'],
}
const atOnce = 2

const wanted = process.argv.slice(2)
const unknown = wanted.filter((name) => !(name in parts))
if (unknown.length > 0) {
  console.error(`check: there is no part ${unknown.join(', ')}; the parts are ${Object.keys(parts).join(' ')}`)
  process.exit(64)
}

/** Runs one part to its end; its output counts only when it fails. */
function run(name) {
  const [script, ...args] = parts[name]
  const startedAt = performance.now()
  const child = spawn(process.execPath, [`node_modules/${script}`, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  const output = []
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => output.push(chunk))
  return new Promise((resolve) => {
    child.on('close', (status) => {
      const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
      console.log(`${status === 0 ? '✓' : '✗'} ${name.padEnd(10)} ${seconds} s`)
      if (status !== 0) console.log(Buffer.concat(output).toString('utf8').trimEnd())
      resolve(status === 0 ? [] : [name])
    })
  })
}

const isBuilt = buildIfStale()
if (!isBuilt) console.log('✗ build')
const queue = Object.keys(parts).filter((name) => wanted.length === 0 || wanted.includes(name))
const failed = isBuilt ? [] : ['build']
await Promise.all(
  Array.from({ length: atOnce }, async () => {
    for (let name = queue.shift(); name !== undefined; name = queue.shift()) failed.push(...(await run(name)))
  }),
)
console.log(failed.length === 0 ? 'check: all is well' : `check: failing: ${failed.join(', ')}`)
process.exitCode = failed.length === 0 ? 0 : 1
