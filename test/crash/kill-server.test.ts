// kill -9 of the service on a PostgreSQL server that others use too.

import { describe, inject } from 'vitest'

import { defineRounds } from './rounds.ts'

const { server } = inject('servers')

describe.skipIf(server === null)('the service on a database server', () => {
  defineRounds({ name: 'server', url: server ?? '' }, null)
})
