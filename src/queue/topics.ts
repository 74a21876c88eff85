// The topics of wake-ups, and their publishers.

export const topics = ['inbound', 'work', 'events', 'announced'] as const
export type Topic = (typeof topics)[number]

export interface Wake {
  /** Not awaited; never throws. */
  readonly publish: (topic: Topic) => void
  readonly close: () => Promise<void>
}
