// Sends a rule's message to a team: one mail to each member, about the conversation of the rule. It is automatic mail
// (RFC 3834), and no answer is expected.

import { queryOne } from '../db/pool.ts'
import { isActive } from '../db/rules.ts'
import { linkTo } from '../links.ts'
import { composeThread, oneLine } from '../mail/compose.ts'
import { accountSender, composeAutomaticMail } from './automatic-mail.ts'
import { renderCard } from './layout/card.ts'
import type { Bodies } from './layout/html.ts'
import { renderMarkdown } from './layout/markdown.ts'
import type { DeliveryOptions } from './send-reply.ts'
import { type Words, wordsFor } from './words/words.ts'

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
  readonly mail_color: string | null
  readonly locale: string
  readonly own_locale: string | null
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
    i.name as inbox_name,
    i.mail_color,
    a.locale,
    own.ui_settings ->> 'locale' as own_locale
  from conversations c
  join accounts a on a.id = c.account_id
  join inboxes i on i.id = c.inbox_id
  join acting_members u on u.account_id = a.id
  join users own on own.id = u.user_id
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
  const words = wordsFor(facts.own_locale, facts.locale)
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
        ownSubject: words.say('team.subject', { number, inbox: oneLine(facts.inbox_name) }),
      }),
      ...renderTeam(words, { ...facts, message: work.message }, options.publicUrl),
      id: `team/${facts.uuid}/${work.token}`,
      isBulk: true,
    }),
  )
}

interface TeamMail extends Pick<Facts, 'account_id' | 'display_id' | 'inbox_name' | 'mail_color'> {
  /** Markdown of who made the rule. */
  readonly message: string
}

/** Both bodies of a rule's mail. Never throws. */
export function renderTeam({ say, language }: Words, mail: TeamMail, publicUrl: string): Bodies {
  const message = renderMarkdown(mail.message)
  const number = String(mail.display_id)
  return renderCard({
    language,
    from: mail.inbox_name,
    color: mail.mail_color,
    preheader: message.text,
    sections: [
      [{ kind: 'message', who: '', remark: '', words: message }],
      [
        { kind: 'quiet', text: say('team.place', { number: `#${number}` }) },
        {
          kind: 'button',
          label: say('notice.open'),
          text: say('notice.open'),
          url: linkTo(publicUrl, `/app/accounts/${String(mail.account_id)}/conversations/${number}`),
        },
      ],
    ],
  })
}
