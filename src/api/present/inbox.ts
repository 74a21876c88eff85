// Inboxes with what their channel adds, in Chatwoot's shape

import { z } from 'zod'

import { isApi, isEmail, isWidget } from '../../contracts/channels.ts'
import { widgetDefaults, widgetSettings } from '../../conversations/inboxes/widget-settings.ts'
import type { InboxRow } from '../../conversations/records/rows.ts'
import { storedDay } from '../../conversations/records/working-hours.ts'
import { anything, id, json, listOf, maybeText, named, text } from './kinds.ts'

type Json = Record<string, unknown>

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
  csat_config: json,
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
  signature: maybeText,
  mail_color: maybeText,
  quote_history: text,
  transport: maybeText,
  provider: anything,
}
/** The fields of the channel type are added to these. */
export const inboxShape = named('Inbox', z.looseObject(inboxFields))

/** `forAdministrator` adds what only administrators see. */
export function presentInbox(inbox: InboxRow, forAdministrator: boolean): z.output<typeof inboxShape> {
  const { channel } = inbox
  return {
    id: inbox.id,
    avatar_url: inbox.avatarUrl ?? '',
    channel_id: channel.id,
    name: inbox.name,
    channel_type: channel.type,
    greeting_enabled: inbox.greetingEnabled,
    greeting_message: inbox.greetingMessage,
    working_hours_enabled: inbox.workingHoursEnabled,
    enable_email_collect: inbox.enableEmailCollect,
    csat_survey_enabled: inbox.csatSurveyEnabled,
    csat_config: inbox.csatConfig,
    enable_auto_assignment: inbox.enableAutoAssignment,
    auto_assignment_config: inbox.autoAssignmentConfig,
    out_of_office_message: inbox.outOfOfficeMessage,
    working_hours: inbox.workingHours.map(storedDay),
    timezone: inbox.timezone,
    callback_webhook_url: null,
    allow_messages_after_resolved: inbox.allowMessagesAfterResolved,
    lock_to_single_conversation: inbox.lockToSingleConversation,
    sender_name_type: inbox.senderNameType,
    business_name: inbox.businessName,
    signature: inbox.signature,
    mail_color: inbox.mailColor,
    quote_history: inbox.quoteHistory,
    transport: inbox.transport,
    provider: channel.settings['provider'] ?? null,
    ...presentChannel(inbox, forAdministrator),
  }
}

const imapSettings = ['imap_login', 'imap_address', 'imap_port', 'imap_enabled', 'imap_enable_ssl']
const smtpSettings = [
  'smtp_login',
  'smtp_address',
  'smtp_port',
  'smtp_enabled',
  'smtp_domain',
  'smtp_enable_ssl_tls',
  'smtp_enable_starttls_auto',
  'smtp_openssl_verify_mode',
  'smtp_authentication',
]
// Of channels that Rethread does not implement: identifying fields, no credentials.
const dataSettings = [
  'phone_number',
  'medium',
  'messaging_service_sid',
  'page_id',
  'instagram_id',
  'bot_name',
  'line_channel_id',
  'business_id',
]

function presentChannel({ channel }: InboxRow, forAdministrator: boolean): Json {
  const settings = (names: readonly string[]) =>
    Object.fromEntries(names.map((name) => [name, channel.settings[name] ?? null]))
  const hmac = forAdministrator ? { hmac_token: channel.hmacToken } : {}
  if (isEmail(channel.type))
    // Passwords are never returned.
    return {
      forward_to_email: channel.forwardToEmail,
      email: channel.email,
      // Rethread's own field, absent if the address works; unconfirmed, it receives no mail.
      ...(channel.emailConfirmedAt === null ? { address_confirmed: false } : {}),
      ...(forAdministrator ? settings([...imapSettings, ...smtpSettings]) : {}),
    }
  if (isApi(channel.type))
    return {
      webhook_url: channel.webhookUrl,
      inbox_identifier: channel.identifier,
      additional_attributes: channel.settings['additional_attributes'] ?? {},
      hmac_mandatory: channel.settings['hmac_mandatory'] ?? false,
      ...hmac,
    }
  if (isWidget(channel.type))
    return { website_token: channel.websiteToken, ...presentWidget(channel.settings), ...hmac }
  return settings(dataSettings.filter((name) => name in channel.settings))
}

// Under the names of Chatwoot, and those that say more.
function presentWidget(kept: InboxRow['channel']['settings']): Json {
  const settings: Json = { ...widgetDefaults, ...kept }
  const domains = Array.isArray(settings['authorized_domains']) ? settings['authorized_domains'] : []
  return {
    ...Object.fromEntries(widgetSettings.map((name) => [name, settings[name]])),
    allowed_domains: domains.join(','),
    brand_color: settings['widget_color'],
  }
}
