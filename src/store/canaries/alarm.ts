// The alarm of each transport: it begins with two failures in a row or with a canary that comes late, and ends with the
// next that is in time. Each end is announced once, in the transaction that found it: a mail to each administrator of
// the installation, and a post to ALERT_WEBHOOK_URL.

import { randomUUID } from 'node:crypto'

import type { CanaryAlert } from '../../contracts/canary.ts'
import type { Sql, Tx } from '../../db/pool.ts'
import { enqueue } from '../../queue/work.ts'
import { alarmName, type Judged, readLastJudged, sayCanary } from './judged.ts'

/** Looks at the last canaries of a transport after one was judged. */
export async function reviewTransport(tx: Tx, transport: string): Promise<void> {
  const [last, before] = await readLastJudged(tx, transport, 2)
  if (last === undefined) return
  if (last.outcome === 'late' || (isFailure(last) && before !== undefined && isFailure(before))) {
    const { rowCount } = await tx.query(
      'insert into installation (name, value) values ($1, now()::text) on conflict (name) do nothing',
      [alarmName(transport)],
    )
    if (rowCount === 1) await announce(tx, 'canary_failing', last)
  } else if (last.outcome === 'returned') {
    const { rowCount } = await tx.query('delete from installation where name = $1', [alarmName(transport)])
    if (rowCount === 1) await announce(tx, 'canary_recovered', last)
  }
}

/** Ends the alarms of transports that the settings no longer have; nothing is announced. */
export async function endAlarmsBut(sql: Sql, transports: readonly string[]): Promise<void> {
  await sql.query('delete from installation where starts_with(name, $1) and name <> all($2::text[])', [
    alarmName(''),
    transports.map(alarmName),
  ])
}

/** The administrators of the installation who can receive mail. */
export async function findAlarmReceivers(sql: Sql): Promise<string[]> {
  const { rows } = await sql.query<{ email: string }>(
    `select email
     from users
     where type = 'SuperAdmin'
       and confirmed_at is not null
       and email not like '%.invalid'
     order by id`,
  )
  return rows.map(({ email }) => email)
}

const isFailure = ({ outcome }: Judged): boolean => outcome !== 'returned'

async function announce(tx: Tx, event: CanaryAlert['event'], last: Judged): Promise<void> {
  const { transport, outcome, server, returned_by: ingress, seconds } = last
  const alert: CanaryAlert = {
    id: randomUUID(),
    event,
    at: new Date().toISOString(),
    ...{ transport, outcome, server, ingress, seconds },
    says: sayCanary(last),
  }
  const receivers = await findAlarmReceivers(tx)
  // Of each receiver, in order.
  await enqueue(tx, [
    ...receivers.map((email) => ({
      kind: 'notify-alert' as const,
      key: `alert:${transport}:${email}`,
      payload: { alert, email },
    })),
    { kind: 'post-alert' as const, key: `alert:${transport}`, payload: { alert } },
  ])
}
