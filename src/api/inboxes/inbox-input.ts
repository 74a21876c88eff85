// An inbox as clients write it: its fields flat or under `inbox`, those of its channel under `channel`.

import type { ChannelFields } from '../../conversations/inboxes/channel-fields.ts'
import type { InboxChanges, InboxFields } from '../../conversations/inboxes/inbox-fields.ts'
import type { Json } from '../../conversations/records/rows.ts'
import { filledText, flag, list, object, objects, parseFields, text } from '../input/fields.ts'
import type { Given } from '../request/route.ts'

export const inboxFields = {
  name: text,
  business_name: text,
  sender_name_type: filledText,
  enable_auto_assignment: flag,
  auto_assignment_config: object,
  greeting_enabled: flag,
  greeting_message: text,
  out_of_office_message: text,
  working_hours_enabled: flag,
  working_hours: objects,
  timezone: filledText,
  csat_survey_enabled: flag,
  csat_config: object,
  enable_email_collect: flag,
  allow_messages_after_resolved: flag,
  lock_to_single_conversation: flag,
  avatar_url: text,
  signature: text,
  mail_color: text,
  quote_history: filledText,
  transport: text,
  channel: object,
}

// Settings of the channels that Rethread implements; other settings are stored as given.
const settingFields = {
  website_url: text,
  widget_color: filledText,
  brand_color: filledText,
  welcome_title: text,
  welcome_tagline: text,
  reply_time: filledText,
  selected_feature_flags: list,
  hmac_mandatory: flag,
  pre_chat_form_enabled: flag,
  pre_chat_form_options: object,
  continuity_via_email: flag,
  show_header: flag,
  show_personal_logo: flag,
  show_message_input: flag,
  logo_url: text,
  customize_css: text,
  web_widget_template: filledText,
  authorized_domains: list,
  allowed_domains: list,
  additional_attributes: object,
  imap_enabled: flag,
  imap_enable_ssl: flag,
  smtp_enabled: flag,
  smtp_enable_ssl_tls: flag,
  smtp_enable_starttls_auto: flag,
}

const channelFields = { type: filledText, email: text, webhook_url: text }
// Passwords are not stored: no mail is fetched or sent with an inbox's own password.
const secrets = /password|secret/i

/** Reads the inbox and its channel type from a request. Throws 422. */
export function parseInbox(given: Given<typeof inboxFields>): InboxChanges & { readonly channelType: string } {
  const channel = given.channel ?? {}
  const { type = '', email, webhook_url: webhookUrl } = parseFields(channelFields, channel)
  return {
    channelType: type,
    inbox: fieldsOf(given),
    channel: { email, webhookUrl, settings: settingsOf(channel) },
    workingHours: given.working_hours ?? [],
  }
}

function settingsOf(channel: Json): ChannelFields['settings'] {
  const {
    brand_color: brandColor,
    allowed_domains: allowedDomains,
    authorized_domains: authorizedDomains,
    ...known
  } = parseFields(settingFields, channel)
  const domains = authorizedDomains ?? allowedDomains
  const others = Object.entries(channel).filter(
    ([name]) => !(name in settingFields) && !(name in channelFields) && !secrets.test(name),
  )
  return {
    ...Object.fromEntries([...others, ...Object.entries(known)].filter(([, value]) => value !== undefined)),
    ...(brandColor === undefined ? {} : { widget_color: brandColor }),
    ...(domains === undefined ? {} : { authorized_domains: splitDomains(domains) }),
  }
}

// "a.example, https://b.example/" as well: the host is meant.
function splitDomains(domains: readonly string[]): string[] {
  const names = domains
    .flatMap((text) => text.split(/[\s,]+/))
    .map((name) =>
      name
        .replace(/^https?:\/\//i, '')
        .replace(/\/$/, '')
        .toLowerCase(),
    )
  return [...new Set(names.filter((name) => name !== ''))]
}

// As Chatwoot's own column numbers them.
const senderNameTypes = ['friendly', 'professional']

function fieldsOf(given: Given<typeof inboxFields>): InboxFields {
  return {
    name: given.name,
    businessName: given.business_name,
    senderNameType: senderNameTypes[Number(given.sender_name_type)] ?? given.sender_name_type,
    enableAutoAssignment: given.enable_auto_assignment,
    autoAssignmentConfig: given.auto_assignment_config,
    greetingEnabled: given.greeting_enabled,
    greetingMessage: given.greeting_message,
    outOfOfficeMessage: given.out_of_office_message,
    workingHoursEnabled: given.working_hours_enabled,
    timezone: given.timezone,
    csatSurveyEnabled: given.csat_survey_enabled,
    csatConfig: given.csat_config,
    enableEmailCollect: given.enable_email_collect,
    allowMessagesAfterResolved: given.allow_messages_after_resolved,
    lockToSingleConversation: given.lock_to_single_conversation,
    avatarUrl: given.avatar_url,
    signature: given.signature,
    mailColor: given.mail_color,
    quoteHistory: given.quote_history,
    transport: given.transport,
  }
}
