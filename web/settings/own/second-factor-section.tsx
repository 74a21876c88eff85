// The second factor: a secret for an authenticator app, a code that shows that the app has it, and ten recovery codes,
// which are shown once.

import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'

import { api, ApiError, ask, type Schemas } from '../../api/client'
import { Button } from '../../ui/button'
import { Chip } from '../../ui/chip'
import { Dialog } from '../../ui/dialog'
import { TextField } from '../../ui/field'
import { tell } from '../../ui/toast'
import { useWords } from '../../words/words'
import { Secret, Section } from '../parts'
import { RecordForm } from '../record-list'
import styles from '../settings.module.css'
import { useForm } from '../use-form'
import { secondFactorQuery } from './security-queries'

type Step =
  | { readonly name: 'begun'; readonly made: Schemas['NewSecondFactor'] }
  | { readonly name: 'codes'; readonly codes: readonly string[] }
  | { readonly name: 'off' }

export function SecondFactorSection() {
  const say = useWords()
  const queries = useQueryClient()
  const { data } = useQuery(secondFactorQuery)
  const [step, setStep] = useState<Step | null>(null)
  if (data === undefined) return null
  const close = () => {
    setStep(null)
    void queries.invalidateQueries({ queryKey: secondFactorQuery.queryKey })
  }
  const begin = async () => {
    try {
      setStep({ name: 'begun', made: await ask(api.POST('/api/v1/profile/two_factor')) })
    } catch (error) {
      tell({ text: error instanceof ApiError ? error.message : String(error), isFailure: true })
    }
  }
  return (
    <Section title={say('settings.second')} text={say('settings.secondText')}>
      <div className={styles.row}>
        <div className={styles.words}>
          <div className={styles.name}>
            <Chip look={data.enabled ? 'done' : 'plain'}>{say(data.enabled ? 'settings.on' : 'settings.off')}</Chip>
          </div>
          {data.enabled && (
            <div className={styles.detail}>{say('settings.recoveryLeft', { count: data.recovery_codes_left })}</div>
          )}
        </div>
        {data.enabled ? (
          <Button
            look="danger"
            onClick={() => {
              setStep({ name: 'off' })
            }}
          >
            {say('settings.switchOff')}
          </Button>
        ) : (
          <Button onClick={() => void begin()}>{say('settings.switchOn')}</Button>
        )}
      </div>
      <Dialog title={say('settings.second')} isOpen={step !== null} onClose={close}>
        {step?.name === 'begun' && (
          <Begun
            made={step.made}
            onClose={close}
            onCodes={(codes) => {
              setStep({ name: 'codes', codes })
            }}
          />
        )}
        {step?.name === 'codes' && <Codes codes={step.codes} onClose={close} />}
        {step?.name === 'off' && <Off onClose={close} />}
      </Dialog>
    </Section>
  )
}

interface BegunProps {
  readonly made: Schemas['NewSecondFactor']
  readonly onClose: () => void
  readonly onCodes: (codes: readonly string[]) => void
}

function Begun({ made, onClose, onCodes }: BegunProps) {
  const say = useWords()
  const form = useForm({
    saved: { otp_code: '' },
    isQuiet: true,
    send: async (values) => {
      const { recovery_codes } = await ask(api.POST('/api/v1/profile/two_factor/confirm', { body: values }))
      onCodes(recovery_codes)
    },
  })
  return (
    <RecordForm form={form} onClose={onClose} submit={say('settings.switchOn')}>
      <p>{say('settings.enterSecret')}</p>
      <Secret value={made.secret.replace(/(.{4})(?=.)/g, '$1 ')} label={say('settings.secret')} />
      <a className={styles.link} href={made.otpauth_url}>
        {say('settings.openApp')}
      </a>
      <TextField
        label={say('signIn.code')}
        hint={say('signIn.codeHint')}
        inputMode="numeric"
        autoComplete="one-time-code"
        value={form.values.otp_code}
        onChange={form.set('otp_code')}
        error={form.errorOf('otp_code')}
      />
    </RecordForm>
  )
}

function Codes({ codes, onClose }: { readonly codes: readonly string[]; readonly onClose: () => void }) {
  const say = useWords()
  return (
    <div className={styles.dialog}>
      <p>{say('settings.recoveryText')}</p>
      <ul className={styles.codes} aria-label={say('settings.recoveryCodes')}>
        {codes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ul>
      <div className={styles.dialogActions}>
        <Button onClick={() => void navigator.clipboard.writeText(codes.join('\n'))}>{say('common.copy')}</Button>
        <Button look="primary" onClick={onClose}>
          {say('settings.kept')}
        </Button>
      </div>
    </div>
  )
}

function Off({ onClose }: { readonly onClose: () => void }) {
  const say = useWords()
  const form = useForm({
    saved: { otp_code: '' },
    isQuiet: true,
    send: async (values) => {
      await ask(api.DELETE('/api/v1/profile/two_factor', { body: values }))
      onClose()
    },
  })
  return (
    <RecordForm form={form} onClose={onClose} submit={say('settings.switchOff')}>
      <TextField
        label={say('signIn.code')}
        hint={say('settings.offHint')}
        autoComplete="one-time-code"
        value={form.values.otp_code}
        onChange={form.set('otp_code')}
        error={form.errorOf('otp_code')}
      />
    </RecordForm>
  )
}
