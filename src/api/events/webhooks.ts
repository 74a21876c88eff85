// …/webhooks: subscriptions to events. The lists of deliveries and redelivery are Rethread's own. Administrators only.

import { z } from 'zod'

import type { PostTest } from '../../events/webhooks/post-once.ts'
import type { WebhookRow } from '../../events/webhooks/webhooks.ts'
import type { Reach } from '../../http-client/address-policy.ts'
import type { Ledger } from '../../ledger.ts'
import { found, saved } from '../input/fault.ts'
import { idOf, list, recordId, text as textField } from '../input/fields.ts'
import { pageOf } from '../input/paging.ts'
import { listOf, text } from '../present/kinds.ts'
import { deliveryShape, presentDelivery, presentWebhookRow, webhookShape } from '../present/webhook.ts'
import { presentTest, testPayload, testShape } from '../present/webhook-test.ts'
import { forAdministrator, type Route } from '../request/route.ts'

const tag = 'Webhooks'
const under = 'webhook'
const takes = { url: textField, name: textField, subscriptions: list }
const one = z.object({ payload: z.object({ webhook: webhookShape, warnings: listOf(text).optional() }) })
const page = { page: recordId }
const perPage = 25

interface Deps {
  readonly ledger: Pick<Ledger, 'webhooks' | 'inboxes'>
  readonly reach: Pick<Reach, 'findRefusal'>
  readonly postTest: PostTest
}

export function webhookRoutes({ ledger: { webhooks, inboxes }, reach, postTest }: Deps): Route[] {
  const asPayload = async (webhook: WebhookRow) => {
    const refusal = await reach.findRefusal(webhook.url)
    return {
      payload: { webhook: presentWebhookRow(webhook), ...(refusal === null ? {} : { warnings: [refusal] }) },
    }
  }
  const find = async (accountId: number, id: string | undefined): Promise<WebhookRow> =>
    found(await webhooks.findWebhook(accountId, idOf(id)))
  return [
    forAdministrator(
      'GET /webhooks',
      { tag, summary: 'List webhooks', answer: z.object({ payload: z.object({ webhooks: listOf(webhookShape) }) }) },
      async ({ member }) => ({
        payload: { webhooks: (await webhooks.listWebhooks(member.account.id)).map(presentWebhookRow) },
      }),
    ),
    forAdministrator(
      'POST /webhooks',
      { tag, summary: 'Create a webhook', takes: { ...takes, inbox_id: recordId }, under, answer: one },
      async ({ member, given }) => {
        const { inbox_id: inboxId, ...fields } = given
        if (inboxId !== undefined) found(await inboxes.findInbox(member.account.id, inboxId))
        return asPayload(saved(await webhooks.createWebhook(member.account.id, fields, inboxId ?? null)))
      },
    ),
    forAdministrator(
      'UPDATE /webhooks/:id',
      { tag, summary: 'Update a webhook; a disabled one is enabled again', takes, under, answer: one },
      async ({ member, params, given }) =>
        asPayload(saved(await webhooks.updateWebhook(await find(member.account.id, params['id']), given))),
    ),
    forAdministrator('DELETE /webhooks/:id', { tag, summary: 'Delete a webhook' }, async ({ member, params }) => {
      await webhooks.deleteWebhook(await find(member.account.id, params['id']))
      return undefined
    }),
    forAdministrator(
      'POST /webhooks/:id/test',
      { tag, summary: 'Send one signed test event now and return the result', answer: testShape },
      async ({ member, params }) => {
        const webhook = await find(member.account.id, params['id'])
        return presentTest(await postTest(webhook, testPayload(member.account, webhook)))
      },
    ),
    forAdministrator(
      'GET /webhooks/:id/deliveries',
      {
        tag,
        summary: 'List the deliveries of a webhook with their attempts, newest first',
        takes: page,
        answer: z.object({ meta: z.object({ count: z.int(), current_page: z.int() }), payload: listOf(deliveryShape) }),
      },
      async ({ member, params, fields }) => {
        const { number, limit, offset } = pageOf(fields, perPage)
        const { count, deliveries } = await webhooks.listDeliveries(await find(member.account.id, params['id']), {
          limit,
          offset,
        })
        return { meta: { count, current_page: number }, payload: deliveries.map(presentDelivery) }
      },
    ),
    forAdministrator(
      'POST /webhooks/:id/deliveries/:delivery/redeliver',
      { tag, summary: 'Send a delivery again, under the same id', answer: deliveryShape },
      async ({ member, params }) =>
        presentDelivery(
          found(await webhooks.redeliver(await find(member.account.id, params['id']), params['delivery'] ?? '')),
        ),
    ),
  ]
}
