// What the list shows, as the address says it: tab, status, filters, order, words. One address is one view.

export const tabs = ['mine', 'unassigned', 'all'] as const
export const statuses = ['open', 'pending', 'snoozed', 'resolved', 'all'] as const
export const kinds = ['mention', 'participating', 'unattended'] as const
export const priorities = ['urgent', 'high', 'medium', 'low'] as const
export const orders = [
  'last_activity_at_desc',
  'last_activity_at_asc',
  'created_at_desc',
  'created_at_asc',
  'waiting_since_asc',
  'priority_desc',
  'unread',
] as const

export interface View {
  readonly tab?: (typeof tabs)[number]
  readonly status?: (typeof statuses)[number]
  readonly kind?: (typeof kinds)[number]
  readonly order?: (typeof orders)[number]
  readonly priority?: (typeof priorities)[number]
  readonly inbox?: number
  readonly team?: number
  readonly label?: string
  /** Words in messages. */
  readonly q?: string
  /** A saved filter's id. */
  readonly filter?: number
  /** The message that a link leads to. */
  readonly message?: number
}

export const latestFirst = 'last_activity_at_desc'

/** A view from the search of an address; what is not known there is left out. Never throws. */
export function parseView(search: Readonly<Record<string, unknown>>): View {
  const one = <Name extends string>(names: readonly Name[], value: unknown): Name | undefined =>
    names.find((name) => name === value)
  const id = (value: unknown): number | undefined =>
    Number.isSafeInteger(Number(value)) && Number(value) > 0 ? Number(value) : undefined
  const text = (value: unknown): string | undefined => {
    const words = typeof value === 'string' || typeof value === 'number' ? String(value).trim() : ''
    return words === '' ? undefined : words
  }
  return Object.fromEntries(
    Object.entries({
      tab: one(tabs, search['tab']),
      status: one(statuses, search['status']),
      kind: one(kinds, search['kind']),
      order: one(orders, search['order']),
      priority: one(priorities, search['priority']),
      inbox: id(search['inbox']),
      team: id(search['team']),
      label: text(search['label']),
      q: text(search['q']),
      filter: id(search['filter']),
      message: id(search['message']),
    }).filter(([, value]) => value !== undefined),
  )
}

/** The view without what only concerns the open conversation: the key of its list. */
export function listKeyOf({ message: _message, ...view }: View): View {
  return view
}
