// Words that were not sent go back into the draft: of one message, or, when their writer leaves, of all.

import { keepDraft, listDrafts, readDraft } from '../drafts'
import { dropUnconfirmed, findUnconfirmed, listUnconfirmed } from './outbox'
import { putServerDraft, readServerDraft } from './server-draft'

/** The words of a message of the outbox stand in the draft again, and it is forgotten. */
export function takeUp(echoId: string): void {
  const entry = findUnconfirmed(echoId)
  if (entry === null) return
  const { accountId, displayId, request } = entry
  const before = readDraft({ accountId, displayId })?.content ?? ''
  keepDraft(
    { accountId, displayId },
    {
      content: [before, request.content].filter(Boolean).join('\n\n'),
      isNote: request.private,
      savedAt: Date.now(),
    },
  )
  dropUnconfirmed(echoId)
}

/** All that is only in this browser goes to the server, as drafts; false: some of it did not arrive. Never throws. */
export async function saveAllWords(): Promise<boolean> {
  for (const { state, request } of listUnconfirmed()) if (state === 'failed') takeUp(request.echo_id)
  const saved = await Promise.all(
    listDrafts().map(async ({ accountId, displayId, ...draft }) => {
      const place = { accountId, displayId }
      const onServer = await readServerDraft(place)
      return (onServer !== null && onServer.savedAt >= draft.savedAt) || putServerDraft(place, draft)
    }),
  )
  return saved.every(Boolean)
}
