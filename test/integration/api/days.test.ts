// One notion of day and hour, in filters and reports: the account's zone, or that of the condition. Clocks change in
// both directions.

import { beforeAll, expect, it } from 'vitest'

import { createConversation } from '../../support/api.ts'
import { describeWithDatabase } from '../../support/database.ts'
import { useApi } from '../../support/fixtures.ts'

interface Point {
  readonly timestamp: number
  readonly value: number
}

const hour = 3_600_000
// The moments at which clocks change: half an hour on Lord Howe Island, at midnight in Santiago and Cairo.
const changes: [zone: string, at: string, day: string, hoursOfDay: number][] = [
  ['Europe/Berlin', '2026-03-29T01:00:00Z', '2026-03-29', 23],
  ['Europe/Berlin', '2026-10-25T01:00:00Z', '2026-10-25', 25],
  ['America/New_York', '2026-03-08T07:00:00Z', '2026-03-08', 23],
  ['America/New_York', '2026-11-01T06:00:00Z', '2026-11-01', 25],
  ['Australia/Lord_Howe', '2026-04-04T15:00:00Z', '2026-04-05', 24.5],
  ['Australia/Lord_Howe', '2026-10-03T15:30:00Z', '2026-10-04', 23.5],
  ['America/Santiago', '2026-04-05T03:00:00Z', '2026-04-04', 25],
  ['America/Santiago', '2026-09-06T04:00:00Z', '2026-09-06', 23],
  ['Africa/Cairo', '2026-04-23T22:00:00Z', '2026-04-24', 23],
  ['Africa/Cairo', '2026-10-29T21:00:00Z', '2026-10-29', 25],
]

describeWithDatabase('days and hours', () => {
  const api = useApi()
  let path: string
  beforeAll(async () => {
    const first = await createConversation(api.pool, api)
    // One every ten minutes, two days around each change.
    await api.pool.query(
      `insert into conversations (account_id, inbox_id, contact_id, contact_inbox_id, display_id, status, created_at,
         last_activity_at, updated_at)
       select $1, $2, $3, $4, 1000 + row_number() over (), 'open', at, at, now()
       from (
         select distinct at
         from unnest($5::timestamptz[]) change,
           generate_series(change - interval '36 hours', change + interval '36 hours', interval '10 minutes') at
       ) made`,
      [api.accountId, api.inboxId, first.contactId, first.contactInboxId, changes.map(([, at]) => at)],
    )
    await api.pool.query(`delete from conversations where id = $1`, [first.id])
    path = api.path.replace('/v1/', '/v2/')
  })

  const inZone = (zone: string) => api.ask('PATCH', api.path, { json: { reporting_timezone: zone } })
  const created = async (from: number, to: number) => {
    const { rows } = await api.pool.query<{ at: Date }>(
      'select created_at as at from conversations where account_id = $1 and created_at >= $2 and created_at < $3',
      [api.accountId, new Date(from), new Date(to)],
    )
    return rows.map(({ at }) => at.getTime())
  }
  const series = async (bucket: string, from: number, to: number) =>
    (
      await api.ask(
        'GET',
        `${path}/reports?metric=conversations_count&group_by=${bucket}&since=${String(from / 1000)}&` +
          `until=${String(to / 1000)}`,
      )
    ).body as Point[]
  const condition = (operator: string, value: string, timezone?: string) => ({
    attribute_key: 'created_at',
    filter_operator: operator,
    values: [value],
    query_operator: 'AND',
    ...(timezone === undefined ? {} : { timezone }),
  })
  const filter = async (payload: unknown) => api.ask('POST', `${api.path}/conversations/filter`, { json: { payload } })
  const near = (day: string, days: number) =>
    new Date(Date.parse(`${day}T12:00:00Z`) + days * 24 * hour).toISOString().slice(0, 10)

  it.each(changes)('in %s at %s, every hour occurs once and has the records created in it', async (zone, at) => {
    await inZone(zone)
    const [from, to] = [Date.parse(at) - 5 * hour - 20 * 60_000, Date.parse(at) + 5 * hour]
    const points = await series('hour', from, to)
    const begins = points.map(({ timestamp }) => timestamp * 1000)
    expect(begins).toEqual([...new Set(begins)].toSorted((one, other) => one - other))
    expect(begins[0]).toBeLessThanOrEqual(from)
    const times = await created(from, to)
    for (const [index, point] of points.entries()) {
      const [begin, end] = [begins[index] ?? 0, begins[index + 1] ?? to]
      expect(end - begin).toBeLessThanOrEqual(hour)
      expect([begin, point.value]).toEqual([begin, times.filter((time) => time >= begin && time < end).length])
    }
    expect(points.reduce((sum, { value }) => sum + value, 0)).toBe(times.length)
  })

  it.each(changes)(
    'in %s around %s, the day %s has %s hours, in reports and filters alike',
    async (zone, at, day, hours) => {
      await inZone(zone)
      const points = await series('day', Date.parse(at) - 36 * hour, Date.parse(at) + 36 * hour)
      const index = points.findIndex(
        ({ timestamp }) => new Intl.DateTimeFormat('en-CA', { timeZone: zone }).format(timestamp * 1000) === day,
      )
      expect((points[index + 1]?.timestamp ?? 0) - (points[index]?.timestamp ?? 0)).toBe(hours * 3600)
      expect(points[index]?.value).toBe(hours * 6)
      const { body } = await filter([
        condition('is_greater_than', near(day, -1)),
        condition('is_less_than', near(day, 1)),
      ])
      expect(body.meta.all_count).toBe(hours * 6)
      await inZone('UTC')
      const asked = await filter([
        condition('is_greater_than', near(day, -1), zone),
        condition('is_less_than', near(day, 1), zone),
      ])
      expect(asked.body.meta.all_count).toBe(hours * 6)
    },
  )

  it('a time without an offset is in the zone; one with an offset is absolute', async () => {
    await inZone('Europe/Berlin')
    const between = async (from: string, to: string) =>
      (await filter([condition('is_greater_than', from), condition('is_less_than', to)])).body.meta.all_count as number
    expect(await between('2026-03-28T12:05', '2026-03-28T13:05:00')).toBe(6)
    expect(await between('2026-03-28T11:05:00Z', '2026-03-28T13:05:00+01:00')).toBe(6)
    expect(await between('2026-03-28T12:05', '2026-03-28T12:05:30Z')).toBe(6)
  })

  it('days before count back from today in the zone', async () => {
    const zone = new Date().getUTCHours() < 12 ? 'Pacific/Pago_Pago' : 'Pacific/Kiritimati'
    await inZone(zone)
    const { id, displayId } = await createConversation(api.pool, api)
    const today = new Intl.DateTimeFormat('en-CA', { timeZone: zone }).format(new Date())
    const makeAt = (clock: string) =>
      api.pool.query(`update conversations set created_at = $2::timestamp at time zone $3 where id = $1`, [
        id,
        `${today} ${clock}`,
        zone,
      ])
    const found = async () =>
      (await filter([condition('days_before', '0'), condition('is_greater_than', near(today, -2))])).body.payload.map(
        (row: { id: number }) => row.id,
      )
    await makeAt('00:00:00')
    expect(await found()).toEqual([])
    await api.pool.query(`update conversations set created_at = created_at - interval '1 second' where id = $1`, [id])
    expect(await found()).toEqual([displayId])
    await api.pool.query('delete from conversations where id = $1', [id])
  })

  it.each(['Mars/Olympus', 'CEST', '+01:00', 'Europe/Berlin; drop table x', 7, ['UTC']])(
    'the zone %j is refused with a message',
    async (timezone) => {
      const { status, body } = await filter([{ ...condition('is_less_than', '2026-01-01'), timezone }])
      expect([status, body.error]).toEqual([422, expect.stringContaining('Invalid timezone')])
    },
  )

  it.each(['2026-02-31', '2026-13-01', '2026-01-01T25:00', '2026-01-01Tnoon', '2026-01-01T10:00+99:00', '0000-00-00'])(
    'the date %s is refused with a message',
    async (value) => {
      const { status, body } = await filter([condition('is_less_than', value)])
      expect([status, body.error]).toEqual([422, expect.stringContaining('Invalid value')])
    },
  )
})
