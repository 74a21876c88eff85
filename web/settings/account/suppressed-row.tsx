// An address that the account does not mail, with what put it on the list.

import { Link } from '@tanstack/react-router'
import { Trash2 } from 'lucide-react'

import type { Schemas } from '../../api/client'
import { useAccountId } from '../../shell/go'
import { IconButton } from '../../ui/button'
import { Chip, type ChipLook } from '../../ui/chip'
import { Time } from '../../ui/time'
import { useWords } from '../../words/words'
import settingsStyles from '../settings.module.css'
import styles from './suppressed-page.module.css'

export type Suppressed = Schemas['SuppressedAddress']

const looks = { bounce: 'failed', complaint: 'needs-you', manual: 'plain' } as const satisfies Record<string, ChipLook>

interface RowProps {
  readonly row: Suppressed
  /** Null: not for this person. */
  readonly onRemove: ((row: Suppressed) => void) | null
}

export function SuppressedRow({ row, onRemove }: RowProps) {
  const say = useWords()
  const accountId = useAccountId()
  const { email, reason, detail, message_id: messageId, conversation_id: displayId, report_id: reportId } = row
  return (
    <li className={`${settingsStyles.row ?? ''} ${styles.row ?? ''}`}>
      <div className={settingsStyles.words}>
        <div className={settingsStyles.name}>
          <span>{email}</span>
          <Chip look={looks[reason]}>{say(`suppressed.reason.${reason}`)}</Chip>
        </div>
        {detail !== '' && <div className={reason === 'manual' ? settingsStyles.detail : styles.words}>{detail}</div>}
        <div className={styles.facts}>
          <Time at={row.created_at} isLong />
          {displayId !== null && messageId !== null && (
            <Link
              to="/app/accounts/$accountId/conversations/$displayId"
              params={{ accountId, displayId }}
              search={{ tab: 'all', status: 'all', message: messageId }}
            >
              {say('suppressed.message', { id: displayId })}
            </Link>
          )}
          {reportId !== null && (
            <Link to="/app/accounts/$accountId/mail/$mailId" params={{ accountId, mailId: reportId }}>
              {say(reason === 'complaint' ? 'suppressed.complaint' : 'suppressed.bounce')}
            </Link>
          )}
        </div>
      </div>
      {onRemove !== null && (
        <IconButton
          label={`${say('suppressed.remove')}: ${email}`}
          onClick={() => {
            onRemove(row)
          }}
        >
          <Trash2 />
        </IconButton>
      )}
    </li>
  )
}
