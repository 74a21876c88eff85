// Webhooks and their deliveries; deliveries, attempts and the reason of a disabled webhook are Rethread's own fields.

import { z } from 'zod'

import type { DeliveryRow } from '../../events/webhooks/webhook-deliveries.ts'
import type { WebhookRow } from '../../events/webhooks/webhooks.ts'
import { id, isoTime, listOf, maybeText, named, text } from './kinds.ts'

export const webhookShape = named(
  'Webhook',
  z.object({
    id,
    name: maybeText,
    url: text,
    account_id: id,
    subscriptions: listOf(text),
    inbox: z.object({ id, name: text }).optional(),
    secret: text,
    disabled_at: isoTime.nullable(),
    disabled_reason: maybeText,
  }),
)

export function presentWebhookRow(webhook: WebhookRow): z.output<typeof webhookShape> {
  return {
    id: webhook.id,
    name: webhook.name,
    url: webhook.url,
    account_id: webhook.accountId,
    subscriptions: webhook.subscriptions,
    ...(webhook.inbox === null ? {} : { inbox: webhook.inbox }),
    secret: webhook.secret,
    disabled_at: webhook.disabledAt,
    disabled_reason: webhook.disabledReason,
  }
}

export const deliveryShape = named(
  'WebhookDelivery',
  z.object({
    id: text,
    event: text,
    state: z.enum(['pending', 'delivered', 'failed', 'skipped']),
    attempts: z.int(),
    created_at: isoTime,
    next_attempt_at: isoTime.nullable(),
    finished_at: isoTime.nullable(),
    log: listOf(
      z.object({
        at: isoTime,
        response_code: z.int().nullable(),
        response_excerpt: maybeText,
        error: maybeText,
        duration_ms: z.int(),
      }),
    ),
  }),
)

const states = ['pending', 'delivered', 'failed', 'skipped'] as const

export function presentDelivery(delivery: DeliveryRow): z.output<typeof deliveryShape> {
  return {
    id: delivery.uuid,
    event: delivery.event,
    state: states.find((state) => state === delivery.state) ?? 'pending',
    attempts: delivery.attempts,
    created_at: delivery.createdAt,
    next_attempt_at: delivery.finishedAt === null ? delivery.runAt : null,
    finished_at: delivery.finishedAt,
    log: delivery.log.map(({ at, responseCode, excerpt, error, durationMs }) => ({
      at,
      response_code: responseCode,
      response_excerpt: excerpt,
      error,
      duration_ms: durationMs,
    })),
  }
}
