// Webhooks of an account: their subscriptions and their health.

import { randomBytes } from 'node:crypto'

import { webhookEvents } from '../../contracts/event-names.ts'
import { type Problem, type Saved, taken } from '../../conversations/records/problem.ts'
import { isUniqueViolation } from '../../conversations/records/unique.ts'
import type { Db, Prisma } from '../../db/client.ts'

export interface WebhookFields {
  readonly url?: string | null | undefined
  readonly name?: string | null | undefined
  readonly subscriptions?: readonly string[] | undefined
}

export interface WebhookRow {
  readonly id: number
  readonly accountId: number
  readonly name: string | null
  readonly url: string
  readonly subscriptions: readonly string[]
  readonly secret: string
  readonly inbox: { readonly id: number; readonly name: string } | null
  /** It failed for so long that it is disabled. */
  readonly disabledAt: Date | null
  readonly disabledReason: string | null
}

const include = { inbox: { select: { id: true, name: true } } } satisfies Prisma.WebhookInclude
type WebhookRecord = Prisma.WebhookGetPayload<{ include: typeof include }>
export const subscriberOf = (webhookId: number): string => `webhook:${String(webhookId)}`

/** `onWork` is called when there is something to send at once. */
export function createWebhooks({ db, onPosts }: { readonly db: Db; readonly onPosts: () => void }) {
  const withState = async (records: readonly WebhookRecord[]): Promise<WebhookRow[]> => {
    const states = await db.webhookSubscriber.findMany({
      where: { id: { in: records.map(({ id }) => subscriberOf(id)) }, disabledAt: { not: null } },
    })
    return records.map((record) => {
      const state = states.find(({ id, url }) => id === subscriberOf(record.id) && url === record.url)
      return { ...record, disabledAt: state?.disabledAt ?? null, disabledReason: state?.disabledReason ?? null }
    })
  }
  const one = async (record: WebhookRecord): Promise<WebhookRow> =>
    (await withState([record]))[0] ?? { ...record, disabledAt: null, disabledReason: null }
  return {
    async listWebhooks(accountId: number): Promise<WebhookRow[]> {
      return withState(await db.webhook.findMany({ where: { accountId }, include, orderBy: { id: 'asc' } }))
    },

    async findWebhook(accountId: number, id: number): Promise<WebhookRow | null> {
      const record = await db.webhook.findFirst({ where: { accountId, id }, include })
      return record === null ? null : one(record)
    },

    /**
     * With an `inboxId` (of the account) it receives events of that inbox only. Without subscriptions it gets the usual
     * eight.
     */
    createWebhook: (accountId: number, fields: WebhookFields, inboxId: number | null): Promise<Saved<WebhookRow>> => {
      const { url = '', name = null, subscriptions = webhookEvents.slice(0, 8) } = fields
      return saving({ url: url ?? '', subscriptions }, async () => {
        const data = {
          accountId,
          inboxId,
          url: (url ?? '').trim(),
          name,
          subscriptions: [...new Set(subscriptions)],
          secret: randomBytes(24).toString('base64url'),
        }
        return one(await db.webhook.create({ data, include }))
      })
    },

    /** Changes the given fields; a disabled webhook is enabled again. */
    updateWebhook: (webhook: WebhookRow, fields: WebhookFields): Promise<Saved<WebhookRow>> =>
      saving(fields, async () => {
        const { url, name, subscriptions } = fields
        const data = {
          ...(url == null ? {} : { url: url.trim() }),
          ...(name === undefined ? {} : { name }),
          ...(subscriptions === undefined ? {} : { subscriptions: [...new Set(subscriptions)] }),
        }
        const record = await db.webhook.update({ where: { id: webhook.id }, data, include })
        await db.webhookSubscriber.updateMany({
          where: { id: subscriberOf(webhook.id) },
          data: { disabledAt: null, disabledReason: null, failingSince: null, failures: 0, resumeAt: new Date(0) },
        })
        onPosts()
        return one(record)
      }),

    /** Its undelivered events are deleted as well. */
    async deleteWebhook(webhook: WebhookRow): Promise<void> {
      const subscriber = subscriberOf(webhook.id)
      await db.$transaction([
        db.webhook.deleteMany({ where: { id: webhook.id } }),
        db.webhookDelivery.deleteMany({ where: { subscriber } }),
        db.webhookSubscriber.deleteMany({ where: { id: subscriber } }),
      ])
    },
  }
}

async function saving(fields: WebhookFields, write: () => Promise<WebhookRow>): Promise<Saved<WebhookRow>> {
  const problems = findProblems(fields)
  if (problems.length > 0) return { problems }
  try {
    return { saved: await write() }
  } catch (error) {
    if (isUniqueViolation(error)) return { problems: [taken('url')] }
    throw error
  }
}

function findProblems({ url, name, subscriptions }: WebhookFields): Problem[] {
  const problems: Problem[] = []
  if (url === null || (url !== undefined && !isWebAddress(url.trim())))
    problems.push({ attribute: 'url', message: 'is invalid' })
  if ((name ?? '').length > 255)
    problems.push({ attribute: 'name', message: 'is too long (maximum is 255 characters)' })
  if (
    subscriptions !== undefined &&
    (subscriptions.length === 0 ||
      !subscriptions.every((event) => (webhookEvents as readonly string[]).includes(event)))
  )
    problems.push({ attribute: 'subscriptions', message: 'Invalid events' })
  return problems
}

function isWebAddress(url: string): boolean {
  return (
    url.length <= 2_000 &&
    !/[\s\p{Cc}<>"]/u.test(url) &&
    URL.canParse(url) &&
    ['http:', 'https:'].includes(new URL(url).protocol)
  )
}
