// /login: a link by mail, or a password; then the second factor, if there is one. A person who is signed in, just now
// or before, goes on to where they wanted to be.

import { useQuery } from '@tanstack/react-query'
import { useRouter, useSearch } from '@tanstack/react-router'
import { useEffect, useState } from 'react'

import { profileQuery } from '../api/session'
import { Button } from '../ui/button'
import { StackedFields, TextField } from '../ui/field'
import { useWords } from '../words/words'
import { Card } from './card'
import { CodeForm } from './code-form'
import { askForLink, enterByCode, enterByPassword, type Outcome } from './enter'
import styles from './sign-in.module.css'
import { useSubmit } from './use-submit'

type Step =
  { readonly name: 'address' } | { readonly name: 'mailed' } | { readonly name: 'code'; readonly token: string }

export function LoginPage() {
  const say = useWords()
  const { back } = useSearch({ from: '/login' })
  const { history } = useRouter()
  const [step, setStep] = useState<Step>({ name: 'address' })
  const [email, setEmail] = useState('')
  const { data: profile } = useQuery(profileQuery)
  const isIn = Boolean(profile)
  useEffect(() => {
    if (isIn) history.replace(back ?? '/')
  }, [isIn, history, back])
  const goOn = (outcome: Outcome) => {
    if (!outcome.isIn) setStep({ name: 'code', token: outcome.token ?? '' })
  }
  if (step.name === 'mailed')
    return (
      <Card title={say('signIn.mailed')} text={say('signIn.mailedText', { email })}>
        <Button
          onClick={() => {
            setStep({ name: 'address' })
          }}
        >
          {say('signIn.otherAddress')}
        </Button>
      </Card>
    )
  if (step.name === 'code')
    return (
      <Card title={say('signIn.second')} text={say('signIn.secondText')}>
        <CodeForm
          submit={say('signIn.signIn')}
          onCode={async (code) => {
            goOn(await enterByCode(step.token, code))
          }}
        />
      </Card>
    )
  return (
    <Card title={say('signIn.title')} {...(back === undefined ? {} : { text: say('signIn.ended') })}>
      <AddressForm
        email={email}
        setEmail={setEmail}
        onPassword={async (password) => {
          goOn(await enterByPassword(email, password))
        }}
        onLink={async () => {
          await askForLink(email)
          setStep({ name: 'mailed' })
        }}
      />
    </Card>
  )
}

interface AddressFormProps {
  readonly email: string
  readonly setEmail: (email: string) => void
  readonly onPassword: (password: string) => Promise<void>
  readonly onLink: () => Promise<void>
}

function AddressForm({ email, setEmail, onPassword, onLink }: AddressFormProps) {
  const say = useWords()
  const [hasPassword, setHasPassword] = useState(false)
  const [password, setPassword] = useState('')
  const { isBusy, error, on, clear } = useSubmit()
  const write = (set: (value: string) => void) => (value: string) => {
    set(value)
    clear()
  }
  const shown = error ?? undefined
  return (
    <form className={styles.form} onSubmit={on(() => (hasPassword ? onPassword(password) : onLink()))}>
      <StackedFields>
        <TextField
          label={say('signIn.email')}
          type="email"
          name="email"
          autoComplete="username"
          autoFocus
          required
          value={email}
          onChange={write(setEmail)}
          error={hasPassword ? undefined : shown}
        />
        {hasPassword && (
          <TextField
            label={say('signIn.password')}
            type="password"
            name="password"
            autoComplete="current-password"
            autoFocus
            required
            value={password}
            onChange={write(setPassword)}
            error={shown}
          />
        )}
      </StackedFields>
      <div className={styles.actions}>
        <Button type="submit" look="primary" disabled={isBusy}>
          {say(hasPassword ? 'signIn.signIn' : 'signIn.sendLink')}
        </Button>
        <Button
          look="quiet"
          onClick={() => {
            setHasPassword(!hasPassword)
            clear()
          }}
        >
          {say(hasPassword ? 'signIn.useLink' : 'signIn.usePassword')}
        </Button>
      </div>
    </form>
  )
}
