// A moment as people write it in a language, in the time zone of an inbox.

import type { Language } from './words.ts'

// Of "en" the British form: day before month, and 24 hours. It is read without doubt everywhere.
const forms: Readonly<Record<Language, string>> = {
  en: 'en-GB',
  de: 'de',
  fr: 'fr',
  es: 'es',
  'pt-BR': 'pt-BR',
  ja: 'ja',
}

/** "10:02:30 UTC". An unknown zone is UTC. Never throws. */
export function timeOfDay(at: Date, language: Language, timeZone: string): string {
  return inZone(timeZone, (zone) =>
    new Intl.DateTimeFormat(forms[language], { timeStyle: 'long', timeZone: zone }).format(at),
  )
}

/** "1 December 2026, 10:23 UTC". An unknown zone is UTC. Never throws. */
export function timeOf(at: Date, language: Language, timeZone: string): string {
  return inZone(timeZone, (zone) =>
    new Intl.DateTimeFormat(forms[language], {
      day: 'numeric',
      month: 'long',
      year: 'numeric',
      hour: '2-digit',
      minute: '2-digit',
      timeZoneName: 'short',
      timeZone: zone,
    }).format(at),
  )
}

function inZone(timeZone: string, format: (zone: string) => string): string {
  try {
    return format(timeZone)
  } catch {
    return format('UTC')
  }
}
