// Which people of the account are in an inbox or a team.

import { useQuery } from '@tanstack/react-query'

import { agentsQuery } from '../../api/records'
import { useAccountId } from '../../shell/go'
import { CheckField } from '../../ui/field'
import styles from '../settings.module.css'

interface MembersFieldProps {
  readonly label: string
  readonly chosen: readonly number[]
  readonly onChange: (chosen: readonly number[]) => void
}

export function MembersField({ label, chosen, onChange }: MembersFieldProps) {
  const { data: agents } = useQuery(agentsQuery(useAccountId()))
  return (
    <fieldset className={styles.members}>
      <legend>{label}</legend>
      {agents?.map(({ id, name, email }) => (
        <CheckField
          key={id}
          label={name}
          hint={email}
          isOn={chosen.includes(id)}
          onChange={(isOn) => {
            onChange(isOn ? [...chosen, id] : chosen.filter((one) => one !== id))
          }}
        />
      ))}
    </fieldset>
  )
}
