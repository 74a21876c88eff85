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

/** "1 December 2026, 10:23 UTC". An unknown zone is UTC. Never throws. */
export function timeOf(at: Date, language: Language, timeZone: string): string {
  const format = (zone: string) =>
    new Intl.DateTimeFormat(forms[language], {
      day: 'numeric',
      month: 'long',
      year: 'numeric',
      hour: '2-digit',
      minute: '2-digit',
      timeZoneName: 'short',
      timeZone: zone,
    }).format(at)
  try {
    return format(timeZone)
  } catch {
    return format('UTC')
  }
}
