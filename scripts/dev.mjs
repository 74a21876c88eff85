// `npm run dev`: the service from src/, restarted when it changes, and the client from web/, reloaded when it changes.

import { spawn } from 'node:child_process'

import { buildIfStale } from './build-if-stale.mjs'

if (!buildIfStale()) process.exit(1)

const start = (script, ...args) => spawn(process.execPath, [`node_modules/${script}`, ...args], { stdio: 'inherit' })
const children = [
  start('tsx/dist/cli.mjs', 'watch', '--clear-screen=false', 'src/main.ts', 'serve'),
  start('vite/bin/vite.js', '--config', 'web/vite.config.ts', '--clearScreen', 'false'),
]
console.log('The client with reloading: http://localhost:5173')

const stop = (signal) => {
  for (const child of children) child.kill(signal)
}
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => stop(signal))
// One without the other is of no use.
for (const child of children) child.on('exit', () => stop('SIGTERM'))
