// What pages of settings are made of: a heading, sections, a form with one foot that says what is to be saved.

import { type ReactNode, useEffect } from 'react'

import { Button } from '../ui/button'
import { CopyButton } from '../ui/copy-button'
import { useWords } from '../words/words'
import styles from './settings.module.css'
import type { Form } from './use-form'

interface PageProps {
  readonly title: string
  readonly text?: string
  /** The one action of the page. */
  readonly action?: ReactNode
  readonly children: ReactNode
}

export function Page({ title, text, action, children }: PageProps) {
  useEffect(() => {
    document.title = `${title} · Rethread`
  }, [title])
  return (
    <div className={styles.inner}>
      <header className={styles.headRow}>
        <div className={styles.head}>
          <h1>{title}</h1>
          {text !== undefined && <p>{text}</p>}
        </div>
        {action}
      </header>
      {children}
    </div>
  )
}

interface SectionProps {
  readonly title: string
  readonly text?: string
  readonly children: ReactNode
}

export function Section({ title, text, children }: SectionProps) {
  return (
    <section className={styles.section}>
      <h2>{title}</h2>
      {text !== undefined && <p>{text}</p>}
      {children}
    </section>
  )
}

interface SettingsFormProps {
  readonly form: Pick<Form<object>, 'submit' | 'discard' | 'changes' | 'isBusy' | 'error'>
  readonly children: ReactNode
}

/** A form whose foot shows how much is changed; nothing is saved before that is asked for. */
export function SettingsForm({ form, children }: SettingsFormProps) {
  const say = useWords()
  return (
    <form className={styles.form} onSubmit={form.submit}>
      {children}
      {(form.changes > 0 || form.error !== null) && (
        <footer className={styles.foot}>
          {form.error === null ? (
            <span className={styles.count}>{say('settings.changes', { count: form.changes })}</span>
          ) : (
            <span className={styles.failed} role="alert">
              {form.error}
            </span>
          )}
          <Button onClick={form.discard}>{say('settings.discard')}</Button>
          <Button type="submit" look="primary" disabled={form.isBusy}>
            {say('common.save')}
          </Button>
        </footer>
      )}
    </form>
  )
}

/** A secret that is shown once, with a button that copies it. */
export function Secret({ value, label }: { readonly value: string; readonly label: string }) {
  return (
    <div className={styles.secret}>
      <code aria-label={label}>{value}</code>
      <CopyButton text={value} />
    </div>
  )
}
