// Identifiers that visitors only gave. They stay with the visitor until a proof of the website's server, an agent or an
// import assigns them (docs/adr/0015-visitors-prove-who-they-are.md).

import { toComposed } from '../../db/json.ts'
import type { Sql } from '../../db/pool.ts'
import type { ContactFields } from './contact-fields.ts'

/** The additional attribute that marks a claim. */
export const unverifiedMark = 'claimed_identifier'

/** Additional attributes that show a visitor's claims to agents: a merge drops them. */
export const unverifiedHints = ['claimed_email', 'claimed_phone_number', unverifiedMark]

/** SQL: true if a contact's identifier is unverified. */
export const isUnverifiedSql = `additional_attributes ->> '${unverifiedMark}' = identifier`

/** The identifier that these fields give for certain; null where they give none, or a claim. Never throws. */
export function vouchedIdentifier({ identifier, additionalAttributes }: ContactFields): string | null {
  const given = identifier?.trim() ?? ''
  return given === '' || additionalAttributes?.[unverifiedMark] === given ? null : toComposed(given)
}

/** Removes identifiers from contacts that only claimed them; such a contact stays, marked. Skips `keeperId`. */
export async function releaseUnverifiedIdentifiers(
  sql: Sql,
  {
    accountId,
    identifiers,
    keeperId = null,
  }: { readonly accountId: number; readonly identifiers: readonly string[]; readonly keeperId?: number | null },
): Promise<void> {
  if (identifiers.length === 0) return
  await sql.query(
    `
      update contacts
      set identifier = null, updated_at = now()
      where account_id = $1 and identifier = any($2) and ${isUnverifiedSql} and id is distinct from $3
    `,
    [accountId, identifiers, keeperId],
  )
}
