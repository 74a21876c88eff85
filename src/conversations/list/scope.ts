// The scope of a list of conversations.

/** Conditions on `conversations c` as trusted SQL. $1 is the account, $2 the viewer. */
export interface Scope {
  readonly where: string
  readonly values: readonly unknown[]
  /** No index covers these conditions: the rows are read once, for the count and the page. */
  readonly expensive: boolean
}
