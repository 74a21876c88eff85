// Which conversation a path names, and whether the member may see it: administrators and bots all, agents those of
// their inboxes and their own.

import type { Conversations } from '../../conversations/list/conversations.ts'
import type { ConversationRow } from '../../conversations/records/rows.ts'
import type { MemberOrBot } from '../access/auth.ts'
import { found, notAllowed } from '../input/fault.ts'
import { idOf } from '../input/fields.ts'
import type { MemberOrBotRequest } from '../request/route.ts'

/** The conversation with the display id in the path. Throws 404, or 401 when the member may not see it. */
export async function getConversation(
  conversations: Conversations,
  request: Pick<MemberOrBotRequest, 'member' | 'params'>,
): Promise<ConversationRow> {
  const { member, params } = request
  const conversation = found(await conversations.findConversation(member.account.id, idOf(params['displayId'])))
  if (!seesInbox(member, conversation.inboxId) && !isAssignee(member, conversation)) throw notAllowed()
  return conversation
}

function isAssignee({ user }: MemberOrBot, { assignee }: ConversationRow): boolean {
  return user !== null && assignee?.id === user.id
}

export function seesInbox(member: MemberOrBot, inboxId: number): boolean {
  return member.visibleInboxes === null || member.visibleInboxes.includes(inboxId)
}
