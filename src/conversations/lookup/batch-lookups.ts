// Batches small lookups of the same moment into one query: the pipeline routes a group of mails side by side.

interface Waiting<Key, Row> {
  readonly keys: readonly Key[]
  readonly resolve: (rows: readonly Row[]) => void
  readonly reject: (error: unknown) => void
}

/**
 * A lookup for some keys, answered by one `query` for all that ask before the next turn of the event loop. `keyOf`
 * assigns the answers.
 */
export function batchLookups<Key extends string, Row>(
  query: (keys: readonly Key[]) => Promise<readonly Row[]>,
  keyOf: (row: Row) => string,
): (keys: readonly Key[]) => Promise<readonly Row[]> {
  let waiting: Waiting<Key, Row>[] = []

  const ask = async (): Promise<void> => {
    const asked = waiting
    waiting = []
    try {
      // The database holds no NUL: a key with one has no answer.
      const rows = await query([...new Set(asked.flatMap(({ keys }) => keys))].filter((key) => !key.includes('\0')))
      const byKey = groupBy(rows, keyOf)
      for (const { keys, resolve } of asked) resolve([...new Set(keys)].flatMap((key) => byKey.get(key) ?? []))
    } catch (error) {
      for (const { reject } of asked) reject(error)
    }
  }

  return (keys) =>
    new Promise((resolve, reject) => {
      if (waiting.length === 0) setImmediate(() => void ask())
      waiting.push({ keys, resolve, reject })
    })
}

function groupBy<Row>(rows: readonly Row[], keyOf: (row: Row) => string): Map<string, Row[]> {
  const groups = new Map<string, Row[]>()
  for (const row of rows) {
    const key = keyOf(row)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [row])
    else group.push(row)
  }
  return groups
}
