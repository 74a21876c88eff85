// An account and its inboxes, in the shapes of chatwoot.md §4.2 and §4.3.

import type { AccountRow, InboxRow } from '../../conversations/rows.ts'

type Json = Record<string, unknown>

export function presentAccount(account: AccountRow): Json {
  return {
    id: account.id,
    name: account.name,
    locale: account.locale,
    domain: account.domain,
    support_email: account.supportEmail,
    status: account.status,
    created_at: account.createdAt,
    settings: account.settings,
    custom_attributes: account.customAttributes,
    features: Object.fromEntries(account.features.map((name) => [name, true])),
  }
}

// Chatwoot's own default; opening hours are not kept yet.
const workingHours = [0, 1, 2, 3, 4, 5, 6].map((day) => {
  const closed = day === 0 || day === 6
  return { day_of_week: day, closed_all_day: closed, open_hour: closed ? null : 9, open_minutes: closed ? null : 0, close_hour: closed ? null : 17, close_minutes: closed ? null : 0, open_all_day: false }
})

/** `forAdministrator` adds what only administrators see. */
export function presentInbox(inbox: InboxRow, forAdministrator: boolean): Json {
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
