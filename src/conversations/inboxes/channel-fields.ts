// The channel of an inbox as clients set it: its own columns and, by type, its settings. Channel types that Rethread
// does not implement (Facebook, WhatsApp …) are stored as given.

import { isApi, isEmail, isWidget } from '../../contracts/channels.ts'
import { isEmailAddress } from '../../mail/address.ts'
import type { Problem } from '../records/problem.ts'
import type { Json } from '../records/rows.ts'
import { findProblems, isWebUrl, type Rule } from '../records/save.ts'
import { widgetDefaults, widgetRules, widgetSettings } from './widget-settings.ts'

export interface ChannelFields {
  readonly email?: string | null | undefined
  readonly webhookUrl?: string | null | undefined
  /** Under the names that clients use; fields that the type does not have are ignored. */
  readonly settings: Json
}

const emailSettings = [
  ...['imap_login', 'imap_address', 'imap_port', 'imap_enabled', 'imap_enable_ssl', 'provider'],
  ...[
    'smtp_login',
    'smtp_address',
    'smtp_port',
    'smtp_enabled',
    'smtp_domain',
    'smtp_enable_ssl_tls',
    'smtp_enable_starttls_auto',
    'smtp_openssl_verify_mode',
    'smtp_authentication',
  ],
]

interface ChannelKind {
  /** Names of settings; null = any. */
  readonly settings: readonly string[] | null
  readonly defaults: Json
}

function kindOf(type: string): ChannelKind {
  if (isEmail(type)) return { settings: emailSettings, defaults: {} }
  if (isApi(type))
    return {
      settings: ['additional_attributes', 'hmac_mandatory'],
      defaults: { additional_attributes: {}, hmac_mandatory: false },
    }
  return isWidget(type) ? { settings: widgetSettings, defaults: widgetDefaults } : { settings: null, defaults: {} }
}

/** The settings that a channel of this type keeps, over those that it has; a new one has the defaults. */
export function storedSettings(type: string, before: Json | null, given: Json): object {
  const kind = kindOf(type)
  const known = Object.entries(given).filter(
    ([name, value]) => value !== undefined && (kind.settings === null || kind.settings.includes(name)),
  )
  return { ...(before ?? kind.defaults), ...Object.fromEntries(known) }
}

type Given = ChannelFields & { readonly type: string; readonly isNew: boolean }

const rules: readonly Rule<Given>[] = [
  [
    'email',
    "can't be blank",
    ({ type, email, isNew }) => isEmail(type) && ((isNew && !email) || email === null || email === ''),
  ],
  [
    'email',
    'is invalid',
    ({ type, email }) =>
      isEmail(type) && typeof email === 'string' && (!isEmailAddress(email) || isReplyAddress(email)),
  ],
  [
    'webhook_url',
    'is invalid',
    ({ webhookUrl }) => typeof webhookUrl === 'string' && webhookUrl !== '' && !isWebUrl(webhookUrl),
  ],
  ['website_url', "can't be blank", ({ type, settings, isNew }) => isWidget(type) && isNew && !settings['website_url']],
  ['channel', 'is too long', ({ settings }) => JSON.stringify(settings).length > 131_072],
]

// Local parts of this form are reserved for reply addresses and bounces.
function isReplyAddress(email: string): boolean {
  return /^(reply|bounce|new)\+[0-9a-f-]{32,36}@/i.test(email)
}

/** The problems of a channel. */
export function findChannelProblems(given: Given): Problem[] {
  return [...findProblems(rules, given), ...findProblems(rulesOf(given.type), given.settings)]
}

function rulesOf(type: string): readonly Rule<Json>[] {
  if (isWidget(type)) return widgetRules
  return isApi(type) ? apiRules : []
}

// How long an agent may answer after the contact's last message, in hours.
const apiRules: readonly Rule<Json>[] = [
  [
    'agent_reply_time_window',
    'must be greater than 0',
    (settings) => {
      const { agent_reply_time_window: hours } = (settings['additional_attributes'] ?? {}) as Json
      return (
        hours !== undefined && hours !== null && hours !== '' && !(Number.isInteger(Number(hours)) && Number(hours) > 0)
      )
    },
  ],
]
