// All that runs behind the doors: the belt and its work, what tells of what happened, and the bell that they share
// with other processes.

import { createBell } from './bell.ts'
import { type BeltParts, type Neighbours, startBelt } from './belt.ts'
import { startNews } from './news.ts'

/** Starts it. `stop` comes after the doors are closed. */
export async function startBehind(parts: BeltParts, neighbours: Omit<Neighbours, 'bell'>) {
  const bell = await createBell(parts)
  const belt = await startBelt(parts, { ...neighbours, bell })
  const news = startNews(parts, bell)
  return {
    belt,
    streams: news.streams,
    ringer: bell.ringer,
    stop: async (): Promise<void> => {
      await Promise.all([belt.stop(), news.stop()])
      await bell.close()
    },
  }
}
