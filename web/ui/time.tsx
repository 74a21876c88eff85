// Times in the reader's zone: relative up to a day, then the date; the whole date on hover.

import { useSyncExternalStore } from 'react'
import { useIntl } from 'react-intl'

const minuteMs = 60_000
const dayMs = 86_400_000

// One clock for all times on the screen, a step a minute.
const clock = {
  now: Date.now(),
  subscribe: (listener: () => void): (() => void) => {
    const timer = setInterval(() => {
      clock.now = Date.now()
      listener()
    }, minuteMs)
    return () => {
      clearInterval(timer)
    }
  },
}

/** `seconds` since 1970, as the API gives times; or a date as text. */
export function toDate(value: number | string): Date {
  return typeof value === 'number' ? new Date(value * 1000) : new Date(value)
}

export function Time({ at, isLong = false }: { readonly at: number | string; readonly isLong?: boolean }) {
  const intl = useIntl()
  const now = useSyncExternalStore(clock.subscribe, () => clock.now)
  const date = toDate(at)
  const whole = intl.formatDate(date, { dateStyle: 'full', timeStyle: 'short' })
  return (
    <time dateTime={date.toISOString()} title={whole}>
      {isLong ? longText(intl, date, now) : shortText(intl, date, now)}
    </time>
  )
}

type Intl = ReturnType<typeof useIntl>

function shortText(intl: Intl, date: Date, now: number): string {
  const ago = now - date.getTime()
  if (Math.abs(ago) < minuteMs) return intl.formatMessage({ id: 'common.now' })
  if (ago >= 0 && ago < 60 * minuteMs)
    return intl.formatMessage({ id: 'common.minutes' }, { count: Math.round(ago / minuteMs) })
  if (ago >= 0 && ago < dayMs)
    return intl.formatMessage({ id: 'common.hours' }, { count: Math.round(ago / (60 * minuteMs)) })
  if (ago >= 0 && ago < 6 * dayMs) return intl.formatDate(date, { weekday: 'short' })
  const isThisYear = date.getFullYear() === new Date(now).getFullYear()
  return intl.formatDate(date, { day: 'numeric', month: 'short', ...(isThisYear ? {} : { year: 'numeric' }) })
}

function longText(intl: Intl, date: Date, now: number): string {
  const time = intl.formatTime(date)
  const days = Math.round((startOfDay(now) - startOfDay(date.getTime())) / dayMs)
  if (days === 0) return intl.formatMessage({ id: 'common.todayAt' }, { time })
  if (days === 1) return intl.formatMessage({ id: 'common.yesterdayAt' }, { time })
  const year = days > 300 ? ({ year: 'numeric' } as const) : {}
  return `${intl.formatDate(date, { day: 'numeric', month: 'short', ...year })}, ${time}`
}

function startOfDay(at: number): number {
  const date = new Date(at)
  return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime()
}
