// The account itself: GET for every member, PATCH for administrators. 422 {message, attributes} names what is wrong.

import type { AccountChanges } from '../../conversations/people/accounts.ts'
import type { AccountRow } from '../../conversations/records/rows.ts'
import type { Ledger } from '../../ledger.ts'
import { saved } from '../input/fault.ts'
import { filledText, flag, object, text } from '../input/fields.ts'
import { accountShape, presentAccount } from '../present/account.ts'
import { forAdministrator, forMember, type Given, type Route } from '../request/route.ts'
import { changeFeatures } from './features.ts'

const accountFields = {
  name: text,
  locale: filledText,
  domain: text,
  support_email: text,
  transport: text,
  auto_resolve_after: text,
  auto_resolve_message: text,
  auto_resolve_ignore_waiting: flag,
  auto_resolve_label: text,
  reporting_timezone: text,
  /** Conversations of other channels than email may continue by mail. */
  email_continuity: flag,
  custom_attributes: object,
  features: object,
}

export function accountRoutes(ledger: Pick<Ledger, 'accounts'>): Route[] {
  return [
    forMember('GET ', { tag: 'Account', summary: 'Get the account', answer: accountShape }, ({ member }) =>
      presentAccount(member.account),
    ),
    forAdministrator(
      'UPDATE ',
      { tag: 'Account', summary: 'Update the account', takes: accountFields, under: 'account', answer: accountShape },
      async ({ member, given }) => {
        const { account, user } = member
        const changes = changesOf(given, user.installationAdministrator ? account : null)
        const by = user.installationAdministrator ? 'installation' : 'account'
        return presentAccount(saved(await ledger.accounts.updateAccount(account, changes, by)))
      },
    ),
  ]
}

// Only administrators of the installation change features; `account` is null when the caller is not one.
function changesOf(fields: Given<typeof accountFields>, account: AccountRow | null): AccountChanges {
  const features =
    account === null || fields.features === undefined
      ? {}
      : { features: changeFeatures(account.features, fields.features) }
  const settings = {
    ...(fields.auto_resolve_after === undefined ? {} : { auto_resolve_after: minutesOf(fields.auto_resolve_after) }),
    ...given(fields, 'auto_resolve_message'),
    ...given(fields, 'auto_resolve_ignore_waiting'),
    ...given(fields, 'auto_resolve_label'),
    ...given(fields, 'reporting_timezone'),
    ...given(fields, 'email_continuity'),
  }
  return {
    ...(fields.name === undefined ? {} : { name: fields.name ?? '' }),
    locale: fields.locale,
    domain: fields.domain,
    supportEmail: fields.support_email,
    transport: fields.transport,
    settings,
    customAttributes: fields.custom_attributes,
    ...features,
  }
}

// A setting, if it was given; blank removes it.
function given<Name extends keyof Given<typeof accountFields>>(fields: Given<typeof accountFields>, name: Name) {
  const value = fields[name]
  return value === undefined ? {} : { [name]: value === '' ? null : value }
}

function minutesOf(value: string | null): number | null {
  return value === null || value.trim() === '' ? null : Number(value)
}
