// Decides whether a mail may leave. Mail to an unverified address, and automatic mail, has a budget
// (docs/adr/0024-claimed-given-proven.md). Retries are not counted again.

import type { RecordDelivery } from '../contracts/delivery.ts'
import type { OutgoingFacts } from './outgoing-facts.ts'

interface Budget {
  readonly recordDelivery: RecordDelivery
  readonly takeBudget: (mail: {
    readonly accountId: number
    readonly mailbox: string
    readonly isProven: boolean
    readonly byPerson: boolean
  }) => Promise<boolean>
}

const overClaims =
  'Not mailed: the daily limit of mails to an address that the visitor has not proven is reached. Write ' +
  'to the address itself, or choose a recipient.'
const overAutomatic = 'Not mailed: this address has received as much automatic mail as it may for now.'

/** Takes the mail of these messages from its budget; false when there is none left, and then the messages say so. */
export async function mayMail(
  { recordDelivery, takeBudget }: Budget,
  { recipient, account, isAutomatic }: Pick<OutgoingFacts, 'recipient' | 'account' | 'isAutomatic'>,
  { ids, isCounted }: { readonly ids: readonly number[]; readonly isCounted: boolean },
): Promise<boolean> {
  if (recipient.email === null || isCounted) return true
  // A person's mail to a verified address is not limited.
  if (!recipient.isUnverified && !isAutomatic) return true
  const isProven = !recipient.isUnverified
  const mail = { accountId: account.id, mailbox: recipient.email, isProven, byPerson: !isAutomatic }
  if (await takeBudget(mail)) {
    await recordDelivery(ids, { fields: { counted: true } })
    return true
  }
  const error = isProven ? overAutomatic : overClaims
  await recordDelivery(ids, { state: 'failed', fields: { error }, error })
  return false
}
