// An agent writes to their own address for new conversations: a conversation with the customer of `#to` begins with the
// agent's words, or, without `#to`, with the customer's mail that the agent forwards. The address alone is not enough:
// the agent is verified as for answers (docs/adr/0053-new-conversations-by-mail.md).

import type { CommandProblem } from '../mail/commands/command.ts'
import type { ParsedMail } from '../mail/parsed-mail.ts'
import { findAttachedMails } from '../mail/reply-text/attached-mail.ts'
import { admitAgent, type Authorised, type Context, marksOf } from './authorise.ts'
import { byForward, type Reading } from './by-forward.ts'
import type { FoundInbox } from './by-inbox-address.ts'
import { namesCustomer, readNewConversation } from './commands.ts'

const missing: CommandProblem = {
  said: '#to is missing',
  why: 'the mail does not say with whom the conversation is to begin',
  instead: 'Write #to jane@customer.example on the first line, or forward a mail of the customer.',
}

/** Throws only when a lookup does. */
export async function byNewAddress(
  mail: ParsedMail,
  context: Context & { readonly inbox: FoundInbox },
  reading: Reading,
): Promise<Authorised> {
  const { inbox, from } = context
  const agent = admitAgent(inbox.agentId, context, { candidates: [], address: 'address for new conversations' })
  if ('decision' in agent) return agent
  const forwarded = namesCustomer(mail) ? null : await byForward(mail, context, reading)
  if (forwarded !== null) return forwarded
  const { decision, entries } = await readNewConversation(
    mail,
    {
      action: 'open-as-agent',
      reason: 'begun-by-agent',
      inboxId: inbox.id,
      accountId: inbox.account.id,
      userId: agent.id,
      marks: marksOf(context),
    },
    { lookup: reading.lookup, missing: missingIn(mail) },
  )
  const detail = `${from.address} is the agent whom the address for new conversations was made for, and is verified`
  return { decision, entry: { step: 'authority', outcome: 'agent', detail }, further: entries }
}

function missingIn(mail: ParsedMail): CommandProblem {
  const count = findAttachedMails(mail).length
  return count < 2
    ? missing
    : {
        said: `${String(count)} attached mails`,
        why: 'only one can become a conversation',
        instead: 'Forward each in a mail of its own, or write #to jane@customer.example on the first line.',
      }
}
