// A PostgreSQL server that refuses us, as a sentence: which server, which database, which role, and why.

// Connections, and the classes of SQLSTATE for authorisation (28), unknown databases (3D) and shutdown (57).
const noServer = /^(ECONN|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|28|3D|57)/

/** The sentence; null for other faults, and for a `url` that is none. The password is not in it. Never throws. */
export function cannotConnect(url: string | undefined, error: unknown): string | null {
  if (url === undefined || !URL.canParse(url) || !(error instanceof Error)) return null
  const code = 'code' in error ? String(error.code) : ''
  if (!noServer.test(code)) return null
  const { hostname, port, pathname, username } = new URL(url)
  const server = `${hostname}:${port === '' ? '5432' : port}${pathname}`
  const why = code === 'ECONNREFUSED' ? 'connection refused' : error.message || code
  return `Cannot connect to PostgreSQL ${server} as "${decodeURIComponent(username)}": ${why}.`
}
