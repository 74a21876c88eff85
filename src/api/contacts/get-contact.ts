// Which contact a path names.

import type { Ledger } from '../../conversations/ledger.ts'
import type { ContactWithInboxes } from '../../conversations/rows.ts'
import { found } from '../request/fault.ts'
import { idOf } from '../request/fields.ts'
import type { MemberRequest } from '../request/route.ts'

/** The account's contact with the id in the path. Throws 404. */
export async function getContact(
  contacts: Pick<Ledger['contacts'], 'findContact'>,
  { member, params }: MemberRequest,
): Promise<ContactWithInboxes> {
  return found(await contacts.findContact(member.account.id, idOf(params['id'])))
}
