// The test of a webhook: the event that is posted, and its outcome.

import { z } from 'zod'

import type { Attempt } from '../../events/webhooks/outcome.ts'
import type { WebhookRow } from '../../events/webhooks/webhooks.ts'
import { maybeText, named, text } from './kinds.ts'

const name = 'webhook_test'

export const testShape = named(
  'WebhookTest',
  z.object({
    /** The value of `X-Chatwoot-Delivery`. */
    id: text,
    event: text,
    state: z.enum(['delivered', 'failed']),
    response_code: z.int().nullable(),
    response_excerpt: maybeText,
    error: maybeText,
    duration_ms: z.int(),
  }),
)

/** The test payload has an event name of its own, so that no receiver takes it for a message. */
export function testPayload(account: { readonly id: number; readonly name: string }, webhook: WebhookRow): object {
  return {
    event: name,
    test: true,
    account: { id: account.id, name: account.name },
    webhook: { id: webhook.id, name: webhook.name, subscriptions: webhook.subscriptions },
    created_at: new Date().toISOString(),
  }
}

/** The answer to the caller who asked for the test. */
export function presentTest({ id, attempt }: { readonly id: string; readonly attempt: Attempt }) {
  return {
    id,
    event: name,
    state: attempt.error === null ? ('delivered' as const) : ('failed' as const),
    response_code: attempt.status,
    response_excerpt: attempt.excerpt,
    error: attempt.error,
    duration_ms: attempt.durationMs,
  }
}
