// A connection beside the pool for the whole life of the process, for session-bound features: LISTEN (queue/wake) and
// the lock that shows that the process is alive (presence). A lost connection is reopened automatically.

import { connectAlone, type Connection } from './pool.ts'

export type Session = Awaited<ReturnType<typeof connectAlone>>

export interface SessionOptions {
  readonly connection: Connection
  /** Set-up of each session; if it fails, the next connection is tried. */
  readonly begin: (session: Session) => Promise<void>
  readonly onLost: () => void
  readonly reconnectMs: number
}

/** Resolves when the first session has begun, or throws the error that prevented it. */
export async function openSession({
  connection,
  begin,
  onLost,
  reconnectMs,
}: SessionOptions): Promise<{ close: () => Promise<void> }> {
  let closed = false
  let current: Session | null = null
  let timer: NodeJS.Timeout | undefined

  const open = async (): Promise<void> => {
    const session = await connectAlone(connection)
    if (closed) {
      await session.end()
      return
    }
    current = session
    session.once('end', lost)
    await begin(session)
  }
  const lost = (): void => {
    if (closed) return
    if (current !== null) onLost()
    current = null
    clearTimeout(timer)
    timer = setTimeout(() => void open().catch(lost), reconnectMs)
  }
  await open()

  return {
    close: async () => {
      closed = true
      clearTimeout(timer)
      await current?.end()
    },
  }
}
