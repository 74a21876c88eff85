// `doctor`: people and addresses, that is held mail, agents who can receive mail, domains and inbox addresses.

import type { Config } from '../../config.ts'
import { countUnconfirmedAddresses } from '../../conversations/domains/inbox-address.ts'
import { createReplyDomains, findOutdatedInboxes } from '../../conversations/domains/reply-domains.ts'
import { countMailableAgents } from '../../conversations/people/first-start.ts'
import type { Database } from '../../db/open.ts'
import { readBalance } from '../../store/health.ts'
import { type Finding, look, pass } from './finding.ts'

interface Reporter {
  readonly config: Config
  readonly database: Database
}

/** Mail that waits for a person. */
export async function examineHeld({ database }: Reporter): Promise<Finding> {
  const { held } = await readBalance(database.pool)
  return held === 0
    ? pass('none')
    : look(
        `${String(held)} ${held === 1 ? 'mail waits' : 'mails wait'} for a person: see "rethread inbound list ` +
          '--status held", then "rethread inbound file ID CONVERSATION"',
      )
}

/** True if an agent receives notices of incoming mail. */
export async function examineAgents({ database }: Reporter): Promise<Finding> {
  const count = await countMailableAgents(database.pool)
  return count === 0
    ? look(
        'no agent has an address that can receive mail, so no one is notified of new mail. Add one: rethread ' +
          'account add-agent ID EMAIL',
      )
    : pass(`${String(count)} can receive notices by mail`)
}

/** The domain of new reply addresses, and former ones that are still accepted. */
export async function examineDomains({ config, database }: Reporter): Promise<Finding> {
  const domains = await createReplyDomains({ pool: database.pool, replyDomain: config.INBOUND_EMAIL_DOMAIN }).listAll()
  const former = domains
    .filter(({ isCurrent }) => !isCurrent)
    .map(({ domain, acceptedUntil }) => `${domain} until ${acceptedUntil.toISOString().slice(0, 10)}`)
  const current = `new addresses are at ${config.INBOUND_EMAIL_DOMAIN}`
  return pass(former.length === 0 ? current : `${current}; former domains are accepted: ${former.join(', ')}`)
}

/** Inboxes whose address is not confirmed, or at a former domain. */
export async function examineInboxAddresses({ config, database }: Reporter): Promise<Finding> {
  const outdated = await findOutdatedInboxes(database.pool, config.INBOUND_EMAIL_DOMAIN)
  const count = await countUnconfirmedAddresses(database.pool)
  const says = [
    ...outdated.map(
      ({ accountId, inboxId, name, email, domain }) =>
        `inbox ${name} still has ${email}, at a former domain; customers see it: rethread inbox set ` +
        `${String(accountId)} ${String(inboxId)} --email ${email.slice(0, email.indexOf('@'))}@${domain}`,
    ),
    ...(count === 0
      ? []
      : [`${String(count)} wait for the code that was mailed to them, and receive nothing until it is entered`]),
  ]
  return says.length === 0 ? pass('all are confirmed') : look(says.join('; '))
}
