// An implementation of the API's contract with the store of accepted mail, in memory: it returns what a test sets, and
// records the calls.

import type { InboundEmails } from '../../src/api/present/inbound-email-access.ts'
import type { InboundEmail, Scope } from '../../src/contracts/inbound-email.ts'

export interface Kept extends InboundEmail {
  readonly raw: Uint8Array | null
}

export function createMailbook() {
  const kept = new Map<number, Kept>()
  const asked: { name: string; scope: Scope; detail: unknown }[] = []
  const see = (scope: Scope, id: number) => {
    const row = kept.get(id)
    const inboxIds = scope.agent?.inboxIds ?? null
    if (inboxIds !== null && (row?.inboxId == null || !inboxIds.includes(row.inboxId))) return null
    return row !== undefined && (scope.accountId === null || row.accountId === scope.accountId) ? row : null
  }
  const change = (scope: Scope, id: number, values: Partial<Kept>) => {
    const row = see(scope, id)
    if (row === null) return null
    const next = { ...row, ...values }
    kept.set(id, next)
    return next
  }
  const room: InboundEmails = {
    async list(scope, filter) {
      asked.push({ name: 'list', scope, detail: filter })
      const rows = [...kept.values()]
        .filter((row) => see(scope, row.id) && (filter.statuses.length === 0 || filter.statuses.includes(row.status)))
        .reverse()
      return { count: rows.length, isExact: true, rows: rows.slice(filter.offset, filter.offset + filter.limit) }
    },
    countNeeding: async (scope) => {
      const count = (status: string) =>
        [...kept.values()].filter((row) => see(scope, row.id) && row.status === status).length
      return { held: count('held'), failed: count('failed') }
    },
    find: async (scope, id) => see(scope, id),
    readRaw: async (scope, id) => see(scope, id)?.raw ?? null,
    replay: async (scope, id) =>
      change(scope, id, { status: 'delivered', reason: 'appended', attempts: (see(scope, id)?.attempts ?? 0) + 1 }),
    file: async (scope, id, into) => {
      asked.push({ name: 'file', scope, detail: into })
      return into.conversationDisplayId === 404
        ? null
        : change(scope, id, {
            status: 'delivered',
            reason: 'filed-by-hand',
            conversationDisplayId: into.conversationDisplayId,
          })
    },
    unfile: async (scope, id) =>
      change(scope, id, { status: 'held', reason: 'taken-back', conversationDisplayId: null }),
    open: async (scope, id, inboxId) => {
      asked.push({ name: 'open', scope, detail: inboxId })
      return change(scope, id, { status: 'delivered', reason: 'opened-by-hand', conversationDisplayId: 9 })
    },
    unopen: async (scope, id) =>
      change(scope, id, { status: 'held', reason: 'taken-back', conversationDisplayId: null }),
    discard: async (scope, id) => change(scope, id, { status: 'ignored', reason: 'discarded' }),
    undiscard: async (scope, id) => change(scope, id, { status: 'held', reason: 'unknown-recipient' }),
    block: async (scope, id) => change(scope, id, { status: 'ignored', reason: 'blocked-sender' }),
    unblock: async (scope, id) => change(scope, id, { status: 'held', reason: 'unknown-recipient' }),
    listBlocked: async () => [],
    deleteBlocked: async () => false,
    candidates: async (scope, id) => (see(scope, id) === null ? null : []),
    parse: async (scope, id) => (see(scope, id) === null ? null : null),
    compose: () => Buffer.from('Subject: composed'),
    submitMail: async (scope) => {
      const row = { ...blank, id: 9_000, accountId: scope.accountId }
      kept.set(row.id, row)
      return row
    },
    async explain(scope, request) {
      asked.push({ name: 'explain', scope, detail: request })
      return {
        status: 'held',
        reason: 'unknown-recipient',
        accountId: scope.accountId,
        conversationDisplayId: null,
        trace: [{ step: 'conversation', outcome: 'none', detail: `${String(request.raw.length)} bytes` }],
      }
    },
    incinerate: async (scope, id) => see(scope, id) !== null && kept.delete(id),
  }
  const keep = (row: Partial<Kept> & { id: number }) => {
    kept.set(row.id, { ...blank, ...row })
  }
  return { room, asked, keep }
}

const blank: Kept = {
  id: 0,
  status: 'held',
  reason: 'unknown-recipient',
  ingress: 'relay',
  messageId: 'm1@customer.example',
  from: 'carla@customer.example',
  recipients: [{ address: 'reply+00@reply.example.net', learnedFrom: 'envelope' }],
  subject: 'Help',
  size: 42,
  receivedAt: new Date('2026-01-02T03:04:05.678Z'),
  accountId: 1,
  inboxId: null,
  conversationDisplayId: null,
  messageDbId: null,
  attempts: 1,
  incineratesAt: null,
  verdicts: null,
  synthesised: false,
  degraded: null,
  times: {
    received: new Date('2026-01-02T03:04:05.678Z'),
    taken: null,
    read: null,
    judged: null,
    settled: null,
  },
  trace: [{ step: 'conversation', outcome: 'none', detail: 'no such reply address' }],
  raw: Buffer.from('From: carla@customer.example\r\n\r\n\0\xff', 'latin1'),
}
