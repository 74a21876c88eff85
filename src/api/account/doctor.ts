// /doctor and /dns, for administrators of the installation: the findings of `doctor`, and the records to publish in the
// DNS. Administrators of an account see the lookups of its own domains: the other findings are about the server, its
// settings and the mail of all accounts. 422 for what is no domain; 401 for all others.

import { z } from 'zod'

import type { Ledger } from '../../ledger.ts'
import { asciiDomain } from '../../mail/address.ts'
import { found, unprocessable } from '../input/fault.ts'
import { filledText, flag, recordId } from '../input/fields.ts'
import { listOf, named, text } from '../present/kinds.ts'
import { forAdministrator, forInstallation, type Route } from '../request/route.ts'

const recordShape = named('DnsRecord', z.object({ name: text, type: text, value: text }))
const checkShape = named(
  'DoctorCheck',
  z.object({
    name: text,
    ok: z.boolean(),
    attention: z.boolean().optional(),
    detail: text,
    records: listOf(recordShape).optional(),
  }),
)
const adviceShape = z.object({ records: listOf(recordShape.extend({ why: text })), notes: listOf(text) })

/** What the installation knows of itself. */
export interface Doctor {
  /** `withDns`: also the checks that ask DNS and mail servers, which take up to 15 s. */
  readonly examine: (options: { readonly withDns: boolean }) => Promise<readonly z.output<typeof checkShape>[]>
  /** The lookups of the domains of one account, up to 15 s. */
  readonly examineAccount: (accountId: number) => Promise<readonly z.output<typeof checkShape>[]>
  readonly adviseDns: (about: {
    readonly accountId: number | null
    readonly domain: string | null
  }) => Promise<z.output<typeof adviceShape>>
}

interface Deps {
  readonly ledger: Pick<Ledger, 'installation'>
  readonly doctor: Doctor
}

const spec = { tag: 'Installation' } as const
const domainPattern = /^(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/

export function doctorRoutes({ ledger, doctor }: Deps): Route[] {
  return [
    forInstallation(
      'GET /doctor',
      {
        ...spec,
        summary: 'List the findings of doctor; with `dns`, also those of lookups in the DNS',
        takes: { dns: flag },
        answer: z.object({ checks: listOf(checkShape) }),
      },
      async ({ given }) => ({ checks: await doctor.examine({ withDns: given.dns === true }) }),
    ),
    forAdministrator(
      'GET /doctor',
      {
        tag: 'Account',
        summary: 'List the findings of lookups in the DNS about the mail domains of the account; up to 15 seconds',
        answer: z.object({ checks: listOf(checkShape) }),
      },
      async ({ member }) => ({ checks: await doctor.examineAccount(member.account.id) }),
    ),
    forInstallation(
      'GET /dns',
      {
        ...spec,
        summary: 'List the DNS records of the mail domains of the installation, of an account, or of a new domain',
        takes: { account_id: recordId, domain: filledText },
        answer: adviceShape,
      },
      async ({ given }) => {
        const domain = given.domain === undefined ? null : asciiDomain(given.domain)
        if (domain !== null && !domainPattern.test(domain)) throw unprocessable('domain must be a domain name')
        if (given.account_id !== undefined) found(await ledger.installation.findAccount(given.account_id))
        return doctor.adviseDns({ accountId: given.account_id ?? null, domain })
      },
    ),
  ]
}
