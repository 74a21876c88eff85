// Setting a password, or another one. The old one is asked for unless one has just come by a link.

import { useQuery, useQueryClient } from '@tanstack/react-query'

import { api, ask } from '../../api/client'
import { TextField } from '../../ui/field'
import { useWords } from '../../words/words'
import { Section, SettingsForm } from '../parts'
import { useForm } from '../use-form'
import { secondFactorQuery, sessionsQuery } from './security-queries'

const empty = { password: '', password_confirmation: '', current_password: '' }

export function PasswordSection() {
  const say = useWords()
  const queries = useQueryClient()
  const { data } = useQuery(secondFactorQuery)
  const form = useForm({
    saved: empty,
    send: async (values) => {
      await ask(api.PUT('/api/v1/profile/password', { body: values }))
      await Promise.all(
        [secondFactorQuery, sessionsQuery].map(({ queryKey }) => queries.invalidateQueries({ queryKey })),
      )
    },
  })
  const { values, set, errorOf } = form
  const hasOne = data?.password_set === true
  return (
    <SettingsForm form={form}>
      <Section title={say('settings.password')} text={say(hasOne ? 'settings.passwordSet' : 'settings.passwordNone')}>
        {hasOne && (
          <TextField
            label={say('settings.currentPassword')}
            hint={say('settings.currentPasswordHint')}
            type="password"
            autoComplete="current-password"
            value={values.current_password}
            onChange={set('current_password')}
            error={errorOf('current_password')}
          />
        )}
        <TextField
          label={say('settings.newPassword')}
          hint={say('settings.newPasswordHint')}
          type="password"
          autoComplete="new-password"
          value={values.password}
          onChange={set('password')}
          error={errorOf('password')}
        />
        <TextField
          label={say('settings.repeatPassword')}
          type="password"
          autoComplete="new-password"
          value={values.password_confirmation}
          onChange={set('password_confirmation')}
          error={errorOf('password_confirmation')}
        />
      </Section>
    </SettingsForm>
  )
}
