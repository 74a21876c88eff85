// One entry of a mail's trace: which question was asked, what came out, and a sentence for people.

/** The steps of routing, in order. */
export type Step =
  'parse' | 'recipient' | 'conversation' | 'gate' | 'automation' | 'speaker' | 'authority' | 'commands' | 'decision'

export interface TraceEntry {
  readonly step: Step
  /** kebab-case. */
  readonly outcome: string
  /** A sentence for people. */
  readonly detail: string
}

/** An entry as it is stored and shown; the detail is null where the reader may not see it. */
export interface StoredTraceEntry {
  readonly step: string
  readonly outcome: string
  readonly detail: string | null
}
