// Loops: how long machines have talked in a conversation without a person (RFC 3834 §2). A person is an agent who
// writes, a visitor in their own session, or a mail that no machine marks as its own and that took as long as a
// person needs to read and write one (docs/adr/0022-automatic-mail.md).

import type { Tx } from '../../db/pool.ts'
import { isAutoReply, isByMachine, isFromList } from '../../db/rules.ts'

/** Number of automatic public messages in a row. */
const mostInARow = 5
/** Shortest time, in seconds, between a machine's message and a mail of a person that answers it. */
const personsPace = 120
/** Limit of automatic messages until an agent or a visitor writes, however slowly they come. */
const mostWithoutAgent = 20

/** Marks the activity of a stop, so that it is written only once. */
export const stopSentence =
  'Automatic answers were stopped: no person has taken part in the last of them. People answer from here.'

interface RunMessage {
  readonly at: Date
  readonly by: 'machine' | 'agent' | 'visitor' | 'mail' | 'automatic-mail' | 'stop'
}

/**
 * True if an automatic public message is allowed in the locked conversation; `notified` if people have already been
 * informed that it is not.
 */
export async function checkRun(tx: Tx, conversationId: number): Promise<{ isOver: boolean; notified: boolean }> {
  const { rows } = await tx.query<RunMessage>(sql, [conversationId, 4 * mostWithoutAgent, stopSentence])
  const run = countRun(rows)
  return { isOver: run.inARow >= mostInARow || run.withoutAgent >= mostWithoutAgent, notified: run.notified }
}

// Counts back from the newest, as far as an agent or a visitor has written.
function countRun(newestFirst: readonly RunMessage[]): { inARow: number; withoutAgent: number; notified: boolean } {
  const end = newestFirst.findIndex(({ by }) => by === 'agent' || by === 'visitor')
  const run = end === -1 ? newestFirst : newestFirst.slice(0, end)
  const broken = run.findIndex((_, index) => isAnsweredByPerson(run, index))
  const row = broken === -1 ? run : run.slice(0, broken)
  return {
    inARow: row.filter(({ by }) => by === 'machine').length,
    withoutAgent: run.filter(({ by }) => by === 'machine').length,
    notified: row.some(({ by }) => by === 'stop'),
  }
}

// True for a machine's message that a mail answered after `personsPace`.
function isAnsweredByPerson(run: readonly RunMessage[], index: number): boolean {
  const message = run[index]
  if (message?.by !== 'machine') return false
  const next = run.slice(0, index).findLastIndex(({ by }) => by === 'machine')
  const mail = run.slice(next + 1, index).findLast(({ by }) => by === 'mail')
  return mail !== undefined && mail.at.getTime() - message.at.getTime() >= personsPace * 1_000
}

const sql = `select m.created_at as at,
    case
      when m.message_type = 'activity' then 'stop'
      when m.message_type in ('template', 'outgoing')
        then case when ${isByMachine('m')} then 'machine' else 'agent' end
      when m.content_type <> 'incoming_email' then 'visitor'
      when ${isAutoReply('m')} or ${isFromList('m')} then 'automatic-mail'
      else 'mail'
    end as by
  from messages m
  where m.conversation_id = $1 and not m.private and (m.message_type <> 'activity' or m.content = $3)
  order by m.id desc
  limit $2`
