// What the page of a one-time link shows: a question with a button, or the result of its action. The page says it in
// the language of its reader (src/delivery/words): these are the names of its texts, with their values.

export type PageTextId =
  | 'confirm.title'
  | 'confirm.ask'
  | 'confirm.button'
  | 'confirm.done'
  | 'invite.title'
  | 'invite.ask'
  | 'invite.button'
  | 'invite.done'
  | 'chat.title'
  | 'chat.ask'
  | 'chat.button'
  | 'chat.done'
  | 'stop.title'
  | 'stop.ask'
  | 'stop.button'
  | 'stop.commands'
  | 'stopped.title'
  | 'stopped.text'
  | 'stopped.draft'
  | 'stopped.otherDraft'
  | 'stopped.reopened'
  | 'left.title'
  | 'left.text'
  | 'deleted.title'
  | 'deleted.text'
  | 'tooLate.title'
  | 'tooLate.failed'
  | 'tooLate.leaving'
  | 'done'
  | 'customer'
  | 'gone.title'
  | 'gone.text'

export interface PageText {
  readonly id: PageTextId
  /** A Date is written in the reader's language and zone, to the second if it is near. */
  readonly values?: Readonly<Record<string, string | Date | PageText>>
}

export interface PageReader {
  /** The first that has a catalogue counts. */
  readonly locales: readonly (string | null)[]
  readonly timeZone: string
}

interface LinkPage {
  readonly reader: PageReader
  readonly title: PageText
  readonly sentences: readonly PageText[]
  /** The conversation that it is about, for its reader; null for none. */
  readonly conversation: { readonly accountId: number; readonly displayId: number } | null
}

/** A link as its page asks about it. */
export interface LinkQuestion extends LinkPage {
  /** Null: there is nothing to do any more. */
  readonly button: PageText | null
}

/** The page after the button was pressed. */
export interface LinkOutcome extends LinkPage {
  /** False: nothing was done. */
  readonly done: boolean
  /** Words that the page gives back; null for none. */
  readonly words: string | null
}
