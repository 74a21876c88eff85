// Mails a one-time link: as work that is written in the transaction that asks for it. The link itself is made when the
// mail leaves, so that its code is stored nowhere. The number of such mails is limited for each mailbox and each
// account.

import type { Tx } from '../../db/pool.ts'
import { mailboxKey } from '../../mail/address.ts'
import { enqueue } from '../../queue/work.ts'
import { takeOf } from '../automatic-budget.ts'
import type { Link } from './one-time-links.ts'

type MailedPurpose = 'confirm-user-email' | 'accept-invitation'

export interface LinkMail extends Link {
  readonly purpose: MailedPurpose
  /** Why it is sent, for the count by sender: `account 1`, `user 5`. */
  readonly askedBy: string
}

const day = 86_400
const perMailboxAndDay = 5
const perAskerAndDay = 500

/** Queues the mail; false when its mailbox was sent as many today, and nothing is queued then. */
export async function queueLinkMail(tx: Tx, { askedBy, ...link }: LinkMail): Promise<boolean> {
  const mailbox = { most: perMailboxAndDay, seconds: day, count: 1 }
  const asker = { most: perAskerAndDay, seconds: day, count: 1 }
  if (!(await takeOf(tx, `link to ${mailboxKey(link.email)}`, mailbox))) return false
  if (!(await takeOf(tx, `links of ${askedBy}`, asker))) return false
  await enqueue(tx, [{ kind: 'send-link', key: null, payload: link }])
  return true
}
