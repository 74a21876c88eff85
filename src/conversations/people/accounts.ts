// Accounts: their settings, checked before they are written. A reply domain belongs to one account only.

import { type Db, withLock } from '../../db/client.ts'
import type { Pool } from '../../db/pool.ts'
import { isEmailAddress } from '../../mail/address.ts'
import { findDomainProblem, findSupportAddressProblem } from '../domains/inbox-address.ts'
import { type Problem, type Saved, taken } from '../records/problem.ts'
import { toAccountRow } from '../records/row-mapping.ts'
import type { AccountRow, Json } from '../records/rows.ts'
import { defined, findProblems, isLine, isTooMuch, type Rule } from '../records/save.ts'
import { isTimezone } from '../records/time-zone.ts'
import { findTransportProblems } from '../records/transport-name.ts'
import { isUniqueViolation } from '../records/unique.ts'

export interface AccountChanges {
  readonly name?: string | undefined
  readonly locale?: string | undefined
  /** '' or null takes the domain away. */
  readonly domain?: string | null | undefined
  readonly supportEmail?: string | null | undefined
  /** The name of a transport; '' or null: the default. */
  readonly transport?: string | null | undefined
  /** Merged into the existing ones. */
  readonly settings?: Json | undefined
  /** Merged into the existing ones. */
  readonly customAttributes?: Json | undefined
  readonly features?: readonly string[] | undefined
}

const domainPattern = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/
const autoResolveRange = { min: 10, max: 1_439_856 }

interface Deps {
  readonly db: Db
  readonly pool: Pool
  /** That of accounts without one: no account may claim it. */
  readonly replyDomain: string
  /** Names of the transports that are configured. */
  readonly transports: readonly string[]
}

export function createAccounts({ db, pool, replyDomain, transports }: Deps) {
  return {
    /** Saves the given fields, or returns the errors and saves nothing. */
    async updateAccount(
      account: AccountRow,
      given: AccountChanges,
      by: 'account' | 'installation' = 'installation',
    ): Promise<Saved<AccountRow>> {
      const changes = normalise(
        given.customAttributes === undefined
          ? given
          : { ...given, customAttributes: { ...account.customAttributes, ...given.customAttributes } },
      )
      const problems = [
        ...validate(changes, account.domain === replyDomain ? null : replyDomain),
        ...findTransportProblems(changes.transport, transports),
      ]
      if (problems.length > 0) return { problems }
      const elsewhere = await findProblemsElsewhere({ pool, replyDomain, by }, account, changes)
      if (elsewhere.length > 0) return { problems: elsewhere }
      try {
        const { settings, features, customAttributes, ...columns } = changes
        const record = await withLock(db, { table: 'accounts', id: account.id }, async (tx) => {
          const now = toAccountRow(await tx.account.findUniqueOrThrow({ where: { id: account.id } }))
          const merged = {
            ...(settings === undefined ? {} : { settings: { ...now.settings, ...settings } as object }),
            ...(customAttributes === undefined
              ? {}
              : { customAttributes: { ...now.customAttributes, ...given.customAttributes } as object }),
          }
          return tx.account.update({
            where: { id: account.id },
            data: defined({ ...columns, ...merged, ...(features === undefined ? {} : { features: [...features] }) }),
          })
        })
        return { saved: toAccountRow(record) }
      } catch (error) {
        if (isUniqueViolation(error)) return { problems: [taken('domain')] }
        throw error
      }
    },
  }
}

function normalise(changes: AccountChanges): AccountChanges {
  const { domain, supportEmail, transport } = changes
  return {
    ...changes,
    ...(domain === undefined ? {} : { domain: blankToNull(domain)?.toLowerCase().replace(/\.$/, '') ?? null }),
    ...(supportEmail === undefined ? {} : { supportEmail: blankToNull(supportEmail) }),
    ...(transport === undefined ? {} : { transport: blankToNull(transport) }),
  }
}

function blankToNull(text: string | null): string | null {
  return text === null || text.trim() === '' ? null : text.trim()
}

const rules: readonly Rule<AccountChanges>[] = [
  ['name', "can't be blank", ({ name }) => name?.trim() === ''],
  ['name', 'is too long (maximum is 255 characters)', ({ name }) => (name ?? '').length > 255],
  ['name', 'is invalid', ({ name }) => !isLine(name)],
  [
    'locale',
    'is not a known language',
    ({ locale }) => locale !== undefined && !/^[a-z]{2,3}([_-][A-Za-z]{2,4})?$/.test(locale),
  ],
  ['domain', 'is not a domain name', ({ domain }) => typeof domain === 'string' && !domainPattern.test(domain)],
  [
    'support_email',
    'is not an email address',
    ({ supportEmail }) => typeof supportEmail === 'string' && !hasAddress(supportEmail),
  ],
  [
    'auto_resolve_after',
    `must be between ${String(autoResolveRange.min)} and ${String(autoResolveRange.max)} minutes`,
    ({ settings }) => !isAutoResolve(settings?.['auto_resolve_after']),
  ],
  [
    'auto_resolve_message',
    'is too long (maximum is 10000 characters)',
    ({ settings }) => isLongerThan(settings?.['auto_resolve_message'], 10_000),
  ],
  ['reporting_timezone', 'is invalid', ({ settings }) => !isZone(settings?.['reporting_timezone'])],
  ['custom_attributes', 'is too long', ({ customAttributes }) => isTooMuch(customAttributes)],
]

function validate(changes: AccountChanges, reservedDomain: string | null): Problem[] {
  const problems = findProblems(rules, changes)
  return reservedDomain !== null && changes.domain === reservedDomain ? [...problems, taken('domain')] : problems
}

// A domain gives its account the mail of every address at it, a support address is the sender of its mail: neither may
// belong to another.
async function findProblemsElsewhere(
  { pool, replyDomain, by }: Pick<Deps, 'pool' | 'replyDomain'> & { readonly by: 'account' | 'installation' },
  account: AccountRow,
  { domain, supportEmail }: AccountChanges,
): Promise<Problem[]> {
  const isChanged = domain !== undefined && domain !== account.domain
  if (isChanged && by === 'account')
    return [{ attribute: 'domain', message: 'can be changed by an administrator of the installation only' }]
  const email = addressOf(supportEmail ?? '').toLowerCase()
  const found = await Promise.all([
    isChanged && domain !== null ? findDomainProblem(pool, account.id, domain) : null,
    email === '' || supportEmail === account.supportEmail
      ? null
      : findSupportAddressProblem(pool, { accountId: account.id, email, replyDomain }),
  ])
  return found.filter((problem) => problem !== null)
}

// "Acme Support <help@acme.example>" is fine.
function hasAddress(text: string): boolean {
  return text.length <= 320 && isEmailAddress(addressOf(text))
}

function addressOf(text: string): string {
  return /<([^<>]*)>\s*$/.exec(text)?.[1] ?? text
}

function isAutoResolve(minutes: unknown): boolean {
  if (minutes === undefined || minutes === null) return true
  return (
    typeof minutes === 'number' &&
    Number.isInteger(minutes) &&
    minutes >= autoResolveRange.min &&
    minutes <= autoResolveRange.max
  )
}

function isLongerThan(text: unknown, most: number): boolean {
  return typeof text === 'string' && text.length > most
}

function isZone(zone: unknown): boolean {
  return zone === undefined || zone === null || (typeof zone === 'string' && isTimezone(zone))
}
