// The deliveries of a webhook, with each attempt, and redelivery.

import type { Db } from '../../db/client.ts'
import { subscriberOf, type WebhookRow } from './webhooks.ts'

export interface AttemptRow {
  readonly at: Date
  readonly responseCode: number | null
  readonly excerpt: string | null
  readonly error: string | null
  readonly durationMs: number
}

export interface DeliveryRow {
  readonly uuid: string
  readonly event: string
  readonly state: string
  readonly attempts: number
  readonly createdAt: Date
  readonly runAt: Date
  readonly finishedAt: Date | null
  readonly log: readonly AttemptRow[]
}

/** `onPosts` is called when there is something to send at once. */
export function createWebhookDeliveries({ db, onPosts }: { readonly db: Db; readonly onPosts: () => void }) {
  return {
    /** Newest first, with every attempt. */
    async listDeliveries(
      webhook: WebhookRow,
      page: { readonly limit: number; readonly offset: number },
    ): Promise<{ count: number; deliveries: DeliveryRow[] }> {
      const where = { subscriber: subscriberOf(webhook.id) }
      const [count, deliveries] = await Promise.all([
        db.webhookDelivery.count({ where }),
        db.webhookDelivery.findMany({
          where,
          orderBy: { id: 'desc' },
          skip: page.offset,
          take: page.limit,
          include: { log: { orderBy: { id: 'asc' } } },
        }),
      ])
      return { count, deliveries }
    },

    /** Sends it once more, under the same id and with the same body; null when it is not there. */
    async redeliver(webhook: WebhookRow, uuid: string): Promise<DeliveryRow | null> {
      if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(uuid)) return null
      const now = new Date()
      const where = { uuid, subscriber: subscriberOf(webhook.id) }
      const { count } = await db.webhookDelivery.updateMany({
        where,
        data: { state: 'pending', finishedAt: null, runAt: now, giveUpAt: new Date(now.getTime() + 86_400_000) },
      })
      if (count > 0) {
        await db.webhookSubscriber.updateMany({ where: { id: where.subscriber }, data: { resumeAt: now } })
        onPosts()
      }
      return db.webhookDelivery.findFirst({ where, include: { log: { orderBy: { id: 'asc' } } } })
    },
  }
}
