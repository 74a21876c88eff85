// Loaded into the measured service (`node --import`): counts the statements that it sends to the database, and tells when asked.

import { isMainThread } from 'node:worker_threads'

import pg from 'pg'

if (isMainThread && process.send !== undefined) {
  const { query } = pg.Client.prototype
  let count = 0
  pg.Client.prototype.query = function counted(...args) {
    count++
    return query.apply(this, args)
  }
  process.on('message', () => process.send?.({ queries: count }))
  process.channel?.unref()
}
