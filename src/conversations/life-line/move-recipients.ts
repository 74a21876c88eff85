// The recipients of a mail after an update about some of them. States move forward only, each for itself.

import type { DeliveryState, DeliveryUpdate, RecipientUpdate } from '../../contracts/delivery.ts'
import { addressKey } from '../../mail/address.ts'
import type { MessageStatus } from '../records/rows.ts'
import { isDue, mayFollow, mayFollowStatus } from './states.ts'

export interface Recipient {
  /** Null: a report did not say which. */
  readonly email: string | null
  readonly state: DeliveryState
  readonly at: string
  readonly status?: string
  readonly detail?: string
}

interface Move {
  readonly update: DeliveryUpdate
  readonly state: DeliveryState
  readonly at: string
  /** Of the message. */
  readonly status: MessageStatus
}

export interface Moved {
  readonly recipients: readonly Recipient[]
  /** Those whose state changed. */
  readonly moved: readonly Recipient[]
  /** Those among them whom the update names. */
  readonly named: readonly Recipient[]
}

/** Never throws. */
export function moveRecipients(known: readonly Recipient[], move: Move): Moved {
  const recipients = [...known]
  const moved: Recipient[] = []
  const named: Recipient[] = []
  const about = move.update.recipients ?? known.map(({ email }): RecipientUpdate => ({ email }))
  for (const one of about) {
    const index = indexOf(recipients, one, move.state)
    if (index === null) continue
    const next = after(recipients[index], one, { ...move, isSole: known.length <= 1 })
    if (next === null) continue
    recipients[index] = next
    moved.push(next)
    if (one.email !== null && keyOf(one) === keyOf(next)) named.push(next)
  }
  return { recipients, moved, named }
}

// An update by the sender names new recipients; a report does not.
function isOfSending(state: DeliveryState): boolean {
  return ['handed_over', 'retrying', 'failed', 'suppressed'].includes(state)
}

// A report that names nobody, or somebody else, is about the only recipient; of several it stays open about which.
function indexOf(recipients: readonly Recipient[], update: RecipientUpdate, state: DeliveryState): number | null {
  const index = recipients.findIndex((one) => keyOf(one) === keyOf(update))
  if (index >= 0) return index
  if (isOfSending(state)) return recipients.length
  if (recipients.length <= 1) return recipients.length === 0 ? null : 0
  const unnamed = recipients.findIndex((one) => one.email === null)
  return unnamed >= 0 ? unnamed : recipients.length
}

function keyOf({ email }: { readonly email: string | null }): string | null {
  return email === null ? null : addressKey(email)
}

// Null: the update is late, or changes nothing.
function after(
  old: Recipient | undefined,
  { email, status = '', detail = '', ...update }: RecipientUpdate,
  move: Move & { readonly isSole: boolean },
): Recipient | null {
  const state = update.state ?? move.state
  if (old !== undefined && isLate(old, state, move)) return null
  const added = isOfSending(move.state) ? email : null
  const known = { ...(status === '' ? {} : { status }), ...(detail === '' ? {} : { detail }) }
  return { email: old === undefined ? added : old.email, state, at: move.at, ...known }
}

function isLate(
  old: Recipient,
  next: DeliveryState,
  { isSole, status }: Pick<Move, 'status'> & { readonly isSole: boolean },
): boolean {
  if (old.state === next || !mayFollow(old.state, next)) return true
  return isSole && !isDue(old.state) && !mayFollowStatus(status, next)
}
