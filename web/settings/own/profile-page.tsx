// One's name, address, picture and signature.

import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useRef } from 'react'

import { api, ask } from '../../api/client'
import { type Profile, profileQuery } from '../../api/session'
import { Avatar } from '../../ui/avatar'
import { Button } from '../../ui/button'
import { AreaField, TextField } from '../../ui/field'
import { tell } from '../../ui/toast'
import { useWords } from '../../words/words'
import { Page, Section, SettingsForm } from '../parts'
import styles from '../settings.module.css'
import { useForm } from '../use-form'

export function ProfilePage() {
  const { data: profile } = useQuery(profileQuery)
  return profile ? <ProfileForm profile={profile} /> : null
}

function ProfileForm({ profile }: { readonly profile: Profile }) {
  const say = useWords()
  const queries = useQueryClient()
  const form = useForm({
    saved: {
      name: profile.name,
      display_name: profile.display_name ?? '',
      email: profile.email,
      message_signature: profile.message_signature ?? '',
    },
    send: async (values) => {
      queries.setQueryData(profileQuery.queryKey, await ask(api.PATCH('/api/v1/profile', { body: values })))
    },
  })
  const { values, set, errorOf } = form
  const waiting = profile.unconfirmed_email
  return (
    <Page title={say('settings.profile')} text={say('settings.profileText')}>
      <Picture profile={profile} />
      <SettingsForm form={form}>
        <Section title={say('settings.you')}>
          <TextField label={say('settings.name')} value={values.name} onChange={set('name')} error={errorOf('name')} />
          <TextField
            label={say('settings.displayName')}
            hint={say('settings.displayNameHint')}
            value={values.display_name}
            onChange={set('display_name')}
            error={errorOf('display_name')}
          />
          <TextField
            label={say('settings.email')}
            hint={waiting === undefined ? say('settings.emailHint') : say('settings.emailWaits', { email: waiting })}
            type="email"
            value={values.email}
            onChange={set('email')}
            error={errorOf('email')}
          />
        </Section>
        <Section title={say('settings.signature')}>
          <AreaField
            label={say('settings.signatureText')}
            hint={say('settings.signatureHint')}
            value={values.message_signature}
            onChange={set('message_signature')}
            error={errorOf('message_signature')}
          />
        </Section>
      </SettingsForm>
    </Page>
  )
}

function Picture({ profile }: { readonly profile: Profile }) {
  const say = useWords()
  const queries = useQueryClient()
  const input = useRef<HTMLInputElement>(null)
  const keep = async (request: Promise<Response>) => {
    const response = await request.catch(() => null)
    const body: unknown = await response?.json().catch(() => null)
    if (response?.ok === true) queries.setQueryData(profileQuery.queryKey, body as Profile)
    else tell({ text: say('settings.pictureFailed'), isFailure: true })
  }
  const send = (file: File) => {
    const body = new FormData()
    body.append('avatar', file)
    void keep(fetch('/api/v1/profile', { method: 'PATCH', body, credentials: 'same-origin' }))
  }
  return (
    <div className={styles.picture}>
      <Avatar name={profile.available_name} url={profile.avatar_url} />
      <input
        ref={input}
        type="file"
        accept="image/png,image/jpeg,image/gif,image/webp"
        hidden
        onChange={({ target }) => {
          const [file] = target.files ?? []
          if (file !== undefined) send(file)
          target.value = ''
        }}
      />
      <Button onClick={() => input.current?.click()}>{say('settings.changePicture')}</Button>
      {profile.avatar_url !== '' && (
        <Button
          look="quiet"
          onClick={() => void keep(fetch('/api/v1/profile/avatar', { method: 'DELETE', credentials: 'same-origin' }))}
        >
          {say('settings.removePicture')}
        </Button>
      )}
    </div>
  )
}
