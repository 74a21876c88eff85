// When an inbox is open, in its own zone, on both sides of a change of the clock.

import { describe, expect, test } from 'vitest'

import { isOpenAt, isSameDay, weekOf } from '../../../src/conversations/records/working-hours.ts'

const week = weekOf([
  { day_of_week: 0, open_hour: 10, open_minutes: 30, close_hour: 12, close_minutes: 0 },
  { day_of_week: 2, open_all_day: true },
  { day_of_week: 3, closed_all_day: true },
])

describe('is open', () => {
  test.each([
    ['a Monday at nine in Berlin, in winter', '2026-01-05T08:00:00Z', 'Europe/Berlin', true],
    ['a minute before', '2026-01-05T07:59:59Z', 'Europe/Berlin', false],
    ['nine in Berlin, in summer', '2026-07-06T07:00:00Z', 'Europe/Berlin', true],
    ['at closing time', '2026-01-05T16:00:00Z', 'Europe/Berlin', false],
    ['a minute before closing time', '2026-01-05T15:59:00Z', 'Europe/Berlin', true],
    ['the Sunday on which the clock goes back, at eleven', '2026-10-25T10:00:00Z', 'Europe/Berlin', true],
    ['the Sunday before, at the same moment of the day in UTC', '2026-10-18T10:00:00Z', 'Europe/Berlin', false],
    ['Monday noon in UTC, which is Tuesday on Kiritimati', '2026-01-05T12:00:00Z', 'Pacific/Kiritimati', true],
    ['midnight of an open day', '2026-01-06T00:00:00Z', 'UTC', true],
    ['the last minute of an open day', '2026-01-06T23:59:59Z', 'UTC', true],
    ['noon of a closed day', '2026-01-07T12:00:00Z', 'UTC', false],
    ['a usual Saturday', '2026-01-10T12:00:00Z', 'UTC', false],
  ])('%s', (_, at, zone, open) => {
    expect(isOpenAt(week, new Date(at), zone)).toBe(open)
  })
})

test.each([
  ['2026-01-05T22:59:00Z', '2026-01-05T08:00:00Z', 'Europe/Berlin', true],
  ['2026-01-05T23:00:00Z', '2026-01-05T08:00:00Z', 'Europe/Berlin', false],
  ['2026-07-05T22:00:00Z', '2026-07-06T08:00:00Z', 'Europe/Berlin', true],
])('%s and %s in %s are on the same day: %s', (one, other, zone, same) => {
  expect(isSameDay(new Date(one), new Date(other), zone)).toBe(same)
})
