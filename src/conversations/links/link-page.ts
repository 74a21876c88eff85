// What the page of a one-time link shows: a question with a button, or the result of its action.

/** A link as its page asks about it. */
export interface LinkQuestion {
  readonly title: string
  readonly sentence: string
  /** Null: there is nothing to do any more. */
  readonly button: string | null
}

/** The page after the button was pressed. */
export interface LinkOutcome {
  /** False: nothing was done. */
  readonly done: boolean
  readonly title: string
  readonly sentence: string
  /** Words that the page gives back; null for none. */
  readonly words: string | null
}
