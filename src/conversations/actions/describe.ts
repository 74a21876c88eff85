// Attributes that agents set on a conversation: priority, labels, custom attributes.

import { toComposedValue, toJsonb, toSearchedText } from '../../db/json.ts'
import type { Pool, Tx } from '../../db/pool.ts'
import { changeLocked, type LockedConversation, noteActivities } from '../locked-conversation.ts'
import { nameOf, type Performer } from '../performer.ts'
import type { Problem, Saved } from '../records/problem.ts'
import type { Json } from '../records/rows.ts'
import { findTooMuch } from '../records/save.ts'

export type Priority = 'low' | 'medium' | 'high' | 'urgent'

/** Sets or takes away the priority; null when the conversation is gone. */
export function changePriority(
  pool: Pool,
  conversationId: number,
  change: { readonly priority: Priority | null; readonly by: Performer },
): Promise<true | null> {
  return changeLocked(pool, { conversationId, by: change.by }, async (tx, locked) => {
    await setPriority(tx, locked, change)
    return true as const
  })
}

/** As `changePriority`, in a transaction that has locked the conversation. */
export async function setPriority(
  tx: Tx,
  locked: LockedConversation,
  { priority, by }: { readonly priority: Priority | null; readonly by: Performer },
): Promise<void> {
  if (priority === locked.priority) return
  await tx.query('update conversations set priority = $2::priority, updated_at = now() where id = $1', [
    locked.id,
    priority,
  ])
  const name = nameOf(by)
  if (name !== null) await noteActivities(tx, locked, [prioritySentence(name, locked.priority, priority)])
}

function prioritySentence(name: string, before: string | null, now: string | null): string {
  if (now === null) return `${name} removed the priority`
  return before === null
    ? `${name} set the priority to ${now}`
    : `${name} changed the priority from ${before} to ${now}`
}

/** How many labels a conversation or contact may have. */
export const maxLabels = 100
const maxLabelLength = 255

/** Labels as they are kept: lower case, each once, none of them empty. Never throws. */
export function cleanLabels(labels: readonly string[]): string[] {
  const words = labels.map((label) => toSearchedText(label).trim().toLowerCase().slice(0, maxLabelLength))
  return [...new Set(words.filter((word) => word !== ''))].slice(0, maxLabels)
}

/** Replaces the labels; returns the labels now, null when the conversation is gone. */
export function changeLabels(
  pool: Pool,
  conversationId: number,
  change: { readonly labels: readonly string[]; readonly by: Performer },
): Promise<readonly string[] | null> {
  return changeLocked(pool, { conversationId, by: change.by }, (tx, locked) => setLabels(tx, locked, change))
}

/**
 * Adds or removes one label, as `cleanLabels` gives it; returns the new list, null when the conversation is
 * gone.
 */
export function changeLabel(
  pool: Pool,
  conversationId: number,
  change: LabelChange & { readonly by: Performer },
): Promise<Saved<readonly string[]> | null> {
  return changeLocked(pool, { conversationId, by: change.by }, async (tx, locked) => {
    const others = locked.labels.filter((label) => label !== change.label)
    const isNew = change.isThere && others.length === locked.labels.length
    if (isNew && others.length >= maxLabels) return { problems: [tooManyLabels] }
    if (change.isThere && !isNew) return { saved: locked.labels }
    const labels = change.isThere ? [...others, change.label] : others
    return { saved: await setLabels(tx, locked, { labels, by: change.by }) }
  })
}

export interface LabelChange {
  readonly label: string
  /** True if the label is present afterwards. */
  readonly isThere: boolean
}

/** The limit of labels is reached. */
export const tooManyLabels: Problem = {
  attribute: 'labels',
  message: `are too many (maximum is ${String(maxLabels)})`,
}

/** As `changeLabels`, in a transaction that has locked the conversation. */
export async function setLabels(
  tx: Tx,
  locked: LockedConversation,
  change: { readonly labels: readonly string[]; readonly by: Performer },
): Promise<readonly string[]> {
  const labels = cleanLabels(change.labels)
  const added = labels.filter((label) => !locked.labels.includes(label))
  const removed = locked.labels.filter((label) => !labels.includes(label))
  if (added.length + removed.length === 0) return locked.labels
  await tx.query('update conversations set labels = $2, updated_at = now() where id = $1', [locked.id, labels])
  const name = nameOf(change.by)
  if (name !== null)
    await noteActivities(tx, locked, [
      added.length === 0 ? null : `${name} added ${added.join(', ')}`,
      removed.length === 0 ? null : `${name} removed ${removed.join(', ')}`,
    ])
  return labels
}

export interface AttributeChange {
  readonly attributes: Json
  /** True to keep the attributes that are not named. */
  readonly merge: boolean
}

/** Replaces all attributes, or merges the given ones; null when the conversation is gone. */
export async function changeCustomAttributes(
  pool: Pool,
  conversationId: number,
  { attributes: given, merge, by }: AttributeChange & { readonly by: Performer },
): Promise<Saved<Json> | null> {
  const attributes = toComposedValue(given)
  const problems = findAttributeProblems(attributes)
  if (problems.length > 0) return { problems }
  return changeLocked(pool, { conversationId, by }, async (tx, locked) => {
    const kept = merge ? { ...locked.custom_attributes, ...attributes } : attributes
    const excess = findTooMuch({ customAttributes: kept })
    if (excess.length > 0) return { problems: excess }
    await tx.query('update conversations set custom_attributes = $2, updated_at = now() where id = $1', [
      locked.id,
      toJsonb(kept),
    ])
    return { saved: kept }
  })
}

/** Removes some custom attributes; returns the others, null when the conversation does not exist. */
export function removeCustomAttributes(
  pool: Pool,
  conversationId: number,
  { keys, by }: { readonly keys: readonly string[]; readonly by: Performer },
): Promise<Json | null> {
  return changeLocked(pool, { conversationId, by }, async (tx, locked) => {
    await tx.query(
      'update conversations set custom_attributes = custom_attributes - $2::text[], updated_at = now() where id = $1',
      [locked.id, keys],
    )
    return Object.fromEntries(Object.entries(locked.custom_attributes).filter(([key]) => !keys.includes(key)))
  })
}

const maxTextLength = 1_500
const maxNumber = 9_999_999_999

function findAttributeProblems(attributes: Json): Problem[] {
  return Object.entries(attributes).flatMap(([key, value]) => {
    if (typeof value === 'string' && value.length > maxTextLength)
      return [{ attribute: 'custom_attributes', message: `${key} length should be < ${String(maxTextLength)}` }]
    return typeof value === 'number' && value > maxNumber
      ? [{ attribute: 'custom_attributes', message: `${key} value should be < ${String(maxNumber)}` }]
      : []
  })
}
