// Accepted mail as people handle it: the store, the pipeline and the conversations, put together for the API.

import type { Config } from '../config.ts'
import type { InboundEmail, Scope } from '../contracts/inbound-email.ts'
import { type Candidate, findCandidates, findStoredWords } from '../conversations/candidates/candidates.ts'
import { eraseMessageOf, removeConversationOf, removeMessageOf } from '../conversations/erasure/erase-messages.ts'
import { toComposed } from '../db/json.ts'
import type { Pool } from '../db/pool.ts'
import { type FilingClues, readClues } from '../mail/filing-clues.ts'
import { messageText } from '../mail/message-text.ts'
import type { ParsedMail } from '../mail/parsed-mail.ts'
import { maskReplyAddresses } from '../mail/reply-address.ts'
import type { createPipeline } from '../pipeline.ts'
import type { Lookup } from '../routing/lookup.ts'
import type { Accept } from '../store/accept.ts'
import { createStoredMailActions } from '../store/stored-mail-actions.ts'
import { retentionOf } from './limits.ts'
import { createSubmitMail } from './submit-mail.ts'
import { createQueueLimit } from './turns.ts'

export interface InboundEmailActionDeps {
  readonly config: Config
  readonly pool: Pool
  readonly pipeline: ReturnType<typeof createPipeline>
  readonly lookup: Pick<Lookup, 'findThreads'>
  readonly accept: Accept
  /** There is work to do. */
  readonly onWork: () => void
  /** There are new events for live streams. */
  readonly onChange: () => void
}

interface Reading {
  readonly mail: ParsedMail
  /** The words that were stored and those of today, masked, where they differ. */
  readonly changed: { readonly stored: string; readonly today: string } | null
}

export function createInboundEmailActions({
  config,
  pool,
  pipeline,
  lookup,
  accept,
  onWork,
  onChange,
}: InboundEmailActionDeps) {
  const actions = createStoredMailActions({
    pool,
    pipeline,
    messages: {
      remove: removeMessageOf,
      removeOpened: removeConversationOf,
      erase: eraseMessageOf,
      onWork,
      onChange,
    },
    retention: retentionOf(config),
  })
  // A whole mail is in memory while it is read, and the parser is there for the mail that arrives.
  const runLimited = createQueueLimit({ atOnce: 2, waiting: 20 })
  const readAgain = (scope: Scope, email: InboundEmail): Promise<ParsedMail | null> =>
    runLimited(async () => {
      const stored = await actions.readStored(scope, email.id)
      return stored === null ? null : pipeline.read(stored)
    })
  return {
    ...actions,
    ...createSubmitMail({ actions, accept, explain: pipeline.explain }),
    /** Null: no such mail in this scope. */
    candidates: async (scope: Scope, id: number): Promise<readonly Candidate[] | null> => {
      const email = await actions.find(scope, id)
      if (email === null) return null
      if (email.accountId === null) return []
      const clues = readClues((await readAgain(scope, email)) ?? cluesOf(email))
      return findCandidates(pool, {
        accountId: email.accountId,
        clues,
        threadIds: await threadsOf(lookup, email.accountId, clues),
        ...(scope.agent === undefined ? {} : { agent: scope.agent }),
      })
    },
    /** The parser's result today; null: no such mail in this scope, or its raw bytes are gone. */
    parse: async (scope: Scope, id: number): Promise<Reading | null> => {
      const email = await actions.find(scope, id)
      const mail = email === null ? null : await readAgain(scope, email)
      if (mail === null) return null
      const stored = await findStoredWords(pool, id)
      const today = toComposed(maskReplyAddresses(messageText(mail)))
      return { mail, changed: stored === null || stored === today || today === '' ? null : { stored, today } }
    },
  }
}

// The clues that remain without the raw bytes.
function cluesOf({ from, subject }: InboundEmail): Parameters<typeof readClues>[0] {
  return {
    inReplyTo: [],
    references: [],
    from: from === null ? null : { address: from, name: '' },
    subject: subject ?? '',
    replyText: '',
    text: '',
  }
}

async function threadsOf(
  lookup: Pick<Lookup, 'findThreads'>,
  accountId: number,
  { messageIds }: FilingClues,
): Promise<number[]> {
  if (messageIds.length === 0) return []
  const threads = await lookup.findThreads(messageIds)
  return threads.flatMap(({ conversation }) => (conversation.account.id === accountId ? [conversation.id] : []))
}
