// Over which transport mail leaves. Shown where there is a choice.

import { useQuery } from '@tanstack/react-query'

import { transportsQuery } from '../../api/transports'
import { useAccountId } from '../../shell/go'
import { SelectField } from '../../ui/field'
import { useWords } from '../../words/words'

interface TransportFieldProps {
  /** '' = not chosen. */
  readonly value: string
  /** What that means. */
  readonly usual: (defaultName: string) => string
  readonly onChange: (value: string) => void
  readonly error?: string | undefined
}

export function TransportField({ value, usual, onChange, error }: TransportFieldProps) {
  const say = useWords()
  const { data: transports = [] } = useQuery(transportsQuery(useAccountId()))
  if (!useHasTransports(value)) return null
  const isKnown = value === '' || transports.some(({ name }) => name === value)
  return (
    <SelectField
      label={say('settings.transport')}
      hint={say('settings.transportHint')}
      value={value}
      choices={[
        { value: '', name: usual(transports.find((one) => one.is_default)?.name ?? '–') },
        ...transports.map(({ name }) => ({ value: name, name })),
        ...(isKnown ? [] : [{ value, name: say('settings.transportGone', { name: value }) }]),
      ]}
      onChange={onChange}
      error={error}
    />
  )
}

/** True if there is a choice, or one was made. */
export function useHasTransports(value: string): boolean {
  const { data: transports = [] } = useQuery(transportsQuery(useAccountId()))
  return transports.length > 1 || value !== ''
}
