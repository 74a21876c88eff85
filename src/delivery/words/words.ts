// The language of a mail, and its sentences. A mail to an agent is in the agent's language, other mail in the
// account's; a language without a catalogue gives English.

import { de } from './de.ts'
import { en } from './en.ts'
import { es } from './es.ts'
import { fr } from './fr.ts'
import { ja } from './ja.ts'
import { ptBr } from './pt-br.ts'
import type { TextId, Texts } from './texts.ts'

export const languages = { en, de, fr, es, 'pt-BR': ptBr, ja } as const satisfies Readonly<Record<string, Texts>>

export type Language = keyof typeof languages

/** A sentence with its values, which are put in as they are. Never throws. */
export type Say = (id: TextId, values?: Readonly<Record<string, string>>) => string

export interface Words {
  readonly language: Language
  readonly say: Say
}

/** The words of the first locale (`de`, `pt_BR`, `ja-JP`) that has a catalogue; else English. Never throws. */
export function wordsFor(...locales: readonly (string | null | undefined)[]): Words {
  const language = locales.map(findLanguage).find((found) => found !== null) ?? 'en'
  const texts: Texts = languages[language]
  return {
    language,
    say: (id, values = {}) => texts[id].replace(/\{(\w+)\}/g, (_all, name: string) => values[name] ?? ''),
  }
}

function findLanguage(locale: string | null | undefined): Language | null {
  const base = locale?.split(/[_-]/, 1)[0]?.toLowerCase()
  const known = Object.keys(languages) as Language[]
  return known.find((language) => language.split('-', 1)[0] === base) ?? null
}
