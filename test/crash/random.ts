// Chance that can be repeated: CRASH_SEED, or a new seed, printed with each run.

export interface Random {
  readonly seed: number
  /** A whole number from 0 to below `limit`. */
  readonly below: (limit: number) => number
  /** Octets of every value that a line may hold, in lines of at most 76. */
  readonly octets: (length: number) => Buffer
}

export function createRandom(name: string): Random {
  const seed = Number(process.env['CRASH_SEED'] ?? Math.floor(Math.random() * 2 ** 31))
  console.info(`${name}: CRASH_SEED=${String(seed)}`)
  let state = seed
  // mulberry32
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (limit: number): number => Math.floor(next() * limit)
  return {
    seed,
    below,
    octets: (length) => {
      const bytes = Buffer.alloc(length)
      for (let i = 0; i < length; i++) {
        const column = i % 78
        const value = 1 + below(255)
        if (column === 76) bytes[i] = 13
        else if (column === 77) bytes[i] = 10
        else bytes[i] = value === 13 || value === 10 ? 46 : value
      }
      return length > 0 && bytes[length - 1] === 13 ? bytes.subarray(0, length - 1) : bytes
    },
  }
}
