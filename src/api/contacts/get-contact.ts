// Which contact a path names.

import type { ContactWithInboxes } from '../../conversations/records/rows.ts'
import type { Ledger } from '../../ledger.ts'
import { found } from '../input/fault.ts'
import { idOf } from '../input/fields.ts'
import type { MemberRequest } from '../request/route.ts'

/** The account's contact with the id in the path. Throws 404. */
export async function getContact(
  contacts: Pick<Ledger['contacts'], 'findContact'>,
  { member, params }: MemberRequest,
): Promise<ContactWithInboxes> {
  return found(await contacts.findContact(member.account.id, idOf(params['id'])))
}
