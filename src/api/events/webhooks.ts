// …/webhooks: who is told of what (chatwoot.md §4.2). What was sent, and sending it once more, are ours. Administrators only.

import { z } from 'zod'

import type { Ledger } from '../../conversations/ledger.ts'
import type { WebhookRow } from '../../conversations/webhooks/webhooks.ts'
import { listOf } from '../present/kinds.ts'
import { deliveryShape, presentDelivery, presentWebhookRow, webhookShape } from '../present/webhook.ts'
import { found, saved } from '../request/fault.ts'
import { idOf, list, recordId, text } from '../request/fields.ts'
import { pageOf } from '../request/paging.ts'
import { forAdministrator, type Route } from '../request/route.ts'

const tag = 'Webhooks'
const under = 'webhook'
const takes = { url: text, name: text, subscriptions: list }
const one = z.object({ payload: z.object({ webhook: webhookShape }) })
const asPayload = (webhook: WebhookRow) => ({ payload: { webhook: presentWebhookRow(webhook) } })
const page = { page: recordId }
const perPage = 25

export function webhookRoutes({ webhooks, inboxes }: Pick<Ledger, 'webhooks' | 'inboxes'>): Route[] {
  const find = async (accountId: number, id: string | undefined): Promise<WebhookRow> => found(await webhooks.findWebhook(accountId, idOf(id)))
  return [
    forAdministrator('GET /webhooks', { tag, summary: 'Webhooks', answer: z.object({ payload: z.object({ webhooks: listOf(webhookShape) }) }) }, async ({ member }) => ({
      payload: { webhooks: (await webhooks.listWebhooks(member.account.id)).map(presentWebhookRow) },
    })),
    forAdministrator('POST /webhooks', { tag, summary: 'Makes a webhook', takes: { ...takes, inbox_id: recordId }, under, answer: one }, async ({ member, given }) => {
      const { inbox_id: inboxId, ...fields } = given
      if (inboxId !== undefined) found(await inboxes.findInbox(member.account.id, inboxId))
      return asPayload(saved(await webhooks.createWebhook(member.account.id, fields, inboxId ?? null)))
    }),
    forAdministrator('UPDATE /webhooks/:id', { tag, summary: 'Changes a webhook; one that was given up is told again', takes, under, answer: one }, async ({ member, params, given }) =>
      asPayload(saved(await webhooks.updateWebhook(await find(member.account.id, params['id']), given))),
    ),
    forAdministrator('DELETE /webhooks/:id', { tag, summary: 'Deletes a webhook' }, async ({ member, params }) => {
      await webhooks.deleteWebhook(await find(member.account.id, params['id']))
      return undefined
    }),
    forAdministrator(
      'GET /webhooks/:id/deliveries',
      { tag, summary: 'What was sent to it, newest first, with every attempt', takes: page, answer: z.object({ meta: z.object({ count: z.int(), current_page: z.int() }), payload: listOf(deliveryShape) }) },
      async ({ member, params, fields }) => {
        const { number, limit, offset } = pageOf(fields, perPage)
        const { count, deliveries } = await webhooks.listDeliveries(await find(member.account.id, params['id']), { limit, offset })
        return { meta: { count, current_page: number }, payload: deliveries.map(presentDelivery) }
      },
    ),
    forAdministrator('POST /webhooks/:id/deliveries/:delivery/redeliver', { tag, summary: 'Sends it once more, under the same id', answer: deliveryShape }, async ({ member, params }) =>
      presentDelivery(found(await webhooks.redeliver(await find(member.account.id, params['id']), params['delivery'] ?? ''))),
    ),
  ]
}
