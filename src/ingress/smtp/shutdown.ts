// Closing a mail listener without cutting a mail in half: 421 4.3.2 to idle connections at once, to busy ones after
// their transaction or when the grace is over (RFC 5321 §3.8). A mail that got no answer by then is still with its
// sender.

import type { SMTPServer } from 'smtp-server'

import type { SMTPConnection } from './connection.ts'

/**
 * Stops listening and resolves when the last connection is gone, a moment after `graceMs` at the latest. Never
 * throws.
 */
export async function closeGracefully(server: SMTPServer, graceMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => {
    server.server.close(() => {
      resolve()
    })
  })
  for (const connection of server.connections) if (!isBusy(connection)) dismiss(connection)
  const timer = setTimeout(() => {
    for (const connection of server.connections) dismiss(connection)
  }, graceMs)
  await closed
  clearTimeout(timer)
}

/** Sends 421 and closes, whether or not the client closes its side. Never throws. */
export function dismiss(connection: SMTPConnection): void {
  connection.send(421, '4.3.2 Shutting down, try again later')
  connection._socket.destroySoon()
}

function isBusy(connection: SMTPConnection): boolean {
  return Boolean(connection._dataStream) || connection.session.envelope.mailFrom !== false
}
