// The state of the log, which is its address: /mail?state=held&when=today.

export const mailStatuses = ['held', 'failed', 'delivered', 'ignored', 'pending', 'processing'] as const
export const times = ['today', 'week', 'month'] as const

export interface LogView {
  readonly state?: (typeof mailStatuses)[number]
  readonly reason?: string
  /** The way in. */
  readonly way?: string
  readonly when?: (typeof times)[number]
  readonly q?: string
}

/** What of an address belongs to the view; the rest is left out. Never throws. */
export function parseLogView(search: Readonly<Record<string, unknown>>): LogView {
  const state = mailStatuses.find((one) => one === search['state'])
  const when = times.find((one) => one === search['when'])
  const [reason, way, q] = [search['reason'], search['way'], search['q']].map(textOf)
  return {
    ...(state === undefined ? {} : { state }),
    ...(reason === undefined ? {} : { reason }),
    ...(way === undefined ? {} : { way }),
    ...(when === undefined ? {} : { when }),
    ...(q === undefined ? {} : { q }),
  }
}

function textOf(value: unknown): string | undefined {
  const text = typeof value === 'string' || typeof value === 'number' ? String(value).trim().slice(0, 200) : ''
  return text === '' ? undefined : text
}
