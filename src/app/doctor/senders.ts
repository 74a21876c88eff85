// `doctor`: sender authentication. Is an AUTHSERV_ID trusted, did the server write Authentication-Results on the mail
// that came, and does it remove forged ones (RFC 8601 §5; docs/adr/0008)?

import type { Config } from '../../config.ts'
import type { Database } from '../../db/open.ts'
import { hasStrayResults, readTrustedResults } from '../../mail/authentication/trusted-results.ts'
import { splitHead } from '../../mail/header/split-head.ts'
import { readRelayedHeads } from '../../store/relayed-heads.ts'
import { type Finding, look } from './finding.ts'

const mailsLookedAt = 50
/** Fewer mails without results may be coincidence. */
const mailsToJudge = 3

/** Looks at the latest mail of trusted relays. Throws when the database is away. */
export async function examineSenders({
  config: { AUTHSERV_ID: authservId, SENDER_CHECK: isChecking },
  database,
}: {
  readonly config: Config
  readonly database: Database
}): Promise<Finding> {
  if (authservId === undefined && isChecking)
    return {
      ok: true,
      detail:
        'Rethread checks the senders of mail that comes straight from the internet, or from a relay that names the ' +
        'client by XFORWARD. Of other relays AUTHSERV_ID has to be set, or no sender is verified',
    }
  if (authservId === undefined)
    return look(
      'AUTHSERV_ID is not set and SENDER_CHECK is off: no sender is verified, and agents cannot answer from a mail ' +
        'client',
    )
  const server = { authservIds: [authservId.toLowerCase()] }
  const heads = await readRelayedHeads(database.pool, mailsLookedAt)
  const mails = heads.map(({ inboundEmailId, head }) => ({ inboundEmailId, fields: splitHead(head).fields }))
  const stray = mails.find(({ fields }) => hasStrayResults(fields, server))
  if (stray !== undefined)
    return {
      ok: false,
      detail:
        `inbound email ${String(stray.inboundEmailId)} bears Authentication-Results of ${authservId} below a ` +
        'Received line of another host: the relay has to take out those that come from outside (RFC 8601 §5), ' +
        'or anyone can forge them',
    }
  const readings = mails.map(({ fields }) => readTrustedResults(fields, server))
  const written = readings.filter(({ results }) => results !== null).length
  if (written === 0 && mails.length >= mailsToJudge)
    return {
      ok: false,
      detail:
        `none of the last ${String(mails.length)} mails of trusted relays has Authentication-Results of ` +
        `${authservId} on top (${readings[0]?.endedBy ?? 'no such field'} comes first): the relay has to ` +
        'write them, under that name',
    }
  const unreadable = readings.some(({ results }) => results !== null && results.unreadable > 0)
  if (unreadable) return look(`some Authentication-Results of ${authservId} cannot be read, and authenticate no sender`)
  return {
    ok: true,
    detail:
      `the Authentication-Results of ${authservId} count; ${String(written)} of the last ` +
      `${String(mails.length)} mails of trusted relays have them. The relay has to take out those that come ` +
      'from outside',
  }
}
