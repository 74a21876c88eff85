// One field of a form: its name, what it is for, and what the server says is wrong with it, tied together for screen
// readers. In settings the name stands beside the field, in narrow forms above it.

import {
  createContext,
  type InputHTMLAttributes,
  type ReactNode,
  type TextareaHTMLAttributes,
  useContext,
  useId,
} from 'react'

import styles from './field.module.css'

interface FieldProps {
  readonly label: string
  readonly hint?: ReactNode
  /** What is wrong with it. */
  readonly error?: string | undefined
}

/** Whether the names of fields stand above them. */
const Stacked = createContext(false)

export function StackedFields({ children }: { readonly children: ReactNode }) {
  return <Stacked value={true}>{children}</Stacked>
}

interface Ties {
  readonly id: string
  readonly 'aria-describedby': string | undefined
  readonly 'aria-invalid': boolean
}

function Field({ label, hint, error, children }: FieldProps & { readonly children: (ties: Ties) => ReactNode }) {
  const id = useId()
  const described = [hint === undefined ? [] : [`${id}-hint`], error === undefined ? [] : [`${id}-error`]].flat()
  const ties: Ties = {
    id,
    'aria-describedby': described.length === 0 ? undefined : described.join(' '),
    'aria-invalid': error !== undefined,
  }
  return (
    <div className={useContext(Stacked) ? styles.stack : styles.row}>
      <div className={styles.label}>
        <label htmlFor={id}>{label}</label>
        {hint !== undefined && (
          <span id={`${id}-hint`} className={styles.hint}>
            {hint}
          </span>
        )}
      </div>
      <div className={styles.control}>
        {children(ties)}
        {error !== undefined && (
          <span id={`${id}-error`} className={styles.error} role="alert">
            {error}
          </span>
        )}
      </div>
    </div>
  )
}

type InputProps = FieldProps &
  Omit<InputHTMLAttributes<HTMLInputElement>, 'onChange'> & {
    readonly value: string
    readonly onChange: (value: string) => void
  }

export function TextField({ label, hint, error, onChange, ...input }: InputProps) {
  return (
    <Field label={label} hint={hint} {...(error === undefined ? {} : { error })}>
      {(ties) => (
        <input
          {...ties}
          {...input}
          className={styles.input}
          onChange={({ target }) => {
            onChange(target.value)
          }}
        />
      )}
    </Field>
  )
}

type AreaProps = FieldProps &
  Omit<TextareaHTMLAttributes<HTMLTextAreaElement>, 'onChange'> & {
    readonly value: string
    readonly onChange: (value: string) => void
  }

export function AreaField({ label, hint, error, onChange, ...area }: AreaProps) {
  return (
    <Field label={label} hint={hint} error={error}>
      {(ties) => (
        <textarea
          {...ties}
          {...area}
          className={styles.input}
          onChange={({ target }) => {
            onChange(target.value)
          }}
        />
      )}
    </Field>
  )
}

interface SelectProps extends FieldProps {
  readonly value: string
  readonly choices: readonly { readonly value: string; readonly name: string }[]
  readonly onChange: (value: string) => void
  readonly disabled?: boolean
}

export function SelectField({ label, hint, error, value, choices, onChange, disabled }: SelectProps) {
  return (
    <Field label={label} hint={hint} error={error}>
      {(ties) => (
        <select
          {...ties}
          className={styles.input}
          value={value}
          disabled={disabled}
          onChange={({ target }) => {
            onChange(target.value)
          }}
        >
          {choices.map((choice) => (
            <option key={choice.value} value={choice.value}>
              {choice.name}
            </option>
          ))}
        </select>
      )}
    </Field>
  )
}

interface CheckProps {
  readonly label: string
  readonly hint?: string
  readonly isOn: boolean
  readonly onChange: (isOn: boolean) => void
  readonly disabled?: boolean
}

/** A box that is ticked or not. */
export function CheckField({ label, hint, isOn, onChange, disabled }: CheckProps) {
  return (
    <label className={styles.check}>
      <input
        type="checkbox"
        checked={isOn}
        disabled={disabled}
        onChange={({ target }) => {
          onChange(target.checked)
        }}
      />
      <span>
        {label}
        {hint !== undefined && <span className={styles.hint}>{hint}</span>}
      </span>
    </label>
  )
}
