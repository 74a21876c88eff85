// `doctor --dns`: the addresses of MAIL_HOST, and their names (PTR), which have to lead back to the same address.

import { noteOnReverse } from '../../dns/advice.ts'
import { type Lookups, reverseName } from '../../dns/lookups.ts'
import type { MailRoute } from '../../dns/mail-route.ts'
import { fail, type Finding, look, pass } from '../finding.ts'
import { notLookedUp } from './not-looked-up.ts'

/** Never throws. */
export async function examineReverse(route: MailRoute, lookups: Lookups): Promise<Finding> {
  const { mailHost, wayOut } = route
  if (wayOut.kind === 'provider' || wayOut.kind === 'api') return pass(noteOnReverse(route))
  if (mailHost === null)
    return look('MAIL_HOST is not set: the address from which mail leaves, and its reverse DNS, are not known')
  const found = await lookups.addresses(mailHost)
  if (found.is === 'unknown') return notLookedUp(`the addresses of ${mailHost}`, found.why)
  if (found.is === 'none')
    return fail(`MAIL_HOST ${mailHost} has no address: mail for it does not arrive, and its own mail is refused.`, [
      { name: mailHost, type: 'A', value: 'PUBLIC-ADDRESS' },
    ])
  const findings = await Promise.all(found.records.map((address) => examineAddress(address, mailHost, lookups)))
  const worst = findings.find(({ ok }) => !ok) ?? findings.find(({ attention }) => attention === true)
  return worst ?? pass(findings.map(({ detail }) => detail).join('; '))
}

async function examineAddress(address: string, mailHost: string, lookups: Lookups): Promise<Finding> {
  const wanted = [{ name: reverseName(address), type: 'PTR', value: `${mailHost}.` }] as const
  const names = await lookups.names(address)
  if (names.is === 'unknown') return notLookedUp(`the name of ${address}`, names.why)
  if (names.is === 'none')
    return fail(
      `${address} has no name (PTR): many servers refuse mail from it. The owner of the address sets it, usually in ` +
        'the panel of the host.',
      wanted,
    )
  const back = await Promise.all(names.records.map((name) => lookups.addresses(name)))
  if (back.some((one) => one.is === 'found' && one.records.includes(address)))
    return pass(`${address} is ${names.records.join(', ')}`)
  const unknown = back.find((one) => one.is === 'unknown')
  if (unknown?.is === 'unknown') return notLookedUp(`the addresses of ${names.records.join(', ')}`, unknown.why)
  return fail(
    `${address} has the name ${names.records.join(', ')}, which does not have this address: many servers refuse mail ` +
      'from it.',
    wanted,
  )
}
