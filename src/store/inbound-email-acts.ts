// What a person may do with an accepted mail: run it again, file it by hand, take that back, ask what would become of one, incinerate.
// The belt and the ledger are handed in: rooms do not know each other.

import { inTransaction, queryOne, type Pool, type Tx } from '../db/pool.ts'
import { MailError } from '../errors.ts'
import type { Envelope, Peer } from '../mail/envelope.ts'
import { giveBack } from './claim.ts'
import { createInboundEmails, type InboundEmail, type Scope } from './inbound-email.ts'
import type { StoredMail } from './insert-group.ts'

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
}

const foreign = { status: 'held' as const, reason: 'unknown-recipient', accountId: null, conversationDisplayId: null, trace: [{ step: 'recipient', outcome: 'none', detail: 'no address of this account is addressed' }] }

export function createInboundEmailActs(pool: Pool, belt: BeltActs, messages: MessageActs) {
  const rows = createInboundEmails(pool)

  const settleAgain = async (mail: StoredMail, run: () => Promise<unknown>): Promise<void> => {
    try {
      await run()
    } catch (error) {
      await giveBack(pool, mail, error instanceof Error ? error.message : String(error))
      throw error
    }
  }

  return {
    list: rows.list,
    find: rows.find,
    readRaw: rows.readRaw,
    replay: async (scope: Scope, id: number): Promise<InboundEmail | null> => {
      const mail = await rows.take(scope, id)
      if (mail !== null) {
        const [result] = await belt.belt([mail], Promise.resolve())
        if (result !== undefined && result.error !== null) await giveBack(pool, mail, result.error instanceof Error ? result.error.message : String(result.error))
      }
      return rows.find(scope, id)
    },
    file: async (scope: Scope, id: number, into: { readonly accountId: number | null; readonly conversationDisplayId: number }): Promise<InboundEmail | null> => {
      const known = await rows.find(scope, id)
      const accountId = into.accountId ?? known?.accountId ?? null
      const conversation = await queryOne<{ id: number }>(pool, 'select id from conversations where account_id = $1 and display_id = $2', [accountId, into.conversationDisplayId])
      if (known === null || conversation === null || accountId === null) return null
      const mail = await rows.take(scope, id)
      if (mail === null) throw new MailError('conflict', `inbound email ${String(id)} is ${known.status}`, { publicMessage: `This mail is ${known.status}; only held, ignored and failed mail can be filed` })
      await settleAgain(mail, () => belt.file(mail, { conversationId: conversation.id, accountId }))
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
    explain: async (scope: Scope, request: { readonly raw: Buffer; readonly sender: string | null; readonly recipients: readonly string[] }) => {
      const { decision, accountId, conversationId, trace } = await belt.explain({ raw: request.raw, envelope: { reversePath: request.sender, recipients: request.recipients }, peer: { address: null, helo: null, trusted: true }, ingress: 'relay' })
      // Whose address it is must not be learned by asking.
      if (scope.accountId !== null && accountId !== null && accountId !== scope.accountId) return foreign
      const status = decision.act === 'hold' ? ('held' as const) : decision.act === 'ignore' ? ('ignored' as const) : ('delivered' as const)
      const conversation = conversationId === null ? null : await queryOne<{ display_id: number }>(pool, 'select display_id from conversations where id = $1', [conversationId])
      return { status, reason: decision.reason, accountId, conversationDisplayId: conversation?.display_id ?? null, trace }
    },
    incinerate: (scope: Scope, id: number): Promise<boolean> => rows.incinerate(scope, id, messages.erase),
  }
}
