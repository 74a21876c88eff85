// Whether a conversation belongs into a view, by the rules of the API's list.

import type { Conversation } from '../api/client'
import type { Belongs } from './cache'
import type { View } from './view'

/** For the person with this id. Null where the server has to be asked: words, saved filters, mentions, participants. */
export function createBelongs(userId: number | null): Belongs {
  return (conversation, view) => {
    if (view.q !== undefined || view.filter !== undefined || view.kind !== undefined) return null
    return hasStatus(conversation, view) && isInTab(conversation, view, userId) && passes(conversation, view)
  }
}

function hasStatus({ status }: Conversation, view: View): boolean {
  const wanted = view.status ?? 'open'
  return wanted === 'all' || wanted === status
}

function isInTab({ meta }: Conversation, { tab = 'mine' }: View, userId: number | null): boolean {
  if (tab === 'all') return true
  const isPerson = meta.assignee != null && meta.assignee_type !== 'AgentBot'
  return tab === 'unassigned' ? meta.assignee == null : isPerson && meta.assignee?.id === userId
}

function passes({ inbox_id: inboxId, labels, meta, priority }: Conversation, view: View): boolean {
  if (view.priority !== undefined && view.priority !== priority) return false
  if (view.inbox !== undefined && view.inbox !== inboxId) return false
  if (view.team !== undefined && view.team !== meta.team?.id) return false
  return view.label === undefined || labels.includes(view.label)
}
