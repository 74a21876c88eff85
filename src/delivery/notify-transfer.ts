// Notifies the requester of an import or export of its result, with a link to the file. Automatic mail (RFC 3834).

import { queryOne } from '../db/pool.ts'
import { linkTo } from '../links.ts'
import { accountSender, composeAutomaticMail } from './automatic-mail.ts'
import { type Block, blockText } from './layout/blocks.ts'
import { renderCard } from './layout/card.ts'
import type { Bodies } from './layout/html.ts'
import type { DeliveryOptions } from './send-reply.ts'
import { type Say, type Words, wordsFor } from './words/words.ts'

interface Facts {
  readonly direction: string
  readonly status: string
  readonly processed: number
  readonly created: number
  readonly changed: number
  readonly refused: number
  readonly error: string | null
  readonly token: string
  readonly email: string
  readonly account_id: number
  readonly account: string
  readonly domain: string | null
  readonly support_email: string | null
  readonly locale: string
  readonly own_locale: string | null
}

/** Sends one mail; nothing if the requester has left the account. Throws `MailError`. */
export async function notifyTransfer(options: DeliveryOptions, transferId: number): Promise<void> {
  const facts = await queryOne<Facts>(
    options.pool,
    `
      select
        t.direction,
        t.status,
        t.processed_records as processed,
        t.created_records as created,
        t.changed_records as changed,
        t.refused_records as refused,
        t.error,
        t.token,
        u.email,
        a.id as account_id,
        a.name as account,
        a.domain,
        a.support_email,
        a.locale,
        own.ui_settings ->> 'locale' as own_locale
      from data_transfers t
      join accounts a on a.id = t.account_id
      join acting_members u on u.account_id = a.id and u.user_id = t.user_id
      join users own on own.id = u.user_id
      where t.id = $1
    `,
    [transferId],
  )
  if (facts === null) return
  const words = wordsFor(facts.own_locale, facts.locale)
  const direction = facts.direction === 'import' ? 'import' : 'export'
  const outcome = facts.status === 'completed' ? 'completed' : 'failed'
  await options.send(
    composeAutomaticMail(options, {
      sender: accountSender({
        name: facts.account,
        domain: facts.domain ?? options.defaultDomain,
        supportEmail: facts.support_email,
      }),
      to: facts.email,
      subject: words.say(`transfer.subject.${direction}.${outcome}`),
      ...renderTransfer(words, { ...facts, transferId }, options.publicUrl),
      id: `transfer/${String(transferId)}`,
      isBulk: false,
    }),
  )
}

/** Both bodies of the mail. Never throws. */
export function renderTransfer({ say, language }: Words, facts: TransferMail, publicUrl: string): Bodies {
  const blocks = blocksOf(say, facts, publicUrl)
  return renderCard({
    language,
    from: facts.account,
    color: null,
    preheader: blocks[0] === undefined ? '' : blockText(blocks[0]),
    sections: [blocks],
  })
}

type TransferMail = Omit<Facts, 'email' | 'domain' | 'support_email' | 'status' | 'locale' | 'own_locale'> & {
  readonly transferId: number
}

function blocksOf(say: Say, facts: TransferMail, publicUrl: string): Block[] {
  if (facts.error !== null) return [{ kind: 'text', text: facts.error }]
  if (facts.direction === 'export') {
    const url = linkTo(publicUrl, `/contact-exports/${facts.token}/contacts.csv`)
    const text = say('transfer.exported', { account: facts.account, count: String(facts.processed) })
    return [
      { kind: 'text', text },
      { kind: 'button', label: say('transfer.download'), text: '', url },
    ]
  }
  const { processed, created, changed, refused } = facts
  const path = `/api/v1/accounts/${String(facts.account_id)}/contacts/imports/${String(facts.transferId)}/refused.csv`
  const lines = [
    say('transfer.rows', { count: String(processed) }),
    say('transfer.contacts', { created: String(created), changed: String(changed) }),
    say('transfer.refused', { count: String(refused) }),
  ]
  const file = say('transfer.refusedFile', { url: linkTo(publicUrl, path) })
  return [{ kind: 'text', text: lines.join(' ') }, ...(refused === 0 ? [] : [{ kind: 'text', text: file } as const])]
}
