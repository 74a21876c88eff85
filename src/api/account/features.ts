// Features of an account: those that the service reads, and those of Chatwoot that clients may send, which are stored
// and have no effect.

import { defaultFeatures } from '../../conversations/people/first-start.ts'
import { unprocessable } from '../input/fault.ts'
import type { Parameters } from '../input/parameters.ts'

// From Chatwoot's config/features.yml.
const kept = `
  channel_facebook channel_twitter ip_lookup disable_branding help_center agent_bots macros agent_management
  team_management inbox_management labels custom_attributes automations canned_responses integrations
  voice_recorder mobile_v2 channel_website campaigns reports crm auto_resolve_conversations custom_reply_email
  custom_reply_domain audit_logs response_bot message_reply_to insert_article_in_reply inbox_view sla
  help_center_embedding_search linear_integration captain_integration custom_roles chatwoot_v4 report_v4
  contact_chatwoot_support_team shopify_integration search_with_gin channel_instagram crm_integration
  channel_voice notion_integration captain_integration_v2 whatsapp_embedded_signup whatsapp_campaign crm_v2
  assignment_v2 twilio_content_templates advanced_search advanced_search_indexing saml quoted_email_reply
  companies captain_tasks advanced_assignment conversation_required_attributes channel_tiktok
  reply_mailer_migration branded_email_templates
`
const known: ReadonlySet<string> = new Set([...defaultFeatures, ...kept.trim().split(/\s+/)])

/**
 * The features after switching some on and others off. Any feature that an account has can be switched off, even under
 * an unknown name. Throws 422 for an unknown name, and for a value that is not a boolean.
 */
export function changeFeatures(features: readonly string[], wanted: Parameters): string[] {
  const on = new Set(features)
  for (const [name, value] of Object.entries(wanted)) {
    const isWanted = parseSwitch(name, value)
    if (!known.has(name) && (isWanted || !on.has(name))) throw unknownFeature(name)
    if (isWanted) on.add(name)
    else on.delete(name)
  }
  return [...on].sort()
}

function parseSwitch(name: string, value: unknown): boolean {
  if (value === true || value === 'true') return true
  if (value === false || value === 'false' || value === null) return false
  throw unprocessable(`features: ${name.slice(0, 64)} must be true or false`)
}

function unknownFeature(name: string): Error {
  return unprocessable(
    `Unknown feature "${name.slice(0, 64)}". Known features: ${defaultFeatures.join(', ')}, ` +
      'and, without effect here, those of Chatwoot (see docs/reference/api.md).',
  )
}
