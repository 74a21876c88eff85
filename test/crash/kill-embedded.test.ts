// kill -9 of the service on its embedded database, and of the database with it.

import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

import { describe, inject } from 'vitest'

import { defineRounds } from './rounds.ts'

describe.skipIf(inject('servers').embedded === null)('the service on its embedded database', () => {
  defineRounds(null, async (world) => {
    const pid = Number.parseInt(await readFile(join(world.service().embeddedFolder, 'postmaster.pid'), 'utf8'), 10)
    process.kill(pid, 'SIGKILL')
  })
})
