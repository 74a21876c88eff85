// The account: its name, the addresses that its mail stands under, and when conversations are resolved automatically.

import { queryOptions, useQuery, useQueryClient } from '@tanstack/react-query'

import { api, ask, type Schemas } from '../../api/client'
import { useAccountId } from '../../shell/go'
import { AreaField, TextField } from '../../ui/field'
import { useWords } from '../../words/words'
import { Page, Section, SettingsForm } from '../parts'
import { useForm } from '../use-form'
import { TransportField, useHasTransports } from './transport-field'

const accountQuery = (accountId: number) =>
  queryOptions({
    queryKey: ['account', accountId],
    queryFn: () => ask(api.GET('/api/v1/accounts/{accountId}', { params: { path: { accountId } } })),
  })

export function AccountPage() {
  const { data } = useQuery(accountQuery(useAccountId()))
  return data === undefined ? null : <AccountForm account={data} />
}

function AccountForm({ account }: { readonly account: Schemas['Account'] }) {
  const say = useWords()
  const queries = useQueryClient()
  const accountId = account.id
  const form = useForm({
    saved: {
      name: account.name,
      support_email: account.support_email ?? '',
      domain: account.domain ?? '',
      transport: account.transport ?? '',
      auto_resolve_after: textOf(account.settings['auto_resolve_after']),
      auto_resolve_message: textOf(account.settings['auto_resolve_message']),
    },
    send: async ({ auto_resolve_after: minutes, ...values }) => {
      const body = { ...values, auto_resolve_after: minutes.trim() === '' ? null : Number(minutes) }
      const path = '/api/v1/accounts/{accountId}'
      const changed = await ask(api.PATCH(path, { params: { path: { accountId } }, body }))
      queries.setQueryData(accountQuery(accountId).queryKey, changed)
    },
  })
  const { values, set, errorOf } = form
  const hasTransports = useHasTransports(values.transport)
  return (
    <Page title={say('settings.account')} text={say('settings.accountText')}>
      <SettingsForm form={form}>
        <Section title={say('settings.general')}>
          <TextField label={say('settings.name')} value={values.name} onChange={set('name')} error={errorOf('name')} />
        </Section>
        <Section title={say('settings.addresses')}>
          <TextField
            label={say('settings.replyDomain')}
            hint={say('settings.replyDomainHint')}
            value={values.domain}
            onChange={set('domain')}
            error={errorOf('domain')}
            spellCheck={false}
          />
          <TextField
            label={say('settings.supportEmail')}
            hint={say('settings.supportEmailHint')}
            type="email"
            value={values.support_email}
            onChange={set('support_email')}
            error={errorOf('support_email')}
          />
        </Section>
        {hasTransports && (
          <Section title={say('settings.sending')}>
            <TransportField
              value={values.transport}
              usual={(name) => say('settings.transportDefault', { name })}
              onChange={set('transport')}
              error={errorOf('transport')}
            />
          </Section>
        )}
        <Section title={say('settings.autoResolve')}>
          <TextField
            label={say('settings.autoResolveAfter')}
            hint={say('settings.autoResolveAfterHint')}
            inputMode="numeric"
            value={values.auto_resolve_after}
            onChange={set('auto_resolve_after')}
            error={errorOf('auto_resolve_after')}
          />
          <AreaField
            label={say('settings.autoResolveMessage')}
            hint={say('settings.autoResolveMessageHint')}
            value={values.auto_resolve_message}
            onChange={set('auto_resolve_message')}
            error={errorOf('auto_resolve_message')}
          />
        </Section>
      </SettingsForm>
    </Page>
  )
}

function textOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
}
