// Business rules that several queries need, each written once as a SQL fragment. Parameters are aliases of tables or
// SQL expressions of the query, never values. PostgreSQL plans the fragments as part of the query.

/** The user is a member of the inbox. */
export const isInboxMember = (userId: string, inboxId: string): string =>
  `exists (select 1 from inbox_members of_inbox where of_inbox.inbox_id = ${inboxId} and of_inbox.user_id = ${userId})`

/** The user is a member of the team. */
export const isTeamMember = (userId: string, teamId: string): string =>
  `exists (select 1 from team_members of_team where of_team.team_id = ${teamId} and of_team.user_id = ${userId})`

/** `member` (an alias with `role` and `user_id`) sees what is in the inbox: administrators see every inbox. */
export const seesInbox = (member: string, inboxId: string): string =>
  `(${member}.role = 'administrator' or ${isInboxMember(`${member}.user_id`, inboxId)})`

/** The inboxes that `member` (an alias with `role`) sees, as an array of ids; null: all of the account. */
export const visibleInboxes = (member: string, userId: string, accountId: string): string =>
  `case
    when ${member}.role is distinct from 'administrator' then array(
      select of_inbox.inbox_id
      from inbox_members of_inbox
      join inboxes seen on seen.id = of_inbox.inbox_id
      where of_inbox.user_id = ${userId} and seen.account_id = ${accountId}
    )
  end`

/** `member` sees the conversation: it is in an inbox that they see, or assigned to them. */
export const seesConversation = (member: string, conversation: string): string =>
  `(${conversation}.assignee_id = ${member}.user_id or ${seesInbox(member, `${conversation}.inbox_id`)})`

/** The account is not suspended. */
export const isActive = (account: string): string => `${account}.status = 'active'`

/** The account has the feature of receiving mail. */
export const hasInbound = (account: string): string => `'inbound_emails' = any(${account}.features)`

/** Mail to the account is delivered; otherwise it is held until the cause is gone. */
export const receivesMail = (account: string): string => `(${isActive(account)} and ${hasInbound(account)})`

/** The address of a contact or recipient was only named by an unverified visitor. */
export const isOnlyClaimed = (address: string): string => `${address}.state = 'claimed'`

/** The address is its contact's: given by the team or proven by the contact, and not only claimed. */
export const isKnown = (address: string): string => `${address}.state <> 'claimed'`

/** The incoming message is an automatic answer (RFC 3834). */
export const isAutoReply = (message: string): string =>
  `coalesce(${message}.content_attributes #>> '{email,auto_reply}', '') = 'true'`

/** The incoming message came through a mailing list. */
export const isFromList = (message: string): string =>
  `coalesce(${message}.content_attributes ->> 'mailing_list', '') = 'true'`

/** An automation rule wrote the message. */
const isByRule = (message: string): string =>
  `coalesce(${message}.content_attributes ->> 'automation_rule_id', '') <> ''`

/** No person wrote the outgoing message: a template, a bot or a rule did. */
export const isByMachine = (message: string): string =>
  `(${message}.message_type = 'template' or ${message}.sender_type is distinct from 'user' or ${isByRule(message)})`

/** The inbox has a bot, which answers first. */
const hasBot = (inboxId: string): string =>
  `(select bot.agent_bot_id from inboxes bot where bot.id = ${inboxId}) is not null`

/**
 * The status of a new conversation: a blocked contact's is resolved, then counts the status that the request asks for
 * (null: none), then whether a bot answers first.
 */
export const initialStatus = ({
  isBlocked,
  asked,
  inboxId,
}: Readonly<Record<'isBlocked' | 'asked' | 'inboxId', string>>): string =>
  `(case
    when ${isBlocked} then 'resolved'
    when ${asked} is not null then ${asked}
    when ${hasBot(inboxId)} then 'pending'
    else 'open'
  end)::conversation_status`

/** The status of a resolved or snoozed conversation after an incoming message: with a bot it is the bot's turn. */
export const reopenedStatus = (conversation: string): string =>
  `case
    when ${conversation}.status = 'resolved' and ${hasBot(`${conversation}.inbox_id`)} then 'pending'
    else 'open'
  end`

/** The mark of a new Message-ID: 32 hex digits that cannot be guessed. */
const randomMark = `replace(gen_random_uuid()::text, '-', '')`

/** The Message-ID under which a message leaves as mail; `formatOwnMessageId` (mail/header) has the same form. */
export const ownMessageId = ({ uuid, messageId, domain }: Readonly<Record<'uuid' | 'messageId' | 'domain', string>>) =>
  `'conversation/' || ${uuid} || '/messages/' || ${messageId} || '/' || ${randomMark} || '@' || ${domain}`

/** Seconds after its last renewal in which an agent counts as viewing a conversation. */
export const viewSeconds = 60
