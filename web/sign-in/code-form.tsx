// The second factor: six digits of the authenticator app, or one of the recovery codes.

import { useState } from 'react'

import { Button } from '../ui/button'
import { StackedFields, TextField } from '../ui/field'
import { useWords } from '../words/words'
import type { Code } from './enter'
import styles from './sign-in.module.css'
import { useSubmit } from './use-submit'

interface CodeFormProps {
  readonly onCode: (code: Code) => Promise<void>
  readonly submit: string
}

export function CodeForm({ onCode, submit }: CodeFormProps) {
  const say = useWords()
  const [isRecovery, setRecovery] = useState(false)
  const [code, setCode] = useState('')
  const { isBusy, error, on, clear } = useSubmit()
  return (
    <form className={styles.form} onSubmit={on(() => onCode(isRecovery ? { backup_code: code } : { otp_code: code }))}>
      <StackedFields>
        <TextField
          key={String(isRecovery)}
          label={say(isRecovery ? 'signIn.recoveryCode' : 'signIn.code')}
          hint={say(isRecovery ? 'signIn.recoveryHint' : 'signIn.codeHint')}
          error={error ?? undefined}
          value={code}
          onChange={(value) => {
            setCode(value)
            clear()
          }}
          autoFocus
          required
          autoComplete="one-time-code"
          inputMode={isRecovery ? 'text' : 'numeric'}
          spellCheck={false}
        />
      </StackedFields>
      <div className={styles.actions}>
        <Button type="submit" look="primary" disabled={isBusy}>
          {submit}
        </Button>
        <Button
          look="quiet"
          onClick={() => {
            setRecovery(!isRecovery)
            setCode('')
            clear()
          }}
        >
          {say(isRecovery ? 'signIn.useApp' : 'signIn.useRecovery')}
        </Button>
      </div>
    </form>
  )
}
