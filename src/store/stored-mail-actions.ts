// A person's actions on an accepted mail: replay, file by hand, undo the filing, explain, incinerate. The pipeline and
// the conversations are passed in: domain modules do not import each other.

import type { Verdict } from '../contracts/decision.ts'
import type { InboundEmail, Scope } from '../contracts/inbound-email.ts'
import type { StoredMail } from '../contracts/stored-mail.ts'
import { inTransaction, type Pool, queryOne, type Tx, withDeadlockRetry } from '../db/pool.ts'
import { MailError } from '../errors.ts'
import type { Envelope, Peer } from '../mail/envelope.ts'
import { returnMail } from './feed/claim.ts'
import { fetchAgain } from './fetch-mail.ts'
import { findTarget, getAgent, getInbox, wasSentOn } from './filing-targets.ts'
import { createInboundEmails } from './inbound-email.ts'
import type { Retention } from './inbound-email-row.ts'
import {
  type AsideAction,
  blockSender,
  deleteBlockedSender,
  discard,
  listBlockedSenders,
  unblockSender,
  undiscard,
} from './set-aside.ts'

/** The pipeline as the store needs it. */
export interface PipelineActions {
  readonly processBatch: (
    mails: readonly StoredMail[],
    turn: Promise<void>,
  ) => Promise<readonly { readonly inboundEmailId: number; readonly error: unknown }[]>
  readonly file: (
    mail: StoredMail,
    into: { conversationId: number; accountId: number; agentId: number | null },
  ) => Promise<void>
  readonly open: (mail: StoredMail, into: { inboxId: number; accountId: number }) => Promise<void>
  readonly explain: (mail: { raw: Buffer; envelope: Envelope; peer: Peer; ingress: string }) => Promise<Verdict>
}

/** The actions on a message that was made from a mail. */
export interface MessageActions {
  readonly remove: (tx: Tx, inboundEmailId: number) => Promise<boolean>
  /** Removes the conversation that was opened for it; false when something else has happened in it. */
  readonly removeOpened: (tx: Tx, inboundEmailId: number) => Promise<boolean>
  readonly erase: (tx: Tx, inboundEmailId: number) => Promise<void>
  /** There is work to do. */
  readonly onWork: () => void
  /** There are new events for live streams. */
  readonly onChange: () => void
}

interface Into {
  /** Null = the mail's own account. */
  readonly accountId: number | null
  readonly conversationDisplayId: number
  /** Send it on to the customer, as the answer of the agent who wrote it. */
  readonly sendAsAgent?: boolean
}

interface ExplainRequest {
  readonly raw: Buffer
  readonly sender: string | null
  readonly recipients: readonly string[]
}

const foreign = {
  status: 'held' as const,
  reason: 'unknown-recipient',
  accountId: null,
  conversationDisplayId: null,
  trace: [{ step: 'recipient', outcome: 'none', detail: 'no address of this account is addressed' }],
}

interface Deps {
  readonly pool: Pool
  readonly pipeline: PipelineActions
  readonly messages: MessageActions
  readonly retention: Retention
}

export function createStoredMailActions({ pool, pipeline, messages, retention }: Deps) {
  const rows = createInboundEmails(pool, retention)
  const fileByHand = async (
    known: InboundEmail,
    scope: Scope,
    { apply, done }: { readonly apply: (mail: StoredMail) => Promise<void>; readonly done: string },
  ): Promise<InboundEmail | null> => {
    const mail = await rows.take(scope, known.id)
    if (mail === null) throw notUndelivered(known, done)
    try {
      await apply(mail)
      messages.onWork()
    } catch (error) {
      await rows.putBack(known.id, known)
      throw error
    }
    return rows.find({ accountId: null }, known.id)
  }
  return {
    list: rows.list,
    countNeeding: rows.countNeeding,
    find: rows.find,
    ...createSettingAside({ pool, messages }, rows.find),
    readRaw: rows.readRaw,
    readStored: rows.readStored,
    replay: async (scope: Scope, id: number): Promise<InboundEmail | null> => {
      if ((await rows.find(scope, id)) === null) return null
      if (await fetchAgain(pool, scope, id)) messages.onWork()
      const mail = await rows.take(scope, id)
      const [result] = mail === null ? [] : await pipeline.processBatch([mail], Promise.resolve())
      if (mail !== null && result !== undefined && result.error !== null) await returnMail(pool, mail, result.error)
      return rows.find(scope, id)
    },
    file: async (scope: Scope, id: number, into: Into): Promise<InboundEmail | null> => {
      const known = await rows.find(scope, id)
      if (known === null) return null
      const target = await findTarget(pool, scope, {
        accountId: into.accountId ?? known.accountId,
        displayId: into.conversationDisplayId,
      })
      if (target === null) return null
      const agentId = into.sendAsAgent === true ? await getAgent(pool, { ...target, address: known.from }) : null
      return fileByHand(known, scope, { apply: (mail) => pipeline.file(mail, { ...target, agentId }), done: 'filed' })
    },
    open: async (scope: Scope, id: number, inboxId: number | null): Promise<InboundEmail | null> => {
      const known = await rows.find(scope, id)
      if (known === null) return null
      const inbox = await getInbox(pool, scope, { known, inboxId })
      return fileByHand(known, scope, { apply: (mail) => pipeline.open(mail, inbox), done: 'opened' })
    },
    unopen: async (scope: Scope, id: number): Promise<InboundEmail | null> => {
      const known = await rows.find(scope, id)
      if (known === null) return null
      if (known.reason !== 'opened-by-hand')
        throw new MailError('conflict', `inbound email ${String(id)} was not opened by hand`, {
          publicMessage: 'No conversation was opened for this mail by hand, so there is nothing to take back',
        })
      await withDeadlockRetry(pool, async (tx) => {
        if (!(await messages.removeOpened(tx, id)))
          throw new MailError('conflict', `something has happened since inbound email ${String(id)} was opened`, {
            publicMessage: 'Something else has happened in this conversation since it was opened, so it stays',
          })
        await rows.markTakenBack(tx, id)
      })
      messages.onChange()
      return rows.find(scope, id)
    },
    unfile: async (scope: Scope, id: number): Promise<InboundEmail | null> => {
      const known = await rows.find(scope, id)
      if (known === null) return null
      if (known.reason !== 'filed-by-hand')
        throw new MailError('conflict', `inbound email ${String(id)} was not filed by hand`, {
          publicMessage: 'This mail was not filed by hand, so there is nothing to take back',
        })
      if (await wasSentOn(pool, id))
        throw new MailError('conflict', `inbound email ${String(id)} was sent on`, {
          publicMessage: 'This mail was sent on to the customer as an agent’s answer, and cannot be taken back',
        })
      await inTransaction(pool, async (tx) => {
        await messages.remove(tx, id)
        await rows.markTakenBack(tx, id)
      })
      messages.onChange()
      return rows.find(scope, id)
    },
    explain: (scope: Scope, request: ExplainRequest) => explain(pool, pipeline, { scope, request }),
    incinerate: (scope: Scope, id: number): Promise<boolean> => rows.incinerate(scope, id, messages.erase),
  }
}

function createSettingAside(
  { pool, messages }: Pick<Deps, 'pool' | 'messages'>,
  find: (scope: Scope, id: number) => Promise<InboundEmail | null>,
) {
  const settingAside =
    (change: (pool: Pool, action: AsideAction) => Promise<boolean>) =>
    async (scope: Scope, id: number, performer: AsideAction['performer']): Promise<InboundEmail | null> => {
      const isThere = await change(pool, { scope, id, performer })
      messages.onChange()
      return isThere ? find(scope, id) : null
    }
  return {
    discard: settingAside(discard),
    undiscard: settingAside(undiscard),
    block: settingAside(blockSender),
    unblock: settingAside(unblockSender),
    listBlocked: (accountId: number) => listBlockedSenders(pool, accountId),
    deleteBlocked: (accountId: number, id: number) => deleteBlockedSender(pool, accountId, id),
  }
}

function notUndelivered({ id, status }: InboundEmail, done: string): MailError {
  return new MailError('conflict', `inbound email ${String(id)} is ${status}`, {
    publicMessage: `This mail is ${status}; only held, ignored and failed mail can be ${done}`,
  })
}

async function explain(
  pool: Pool,
  pipeline: PipelineActions,
  { scope, request }: { scope: Scope; request: ExplainRequest },
) {
  // As if a trusted relay had handed it over.
  const peer = { address: null, helo: null, trusted: true }
  const { decision, accountId, conversationId, trace } = await pipeline.explain({
    raw: request.raw,
    envelope: { reversePath: request.sender, recipients: request.recipients },
    peer,
    ingress: 'relay',
  })
  // The answer must not reveal the owner of an address.
  if (scope.accountId !== null && accountId !== null && accountId !== scope.accountId) return foreign
  const status = statusAfter(decision.action)
  const conversation =
    conversationId === null
      ? null
      : await queryOne<{ display_id: number }>(pool, 'select display_id from conversations where id = $1', [
          conversationId,
        ])
  return { status, reason: decision.reason, accountId, conversationDisplayId: conversation?.display_id ?? null, trace }
}

function statusAfter(action: string): 'held' | 'ignored' | 'delivered' {
  if (action === 'hold') return 'held'
  return action === 'ignore' ? 'ignored' : 'delivered'
}
