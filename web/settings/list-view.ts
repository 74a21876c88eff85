// What a long list of settings shows, as the address says it: words that are searched for, and the page.

export interface ListView {
  readonly q?: string
  /** From 1; not named for the first. */
  readonly p?: number
}

/** Never throws. */
export function parseListView({ q, p }: Readonly<Record<string, unknown>>): ListView {
  const words = typeof q === 'string' || typeof q === 'number' ? String(q) : ''
  const page = Number(p)
  return {
    ...(words === '' ? {} : { q: words }),
    ...(Number.isSafeInteger(page) && page > 1 ? { p: page } : {}),
  }
}
