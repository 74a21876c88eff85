// Agents mentioned in a private note, in the format of Chatwoot's editor: `[@Ada](mention://user/5/Ada)`, or
// `mention://team/3/…` for a team. A mentioned agent who sees the inbox becomes a participant and is notified.

import type { Tx } from '../../db/pool.ts'
import { seesInbox } from '../../db/rules.ts'
import { agentKey, enqueue } from '../../queue/work.ts'
import { recordEvent } from '../record-event.ts'

const pattern = /\(mention:\/\/(user|team)\/(\d{1,9})\/[^)\s]*\)/g
const maxMentions = 100

/** Ids of the users and teams that a note names. Never throws. */
function findMentions(content: string): { readonly userIds: readonly number[]; readonly teamIds: readonly number[] } {
  const found = [...content.matchAll(pattern)].slice(0, maxMentions)
  const idsOf = (kind: string) => [
    ...new Set(found.filter((match) => match[1] === kind).map((match) => Number(match[2]))),
  ]
  return { userIds: idsOf('user'), teamIds: idsOf('team') }
}

/** Writes the mentions of a note in the transaction that writes it. */
export async function noteMentions(
  tx: Tx,
  note: {
    readonly conversationId: number
    readonly accountId: number
    readonly inboxId: number
    readonly messageId: number
    readonly content: string
    /** Null for a bot or rule. */
    readonly authorId: number | null
  },
): Promise<void> {
  const { userIds, teamIds } = findMentions(note.content)
  if (userIds.length + teamIds.length === 0) return
  const { rows } = await tx.query<{ user_id: number }>(
    `
      with named as (
        select a.user_id
        from account_users a
        where a.account_id = $2
          and (
            a.user_id = any($4)
              or exists (
                select 1
                from team_members t
                join teams s on s.id = t.team_id
                where t.user_id = a.user_id and t.team_id = any($5) and s.account_id = $2
              )
          )
          and ${seesInbox('a', '$3')}
      ),
      taking as (
        insert into conversation_participants (conversation_id, user_id)
        select $1, user_id
        from named
        order by user_id
        on conflict do nothing
      )
      insert into mentions (conversation_id, user_id, mentioned_at)
      select $1, user_id, clock_timestamp()
      from named
      order by user_id
      on conflict (conversation_id, user_id) do update
      set mentioned_at = excluded.mentioned_at
      returning user_id
    `,
    [note.conversationId, note.accountId, note.inboxId, userIds, teamIds],
  )
  const { authorId } = note
  const others = rows.filter(({ user_id: userId }) => userId !== authorId)
  await enqueue(
    tx,
    others.map(({ user_id: userId }) => ({
      kind: 'notify-agent',
      key: agentKey(userId, note.conversationId),
      payload: { messageId: note.messageId, userId, isMention: true },
    })),
  )
  for (const { user_id: userId } of rows) {
    await recordEvent(tx, {
      accountId: note.accountId,
      conversationId: note.conversationId,
      name: 'conversation_mentioned',
      facts: { user_id: userId, message_id: note.messageId },
    })
  }
}
