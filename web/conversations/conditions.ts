// A view as conditions of the API's filter: for what the list's own fields do not have, and to be saved.

import type { View } from './view'

export interface Condition {
  readonly attribute_key: string
  readonly filter_operator: 'equal_to' | 'is_not_present'
  readonly values: readonly (string | number)[]
  /** Joins the next one; null at the last. */
  readonly query_operator: 'AND' | null
}

/** `userId`: whose the tab Mine is. Never throws. */
export function conditionsOf(view: View, userId: number): readonly Condition[] {
  const { tab = 'mine', status = 'open', inbox, team, label, priority } = view
  const conditions = [
    ...(status === 'all' ? [] : [equal('status', status)]),
    ...(tab === 'mine' ? [equal('assignee_id', userId)] : []),
    ...(tab === 'unassigned' ? [absent('assignee_id')] : []),
    ...(inbox === undefined ? [] : [equal('inbox_id', inbox)]),
    ...(team === undefined ? [] : [equal('team_id', team)]),
    ...(label === undefined ? [] : [equal('labels', label)]),
    ...(priority === undefined ? [] : [equal('priority', priority)]),
  ]
  return conditions.map((condition, position) => ({
    ...condition,
    query_operator: position === conditions.length - 1 ? null : 'AND',
  }))
}

/** Whether the view can be said in conditions: words and what concerns a person cannot. */
export function isSavable({ q, kind, filter }: View): boolean {
  return q === undefined && kind === undefined && filter === undefined
}

type Unjoined = Omit<Condition, 'query_operator'>

const equal = (key: string, value: string | number): Unjoined => ({
  attribute_key: key,
  filter_operator: 'equal_to',
  values: [value],
})
const absent = (key: string): Unjoined => ({ attribute_key: key, filter_operator: 'is_not_present', values: [] })
