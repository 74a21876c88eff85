// Sends a rule's message to a team: one mail to each member, about the conversation of the rule. It is automatic mail
// (RFC 3834), and no answer is expected.

import { queryOne } from '../db/pool.ts'
import { isActive } from '../db/rules.ts'
import { composeThread, oneLine } from '../mail/compose.ts'
import { accountSender, composeAutomaticMail } from './automatic-mail.ts'
import { renderBodies } from './render.ts'
import type { DeliveryOptions } from './send-reply.ts'

interface Facts {
  readonly uuid: string
  readonly display_id: number
  readonly account_id: number
  readonly account_name: string
  readonly domain: string
  readonly support_email: string | null
  readonly active: boolean
  readonly email: string
  readonly inbox_name: string
}

const factsSql = `
  select
    c.uuid,
    c.display_id,
    a.id as account_id,
    a.name as account_name,
    coalesce(a.domain, $3) as domain,
    a.support_email,
    ${isActive('a')} as active,
    u.email,
    i.name as inbox_name
  from conversations c
  join accounts a on a.id = c.account_id
  join inboxes i on i.id = c.inbox_id
  join acting_members u on u.account_id = a.id
  where c.id = $1 and u.user_id = $2
`

/** Sends it, once per call; nothing when the conversation or the member is gone. Throws `MailError`. */
export async function notifyTeam(
  options: DeliveryOptions,
  work: { readonly conversationId: number; readonly userId: number; readonly message: string; readonly token: string },
): Promise<void> {
  const facts = await queryOne<Facts>(options.pool, factsSql, [work.conversationId, work.userId, options.defaultDomain])
  if (facts === null || !facts.active) return
  const number = `#${String(facts.display_id)}`
  await options.send(
    composeAutomaticMail(options, {
      sender: accountSender({ name: facts.account_name, domain: facts.domain, supportEmail: facts.support_email }),
      to: facts.email,
      ...composeThread({
        conversation: {
          uuid: facts.uuid,
          accountId: facts.account_id,
          accountName: facts.account_name,
          subject: null,
          publicMessages: 1,
        },
        parent: null,
        domain: facts.domain,
        ownSubject: `[${number}] A rule has looked at a conversation in ${oneLine(facts.inbox_name)}`,
      }),
      ...renderBodies(`${work.message}\n\nConversation ${number}`, []),
      id: `team/${facts.uuid}/${work.token}`,
      isBulk: true,
    }),
  )
}
