// Merges of conversations, put together once for the API.

import { type Pool, queryOne } from '../../db/pool.ts'
import type { Performer } from '../performer.ts'
import { mergeConversations, type Merging } from './merge-conversations.ts'
import { fromMerges, type Merge, mergeColumns } from './merge-rows.ts'
import { undoMerge } from './undo-merge.ts'

export function createMerges(pool: Pool) {
  return {
    merge: (merging: Merging) => mergeConversations(pool, merging),
    undoMerge: (undoing: { readonly targetId: number; readonly mergeId: number; readonly by: Performer }) =>
      undoMerge(pool, undoing),
    /** Into this conversation, the latest first. */
    listMerges: async (conversationId: number): Promise<Merge[]> =>
      (
        await pool.query<Merge>(
          `select ${mergeColumns} from ${fromMerges} where g.target_id = $1 order by g.id desc limit 100`,
          [conversationId],
        )
      ).rows,
    findMerge: (conversationId: number, mergeId: number): Promise<Merge | null> =>
      queryOne<Merge>(pool, `select ${mergeColumns} from ${fromMerges} where g.target_id = $1 and g.id = $2`, [
        conversationId,
        mergeId,
      ]),
  }
}
