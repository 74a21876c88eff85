// Submits a mail that a person writes or pastes, as an MTA would: accepted in the same way, before the answer. Its
// source is untrusted, so nothing in it authenticates its author.

import { randomUUID } from 'node:crypto'

import type { Verdict } from '../contracts/decision.ts'
import type { InboundEmail, Scope } from '../contracts/inbound-email.ts'
import type { StoredMail } from '../contracts/stored-mail.ts'
import { MailError } from '../errors.ts'
import { synthesise } from '../mail/synthesise.ts'
import type { Accept } from '../store/accept.ts'

export interface SubmittedMail {
  readonly raw: Buffer
  readonly sender: string | null
  readonly recipients: readonly string[]
}

/** A mail composed by a person, instead of raw bytes. */
export interface Composed {
  readonly from: string
  readonly to: readonly string[]
  readonly subject: string
  readonly text: string
  /** Message-ID of the mail that it answers, or null. */
  readonly inReplyTo: string | null
}

interface Deps {
  readonly actions: { readonly find: (scope: Scope, id: number) => Promise<InboundEmail | null> }
  readonly accept: Accept
  readonly explain: (mail: Omit<StoredMail, 'id' | 'attempts' | 'waits' | 'waitsFor'>) => Promise<Verdict>
}

const ingress = 'api'
const peer = { address: null, helo: null, trusted: false }
const patienceMs = 5_000
const pauseMs = 40

/** A whole mail with a Message-ID of its own. Never throws. */
function composeMail({ from, to, subject, text, inReplyTo }: Composed): Buffer {
  const domain = from.slice(from.lastIndexOf('@') + 1).replace(/[^\w.-]/g, '') || 'localhost'
  const reference = inReplyTo === null ? [] : ([['In-Reply-To', `<${inReplyTo}>`]] as const)
  return synthesise({
    headers: [
      ['From', from],
      ['To', to.join(', ')],
      ['Subject', subject],
      ['Date', new Date().toUTCString()],
      ['Message-ID', `<${randomUUID()}@${domain}>`],
      ...reference,
    ],
    text,
    html: null,
    attachments: [],
  })
}

export function createSubmitMail({ actions, accept, explain }: Deps) {
  return {
    compose: composeMail,
    /**
     * The mail once it is settled, or as far as it came in five seconds. Throws `MailError` when it is not for the
     * account.
     */
    submitMail: async (scope: Scope, { raw, sender, recipients }: SubmittedMail): Promise<InboundEmail | null> => {
      const envelope = { reversePath: sender, recipients }
      if (scope.accountId !== null) {
        const { accountId, siblings } = await explain({ raw, envelope, peer, ingress })
        if (accountId !== scope.accountId || siblings.length > 0) throw notForThis()
      }
      const { id } = await accept({ raw, envelope, peer, ingress })
      return settled(() => actions.find(scope.accountId === null ? scope : { accountId: null }, id))
    },
  }
}

async function settled(find: () => Promise<InboundEmail | null>): Promise<InboundEmail | null> {
  const end = Date.now() + patienceMs
  for (;;) {
    const email = await find()
    const isUnderWay = email?.status === 'pending' || email?.status === 'processing'
    if (!isUnderWay || Date.now() > end) return email
    await new Promise((resolve) => setTimeout(resolve, pauseMs))
  }
}

function notForThis(): MailError {
  return new MailError('malformed', 'a mail for another account was handed over', {
    publicMessage: 'No recipient of this mail is an address of your account alone, so it would not arrive here',
  })
}
