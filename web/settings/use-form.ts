// The state of a form: what is saved, what was changed, what the server says is wrong with single fields. A change that
// comes from elsewhere meanwhile shows where nothing was written.

import { type SyntheticEvent, useState } from 'react'

import { ApiError } from '../api/client'
import { tell } from '../ui/toast'
import { useWords } from '../words/words'

export interface Form<Values extends object> {
  readonly values: Values
  readonly set: <Name extends keyof Values>(name: Name) => (value: Values[Name]) => void
  /** What is wrong with a field. */
  readonly errorOf: (name: keyof Values & string) => string | undefined
  /** What is wrong with none of the fields in particular. */
  readonly error: string | null
  readonly changes: number
  readonly isBusy: boolean
  readonly submit: (event?: SyntheticEvent) => void
  readonly discard: () => void
}

interface FormOptions<Values extends object> {
  readonly saved: Values
  /** Sends the form. Throws `ApiError`. */
  readonly send: (values: Values) => Promise<unknown>
  /** Says nothing when it is done: what is seen says it. */
  readonly isQuiet?: boolean
}

export function useForm<Values extends object>({ saved, send, isQuiet = false }: FormOptions<Values>): Form<Values> {
  const say = useWords()
  const [edits, setEdits] = useState<Partial<Values>>({})
  const [fault, setFault] = useState<ApiError | null>(null)
  const [isBusy, setBusy] = useState(false)
  const values = { ...saved, ...edits }
  const names = Object.keys(values) as (keyof Values & string)[]
  const isShown = names.some((name) => fault?.fields[name] !== undefined)
  const run = async () => {
    setBusy(true)
    setFault(null)
    try {
      await send(values)
      setEdits({})
      if (!isQuiet) tell({ text: say('common.saved') })
    } catch (error) {
      setFault(error instanceof ApiError ? error : new ApiError(0, String(error)))
    } finally {
      setBusy(false)
    }
  }
  const words = fault?.status === 0 ? say('signIn.offline') : (fault?.message ?? null)
  return {
    values,
    set: (name) => (value) => {
      setEdits((before) => ({ ...before, [name]: value }))
      setFault(null)
    },
    errorOf: (name) => fault?.fields[name],
    error: isShown ? null : words,
    changes: names.filter((name) => values[name] !== saved[name]).length,
    isBusy,
    submit: (event) => {
      event?.preventDefault()
      if (!isBusy) void run()
    },
    discard: () => {
      setEdits({})
      setFault(null)
    },
  }
}
