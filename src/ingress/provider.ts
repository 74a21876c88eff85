// A provider of inbound mail: one value, made by one file of providers/, with its settings, its answers and the steps
// at the provider; `.env.example`, docs/install/mail-in/providers, `doctor` and `rethread setup` read them from here.

import type { AddedSetting, AddedValues } from '../config.ts'
import type { GuardedFetch } from '../http-client/guarded-fetch.ts'
import type { Answers, IngressAdapter } from './http-ingress.ts'

type AddedSettings = Readonly<Record<string, AddedSetting>>

/** The dependencies of an adapter. */
export interface ProviderContext<S extends AddedSettings = AddedSettings> {
  readonly settings: AddedValues<S>
  /** RAILS_INBOUND_EMAIL_PASSWORD, given or generated; null = none. */
  readonly password: string | null
  /** PUBLIC_URL to the letter. */
  readonly publicUrl: string
  /** Epoch milliseconds. */
  readonly now: () => number
  readonly fetch: GuardedFetch
  /** MAX_MESSAGE_BYTES: a mail that is fetched may not be larger either. */
  readonly maxBytes: number
}

/** The value of a provider's verdicts; shown by docs/install/mail-in/providers, `setup` and `doctor`. */
export interface Vouching {
  /** Its findings can verify a sender: agents may answer by mail. */
  readonly verifies: boolean
  /** Its findings can show that a sender is forged. */
  readonly disowns: boolean
  /** Which fields are read, or why there are none; one sentence. */
  readonly by: string
}

export interface Provider<S extends AddedSettings = AddedSettings> {
  /** Its name in RAILS_INBOUND_EMAIL_SERVICE and in paths. */
  readonly service: string
  /** Its name for people. */
  readonly title: string
  readonly settings: S
  /** Settings without which no mail can be taken. */
  readonly required: readonly (keyof S & string)[]
  /** Also takes the Basic password of RAILS_INBOUND_EMAIL_PASSWORD. */
  readonly basic: boolean
  /** Further endings of both paths that mean the same (`/mime`). */
  readonly endings?: readonly string[]
  readonly answers: Answers
  /** The provider's statement about the sender of a mail (docs/adr/0008). */
  readonly vouching: Vouching
  /** The steps at the provider, one sentence each; `url` is the address to post to. */
  readonly steps: (url: string) => readonly string[]
  /** Further requirements of the recipe. */
  readonly create: (parts: ProviderContext<S>) => Omit<IngressAdapter, 'service' | 'answers' | 'endings'>
}

/** A provider whose settings are known to its own file only. */
export function defineProvider<const S extends AddedSettings>(provider: Provider<S>): Provider {
  return provider as unknown as Provider
}

/** The value of a provider's verdicts, as a clause after its name. Never throws. */
export function sayVouching({ verifies, disowns, by }: Vouching): string {
  if (!verifies && !disowns)
    return `verifies no senders: agents cannot answer by mail over it, and forged senders pass; it gives ${by}`
  const lacks = [...(verifies ? [] : ['it authenticates no sender']), ...(disowns ? [] : ['it shows no forgery'])]
  return `vouches for senders by ${by}${lacks.length === 0 ? '' : ` (${lacks.join(', ')})`}`
}
