// What a person may do with an accepted mail: run it again, file it by hand, take that back, ask what would become of one, incinerate.
// The belt and the ledger are handed in: rooms do not know each other.

import { inTransaction, queryOne, type Pool, type Tx } from '../db/pool.ts'
import { MailError } from '../errors.ts'
import type { Envelope, Peer } from '../mail/envelope.ts'
import { giveBack } from './feed/claim.ts'
import { fetchAgain } from './fetch-mail.ts'
import { createInboundEmails, type InboundEmail, type Scope } from './inbound-email.ts'
import type { StoredMail } from './door/insert-group.ts'

interface Judgement {
  readonly decision: { readonly act: string; readonly reason: string }
  readonly accountId: number | null
  readonly conversationId: number | null
  readonly trace: readonly { readonly step: string; readonly outcome: string; readonly detail: string }[]
}

/** The belt as this room needs it. */
export interface BeltActs {
  readonly belt: (mails: readonly StoredMail[], turn: Promise<void>) => Promise<readonly { readonly inboundEmailId: number; readonly error: unknown }[]>
  readonly file: (mail: StoredMail, into: { conversationId: number; accountId: number }) => Promise<void>
  readonly explain: (mail: { raw: Buffer; envelope: Envelope; peer: Peer; ingress: string }) => Promise<Judgement>
}

/** What the ledger does to a message that was made of a mail. */
export interface MessageActs {
  readonly remove: (tx: Tx, inboundEmailId: number) => Promise<boolean>
  readonly erase: (tx: Tx, inboundEmailId: number) => Promise<void>
  /** There is work to do. */
  readonly onWork: () => void
}

interface Into {
  /** Null = the mail's own account. */
  readonly accountId: number | null
  readonly conversationDisplayId: number
}

interface ExplainRequest {
  readonly raw: Buffer
  readonly sender: string | null
  readonly recipients: readonly string[]
}

const foreign = { status: 'held' as const, reason: 'unknown-recipient', accountId: null, conversationDisplayId: null, trace: [{ step: 'recipient', outcome: 'none', detail: 'no address of this account is addressed' }] }

export function createInboundEmailActs(pool: Pool, belt: BeltActs, messages: MessageActs) {
  const rows = createInboundEmails(pool)
  return {
    list: rows.list,
    find: rows.find,
    readRaw: rows.readRaw,
    replay: async (scope: Scope, id: number): Promise<InboundEmail | null> => {
      if (await fetchAgain(pool, scope, id)) messages.onWork()
      const mail = await rows.take(scope, id)
      const [result] = mail === null ? [] : await belt.belt([mail], Promise.resolve())
      if (mail !== null && result !== undefined && result.error !== null) await giveBack(pool, mail, result.error)
      return rows.find(scope, id)
    },
    file: async (scope: Scope, id: number, into: Into): Promise<InboundEmail | null> => {
      const known = await rows.find(scope, id)
      const target = known === null ? null : await findTarget(pool, { accountId: into.accountId ?? known.accountId, displayId: into.conversationDisplayId })
      if (known === null || target === null) return null
      const mail = await rows.take(scope, id)
      if (mail === null) throw new MailError('conflict', `inbound email ${String(id)} is ${known.status}`, { publicMessage: `This mail is ${known.status}; only held, ignored and failed mail can be filed` })
      try {
        await belt.file(mail, target)
      } catch (error) {
        await rows.putBack(id, known)
        throw error
      }
      return rows.find({ accountId: null }, id)
    },
    unfile: async (scope: Scope, id: number): Promise<InboundEmail | null> => {
      const known = await rows.find(scope, id)
      if (known === null) return null
      if (known.reason !== 'filed-by-hand') throw new MailError('conflict', `inbound email ${String(id)} was not filed by hand`, { publicMessage: 'This mail was not filed by hand, so there is nothing to take back' })
      await inTransaction(pool, async (tx) => {
        await messages.remove(tx, id)
        await rows.markTakenBack(tx, id)
      })
      return rows.find(scope, id)
    },
    explain: (scope: Scope, request: ExplainRequest) => explain(pool, belt, { scope, request }),
    incinerate: (scope: Scope, id: number): Promise<boolean> => rows.incinerate(scope, id, messages.erase),
  }
}

async function findTarget(pool: Pool, place: { accountId: number | null; displayId: number }): Promise<{ conversationId: number; accountId: number } | null> {
  const row = await queryOne<{ id: number; account_id: number }>(pool, 'select id, account_id from conversations where account_id = $1 and display_id = $2', [place.accountId, place.displayId])
  return row === null ? null : { conversationId: row.id, accountId: row.account_id }
}

async function explain(pool: Pool, belt: BeltActs, { scope, request }: { scope: Scope; request: ExplainRequest }) {
  // As if a trusted relay had handed it over.
  const peer = { address: null, helo: null, trusted: true }
  const { decision, accountId, conversationId, trace } = await belt.explain({ raw: request.raw, envelope: { reversePath: request.sender, recipients: request.recipients }, peer, ingress: 'relay' })
  // Whose address it is must not be learned by asking.
  if (scope.accountId !== null && accountId !== null && accountId !== scope.accountId) return foreign
  const status = decision.act === 'hold' ? ('held' as const) : decision.act === 'ignore' ? ('ignored' as const) : ('delivered' as const)
  const conversation = conversationId === null ? null : await queryOne<{ display_id: number }>(pool, 'select display_id from conversations where id = $1', [conversationId])
  return { status, reason: decision.reason, accountId, conversationDisplayId: conversation?.display_id ?? null, trace }
}
