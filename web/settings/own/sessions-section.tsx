// Where one is signed in, and ending it there.

import { useQuery, useQueryClient } from '@tanstack/react-query'

import { api, ApiError, ask, type Schemas } from '../../api/client'
import { Button } from '../../ui/button'
import { Chip } from '../../ui/chip'
import { Time } from '../../ui/time'
import { tell } from '../../ui/toast'
import { useWords } from '../../words/words'
import { Section } from '../parts'
import styles from '../settings.module.css'
import { browserOf } from './browser-name'
import { sessionsQuery } from './security-queries'

export function SessionsSection() {
  const say = useWords()
  const queries = useQueryClient()
  const { data: sessions } = useQuery(sessionsQuery)
  const action = async (request: Promise<unknown>) => {
    try {
      await request
    } catch (error) {
      tell({ text: error instanceof ApiError ? error.message : String(error), isFailure: true })
    }
    await queries.invalidateQueries({ queryKey: sessionsQuery.queryKey })
  }
  const endOthers = () => action(ask(api.DELETE('/api/v1/profile/sessions')))
  const end = ({ id }: Schemas['Session']) =>
    action(ask(api.DELETE('/api/v1/profile/sessions/{id}', { params: { path: { id } } })))
  return (
    <Section title={say('settings.sessions')} text={say('settings.sessionsText')}>
      <ul className={styles.rows} aria-label={say('settings.sessions')}>
        {sessions?.map((session) => (
          <li key={session.id} className={styles.row}>
            <div className={styles.words}>
              <div className={styles.name}>
                {browserOf(session.user_agent) ?? say('settings.program')}
                {session.current && <Chip look="done">{say('settings.thisOne')}</Chip>}
              </div>
              <div className={styles.detail}>
                {session.ip} · {say('settings.lastSeen')} <Time at={session.last_seen_at} />
              </div>
            </div>
            {!session.current && <Button onClick={() => void end(session)}>{say('settings.endSession')}</Button>}
          </li>
        ))}
      </ul>
      {sessions !== undefined && sessions.length > 1 && (
        <div className={styles.after}>
          <Button look="danger" onClick={() => void endOthers()}>
            {say('settings.endOthers')}
          </Button>
        </div>
      )}
    </Section>
  )
}
