// Inboxes with what their channel adds, in the shape of chatwoot.md §4.3.

import { z } from 'zod'

import type { InboxRow } from '../../conversations/rows.ts'
import { anything, id, json, listOf, maybeText, named, text } from './kinds.ts'

type Json = Record<string, unknown>

// Chatwoot's own default; opening hours are not kept yet.
const workingHours = [0, 1, 2, 3, 4, 5, 6].map((day) => {
  const closed = day === 0 || day === 6
  return { day_of_week: day, closed_all_day: closed, open_hour: closed ? null : 9, open_minutes: closed ? null : 0, close_hour: closed ? null : 17, close_minutes: closed ? null : 0, open_all_day: false }
})

const inboxFields = {
  id,
  avatar_url: text,
  channel_id: id,
  name: text,
  channel_type: text,
  greeting_enabled: z.boolean(),
  greeting_message: maybeText,
  working_hours_enabled: z.boolean(),
  enable_email_collect: z.boolean(),
  csat_survey_enabled: z.boolean(),
  enable_auto_assignment: z.boolean(),
  auto_assignment_config: json,
  out_of_office_message: maybeText,
  working_hours: listOf(json),
  timezone: text,
  callback_webhook_url: maybeText,
  allow_messages_after_resolved: z.boolean(),
  lock_to_single_conversation: z.boolean(),
  sender_name_type: text,
  business_name: maybeText,
  provider: anything,
}
/** What the type of channel adds comes besides. */
export const inboxShape = named('Inbox', z.looseObject(inboxFields))

/** `forAdministrator` adds what only administrators see. */
export function presentInbox(inbox: InboxRow, forAdministrator: boolean): z.output<typeof inboxShape> {
  const { channel } = inbox
  return {
    id: inbox.id,
    avatar_url: '',
    channel_id: channel.id,
    name: inbox.name,
    channel_type: channel.type,
    greeting_enabled: inbox.greetingEnabled,
    greeting_message: inbox.greetingMessage,
    working_hours_enabled: inbox.workingHoursEnabled,
    enable_email_collect: inbox.enableEmailCollect,
    csat_survey_enabled: inbox.csatSurveyEnabled,
    enable_auto_assignment: inbox.enableAutoAssignment,
    auto_assignment_config: inbox.autoAssignmentConfig,
    out_of_office_message: inbox.outOfOfficeMessage,
    working_hours: workingHours,
    timezone: inbox.timezone,
    callback_webhook_url: null,
    allow_messages_after_resolved: inbox.allowMessagesAfterResolved,
    lock_to_single_conversation: inbox.lockToSingleConversation,
    sender_name_type: inbox.senderNameType,
    business_name: inbox.businessName,
    provider: channel.settings['provider'] ?? null,
    ...presentChannel(inbox, forAdministrator),
  }
}

const widgetSettings = ['website_url', 'widget_color', 'welcome_title', 'welcome_tagline', 'continuity_via_email']
const imapSettings = ['imap_login', 'imap_address', 'imap_port', 'imap_enabled', 'imap_enable_ssl']
const smtpSettings = ['smtp_login', 'smtp_address', 'smtp_port', 'smtp_enabled', 'smtp_domain', 'smtp_enable_ssl_tls', 'smtp_enable_starttls_auto', 'smtp_openssl_verify_mode', 'smtp_authentication']

function presentChannel({ channel }: InboxRow, forAdministrator: boolean): Json {
  const settings = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, channel.settings[name] ?? null]))
  const hmac = forAdministrator ? { hmac_token: channel.hmacToken } : {}
  switch (channel.type) {
    case 'Channel::Email':
      // Passwords stay here, whoever asks.
      return { forward_to_email: channel.forwardToEmail, email: channel.email, ...(forAdministrator ? settings([...imapSettings, ...smtpSettings]) : {}) }
    case 'Channel::Api':
      return { webhook_url: channel.webhookUrl, inbox_identifier: channel.identifier, additional_attributes: channel.settings['additional_attributes'] ?? {}, ...hmac }
    case 'Channel::WebWidget':
      return { website_token: channel.websiteToken, ...settings(widgetSettings), ...hmac }
    default:
      return {}
  }
}
