// The answer of `rethread dns`: all records of the domains in use, or of a new reply domain. Nothing is looked up.

import type { Config } from '../../config.ts'
import type { Sql } from '../../db/pool.ts'
import { organisationOf } from '../../mail/authentication/alignment.ts'
import { type Advice, adviseAll, noteOnReverse } from './advice.ts'
import { isLocalDomain, type MailRoute, readMailRoute, readServers } from './mail-route.ts'

interface About {
  /** Null: of all accounts. */
  readonly accountId: number | null
  /** A reply domain that is not in use yet. */
  readonly domain: string | null
}

/** Throws when the database does not answer. */
export async function adviseDns(
  { sql, config }: { readonly sql: Sql; readonly config: Config },
  { accountId, domain }: About,
): Promise<{ records: Advice[]; notes: string[] }> {
  const route =
    domain === null
      ? await readMailRoute(sql, { config, accountId })
      : { domains: newDomain(domain), ...readServers(config) }
  const isPublic = (name: string): boolean => !isLocalDomain(name)
  const domains = {
    ...route.domains,
    reply: route.domains.reply.filter(isPublic),
    sending: route.domains.sending.filter(isPublic),
  }
  return { records: adviseAll({ ...route, domains }), notes: notesOn({ ...route, domains }) }
}

function newDomain(domain: string): MailRoute['domains'] {
  return { reply: [domain], sending: [organisationOf(domain)], agents: [] }
}

function notesOn(route: MailRoute): string[] {
  const { domains, mailHost, wayOut } = route
  return [
    ...(domains.reply.length === 0
      ? ['The reply domain exists on this machine only. Choose one, and name it: rethread dns reply.example.com']
      : []),
    ...(mailHost === null ? ['MAIL_HOST is not set: YOUR-MAIL-SERVER stands for the name of your mail server.'] : []),
    ...(wayOut.kind === 'outbox' ? ['OUTBOUND_SMTP_URL is not set: SPF names the server at which mail arrives.'] : []),
    noteOnReverse(route),
  ]
}
