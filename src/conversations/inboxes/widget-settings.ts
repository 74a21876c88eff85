// Appearance and behaviour of a web widget, and the sites that may embed it. All of it ends up in a page: colours,
// addresses and style sheets are validated.

import type { Json } from '../records/rows.ts'
import { isWebUrl, type Rule } from '../records/save.ts'

export const widgetDefaults: Json = {
  website_url: '',
  widget_color: '#1f93ff',
  welcome_title: '',
  welcome_tagline: '',
  reply_time: 'in_a_few_minutes',
  selected_feature_flags: ['attachments', 'emoji_picker', 'end_conversation'],
  hmac_mandatory: false,
  pre_chat_form_enabled: false,
  pre_chat_form_options: {},
  continuity_via_email: true,
  authorized_domains: [],
  show_header: true,
  show_personal_logo: false,
  show_message_input: true,
  logo_url: null,
  customize_css: null,
  web_widget_template: 'default',
}

export const widgetSettings = Object.keys(widgetDefaults)

const replyTimes = ['in_a_few_minutes', 'in_a_few_hours', 'in_a_day']
const featureFlags = [
  'attachments',
  'emoji_picker',
  'end_conversation',
  'use_inbox_avatar_for_bot',
  'allow_mobile_webview',
]
const maxCss = 50_000
const host =
  /^(\*\.)?(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*(:\d{1,5})?$/i

/** A rule for a setting that is there and not empty. */
function when(name: string, message: string, isWrong: (value: unknown) => boolean): Rule<Json> {
  return [
    name,
    message,
    (settings) =>
      settings[name] !== undefined && settings[name] !== null && settings[name] !== '' && isWrong(settings[name]),
  ]
}

const isListOf = (isGood: (text: string) => boolean) => (value: unknown) =>
  Array.isArray(value) &&
  value.length <= 200 &&
  value.every((element) => typeof element === 'string' && isGood(element))
const isText = (pattern: RegExp) => (value: unknown) => typeof value === 'string' && pattern.test(value)
const no = (isGood: (value: unknown) => boolean) => (value: unknown) => !isGood(value)

export const widgetRules: readonly Rule<Json>[] = [
  when(
    'website_url',
    'is invalid',
    no(
      (value) => typeof value === 'string' && isWebUrl(/^[a-z][a-z0-9+.-]*:/i.test(value) ? value : `https://${value}`),
    ),
  ),
  when('widget_color', 'is invalid', no(isText(/^#([0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})$/i))),
  when('welcome_title', 'is too long (maximum is 255 characters)', no(isText(/^[^]{0,255}$/))),
  when('welcome_tagline', 'is too long (maximum is 255 characters)', no(isText(/^[^]{0,255}$/))),
  when(
    'reply_time',
    'is invalid',
    no((value) => replyTimes.includes(value as string)),
  ),
  when('selected_feature_flags', 'are invalid', no(isListOf((flag) => featureFlags.includes(flag)))),
  when('authorized_domains', 'are invalid', no(isListOf((domain) => host.test(domain)))),
  when(
    'logo_url',
    'is invalid',
    no((value) => typeof value === 'string' && isWebUrl(value)),
  ),
  when(
    'customize_css',
    `is too long (maximum is ${String(maxCss)} characters)`,
    (value) => typeof value !== 'string' || value.length > maxCss,
  ),
  // The text must not close its `style` element.
  when('customize_css', 'is invalid', isText(/<\s*[/!]|<\s*script/i)),
  when('web_widget_template', 'is invalid', no(isText(/^[a-z0-9][a-z0-9_-]{0,63}$/i))),
]
