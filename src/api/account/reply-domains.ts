// …/reply_domains: under which domains, and former addresses of inboxes, mail is accepted, and until when.
// Administrators see those of their account; those of the installation are its administrators'. DELETE ends the
// acceptance of a former one.

import { z } from 'zod'

import type { FormerAddress, ReplyDomain } from '../../conversations/domains/reply-domains.ts'
import type { Ledger } from '../../ledger.ts'
import { found, notFound, unprocessable } from '../input/fault.ts'
import { id, listOf, text } from '../present/kinds.ts'
import { forAdministrator, forInstallation, type Route } from '../request/route.ts'

const spec = { tag: 'Reply domains' } as const
const domainShape = z.object({
  domain: text,
  account_id: id.nullable(),
  state: z.enum(['current', 'former']),
  accepted_until: text,
})
const addressShape = z.object({ email: text, inbox_id: id, accepted_until: text })

export function replyDomainRoutes({ replyDomains }: Pick<Ledger, 'replyDomains'>): Route[] {
  const remove = async (accountId: number | null, domain: string | undefined): Promise<undefined> => {
    const outcome = await replyDomains.remove(accountId, domain ?? '')
    if (outcome === 'unknown') throw notFound()
    if (outcome === 'in-use') throw unprocessable(`${String(domain)} is in use: only a former domain can be removed`)
    return undefined
  }
  return [
    forAdministrator(
      'GET /reply_domains',
      {
        ...spec,
        summary: 'List the domains and former inbox addresses at which the account’s mail is accepted',
        answer: z.object({ payload: listOf(domainShape), former_addresses: listOf(addressShape) }),
      },
      async ({ member }) => ({
        payload: (await replyDomains.listOfAccount(member.account.id)).map(presentDomain),
        former_addresses: (await replyDomains.listAddresses(member.account.id)).map(presentAddress),
      }),
    ),
    forAdministrator(
      'DELETE /reply_domains/:domain',
      { ...spec, summary: 'Stop accepting mail to a former domain of the account' },
      ({ member, params }) => remove(member.account.id, params['domain']),
    ),
    forAdministrator(
      'DELETE /former_addresses/:email',
      { ...spec, summary: 'Stop accepting mail to a former address of an inbox' },
      async ({ member, params }) => {
        found((await replyDomains.removeAddress(member.account.id, params['email'] ?? '')) ? true : null)
        return undefined
      },
    ),
    forInstallation(
      'GET /installation/reply_domains',
      {
        ...spec,
        summary: 'List every domain at which mail is accepted, with its account',
        answer: z.object({ payload: listOf(domainShape) }),
      },
      async () => ({ payload: (await replyDomains.listAll()).map(presentDomain) }),
    ),
    forInstallation(
      'DELETE /installation/reply_domains/:domain',
      { ...spec, summary: 'Stop accepting mail to a former domain of the installation' },
      ({ params }) => remove(null, params['domain']),
    ),
  ]
}

function presentDomain({ domain, accountId, isCurrent, acceptedUntil }: ReplyDomain): z.output<typeof domainShape> {
  const state = isCurrent ? 'current' : 'former'
  return { domain, account_id: accountId, state, accepted_until: acceptedUntil.toISOString() }
}

function presentAddress({ email, inboxId, acceptedUntil }: FormerAddress): z.output<typeof addressShape> {
  return { email, inbox_id: inboxId, accepted_until: acceptedUntil.toISOString() }
}
