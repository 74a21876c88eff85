// What the fetching of a mail gives that a provider had only told of.

export interface FetchedMail {
  readonly raw: Buffer
  /** The provider had only the parts. */
  readonly synthesised: boolean
}
