// The registry of one-time links: each purpose with its action. A new purpose is a line here, and its mail one in
// delivery/send-link.ts.

import { type Pool, queryOne, type Tx, withDeadlockRetry } from '../../db/pool.ts'
import type { LinkOutcome, LinkQuestion } from '../links/link-page.ts'
import { consumeLink, findLink, type Link, type LinkPurpose } from '../links/one-time-links.ts'
import { askStop, stopAnswer } from '../messages/stop-answer.ts'
import { acceptInvitation } from '../people/invitations.ts'
import { confirmAddress } from '../people/user-address.ts'
import { proveAddress } from './prove-address.ts'

interface Deps {
  readonly pool: Pool
  /** INBOUND_EMAIL_DOMAIN. */
  readonly replyDomain: string
}

interface Purpose {
  readonly ask: (link: Link & { readonly accountName: string }) => LinkQuestion
  /** Runs in the transaction that consumes the link; false = the link has no effect any more. */
  readonly action: (tx: Tx, link: Link, deps: Deps) => Promise<boolean>
  /** The page's text afterwards. */
  readonly done: string
}

const purposes: Readonly<Partial<Record<LinkPurpose, Purpose>>> = {
  'confirm-user-email': {
    ask: ({ email }) => ({
      title: 'Confirm your address',
      sentence: `Somebody asked to use ${email} for their account here. Confirm it if that was you.`,
      button: 'Confirm this address',
    }),
    action: (tx, link, { replyDomain }) => confirmAddress(tx, link, replyDomain),
    done: 'Your address is confirmed.',
  },
  'accept-invitation': {
    ask: ({ email, accountName }) => ({
      title: 'Accept the invitation',
      sentence: `${email} was invited to work in the account “${accountName}”.`,
      button: 'Accept the invitation',
    }),
    action: (tx, link) => acceptInvitation(tx, link),
    done: 'You have accepted the invitation.',
  },
  'prove-contact-address': {
    ask: ({ email, accountName }) => ({
      title: 'Is this chat yours?',
      sentence:
        `A visitor in a chat of ${accountName} gave the address ${email}. If you confirm that it was you, ` +
        'that chat shows the mails that you write from this address and the answers to them. Do not confirm a ' +
        'chat that you did not begin.',
      button: 'Yes, this chat is mine',
    }),
    action: (tx, { subjectId, email }) => proveAddress(tx, subjectId, email),
    done: 'Thank you. The chat shows your mails now.',
  },
}

/** Shows and performs the action of a link. */
export function createOpenedLinks(deps: Deps) {
  return {
    /** The action that the link would perform; null = none. Changes nothing: mail scanners open links, too. */
    async askLink(code: string): Promise<LinkQuestion | null> {
      const link = await findLink(deps.pool, code)
      if (link === null) return null
      const account = await queryOne<{ name: string }>(deps.pool, 'select name from accounts where id = $1', [
        link.accountId,
      ])
      if (link.purpose === 'stop-answer') return askStop(deps.pool, link)
      return purposes[link.purpose]?.ask({ ...link, accountName: account?.name ?? '' }) ?? null
    },

    /**
     * Consumes the link and performs its action, both or neither, once. The link that stops an answer is not consumed:
     * it has an effect while the answer waits, and says afterwards what became of it. Null: it is not valid any more.
     */
    openLink: (code: string): Promise<LinkOutcome | null> =>
      withDeadlockRetry(deps.pool, async (tx) => {
        const found = await findLink(tx, code)
        if (found?.purpose === 'stop-answer') return stopAnswer(tx, found)
        const link = await consumeLink(tx, code, Object.keys(purposes))
        const purpose = link === null ? undefined : purposes[link.purpose]
        if (link === null || purpose === undefined || !(await purpose.action(tx, link, deps))) return null
        return { done: true, title: 'Done', sentence: purpose.done, words: null }
      }),
  }
}
