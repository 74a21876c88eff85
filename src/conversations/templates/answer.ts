// The automatic answer of an inbox to a message, as work that the announcer queues after the commit of that message.
// The conversation is locked, and earlier automatic messages are read, so that it is written once.

import { isWidgetSql } from '../../contracts/channels.ts'
import { type Pool, queryOne, type Tx, withDeadlockRetry } from '../../db/pool.ts'
import { isAutoReply, isFromList } from '../../db/rules.ts'
import type { Log } from '../../log.ts'
import type { Handlers } from '../../queue/runner.ts'
import { lockConversation } from '../locked-conversation.ts'
import { writeMessage, type WriteOptions } from '../messages/create-message.ts'
import { templateMessage } from '../messages/new-message.ts'
import { weekOf } from '../records/working-hours.ts'
import { dueTemplates, type InboxSettings, type Incoming } from './due-templates.ts'

export interface AnswerOptions extends Pick<WriteOptions, 'replyDomain' | 'continuityDelayMs' | 'automaticMail'> {
  readonly pool: Pool
  readonly log: Log
  /** Called after a transaction that queued mail. */
  readonly onWork: () => void
}

/** The handler of `answer-by-template`. */
export function createTemplateHandler(options: AnswerOptions): Pick<Handlers, 'answer-by-template'> {
  return {
    'answer-by-template': {
      run: async ({ conversationId, messageId }) => {
        if (await withDeadlockRetry(options.pool, (tx) => answer(tx, { conversationId, messageId }, options)))
          options.onWork()
      },
    },
  }
}

type Facts = Incoming & InboxSettings & { readonly kept_week: unknown }

async function answer(
  tx: Tx,
  { conversationId, messageId }: { conversationId: number; messageId: number },
  options: AnswerOptions,
): Promise<boolean> {
  if ((await lockConversation(tx, conversationId)) === null) return false
  const facts = await queryOne<Facts>(tx, factsSql, [messageId])
  if (facts === null) return false
  const templates = dueTemplates(facts, { ...facts, week: weekOf(facts.kept_week) })
  if (templates.length === 0) return false
  let queued = false
  for (const { content, contentType } of templates) {
    const message = templateMessage(content, contentType)
    const written = await writeMessage(tx, conversationId, { ...options, message })
    if (written.withheld !== null)
      options.log.warn('template-budget', { conversation: conversationId, message: messageId, why: written.withheld })
    queued ||= written.queued
  }
  return queued
}

const others = 'select 1 from messages o where o.conversation_id = c.id'
const factsSql = `
  select
    m.created_at as at,
    least(m.created_at, e.received_at) < now() - interval '1 day' as "isLate",
    m.content_attributes ? 'email' as "byMail",
    ${isAutoReply('m')} or ${isFromList('m')} as automatic,
    m.sender_id is distinct from c.contact_id as "ofAnother",
    m.content_attributes #>> '{email,from,0}' as "from",
    ct.blocked,
    (select r.email from conversation_recipients r where r.conversation_id = c.id) as email,
    exists (${others} and o.message_type = 'outgoing' and not o.private) as answered,
    exists (
      ${others}
        and o.message_type = 'outgoing'
        and not o.private
        and o.created_at > now() - interval '5 minutes'
    ) as "answeredLately",
    (
      select max(o.created_at) from messages o where o.conversation_id = c.id and o.message_type = 'template'
    ) as "lastTemplateAt",
    exists (${others} and o.content_type = 'input_email') as "askedForAddress",
    ${isWidgetSql} as "isWidget",
    case when i.greeting_enabled then nullif(btrim(i.greeting_message), '') end as greeting,
    case when i.working_hours_enabled then nullif(btrim(i.out_of_office_message), '') end as "outOfOffice",
    i.enable_email_collect as "asksForAddress",
    i.working_hours as kept_week,
    i.timezone
  from messages m
  join conversations c on c.id = m.conversation_id
  join contacts ct on ct.id = c.contact_id
  join inboxes i on i.id = c.inbox_id
  join channels ch on ch.id = i.channel_id
  left join inbound_emails e on e.id = m.inbound_email_id
  where m.id = $1 and m.message_type = 'incoming'
`
