// All texts of the client: English is the source, one JSON file for each feature; the other languages have the same
// keys and are loaded when they are chosen.

import common from './en/common.json'
import composer from './en/composer.json'
import conversations from './en/conversations.json'
import shell from './en/shell.json'
import signIn from './en/sign-in.json'
import thread from './en/thread.json'
import type { later } from './later'

/** The texts of the first load; those of pages outside the inbox come with these pages (later.ts). */
const first = {
  ...common,
  ...composer,
  ...conversations,
  ...shell,
  ...signIn,
  ...thread,
}

/** The name of a text. */
export type TextId = keyof typeof first | keyof typeof later
export type Texts = Readonly<Record<TextId, string>>

export const languages = { en: 'English', de: 'Deutsch' } as const
export type Language = keyof typeof languages

/** The English texts that are loaded so far. */
let english = first as Texts
const listeners = new Set<() => void>()

/** The English texts as a store, whose subscribers are called when more are loaded. */
export const englishTexts = {
  get: (): Texts => english,
  subscribe: (listener: () => void): (() => void) => {
    listeners.add(listener)
    return () => listeners.delete(listener)
  },
}

/** Loads a page outside the inbox together with its texts. */
export function withTexts<Module>(load: () => Promise<Module>): () => Promise<Module> {
  return async () => {
    const [module, { later }] = await Promise.all([load(), import('./later')])
    english = { ...english, ...later }
    for (const listener of listeners) listener()
    return module
  }
}

/** The texts of a language; null for English, which is always loaded. */
export async function loadTexts(language: Language): Promise<Texts | null> {
  return language === 'en' ? null : (await import('./german')).german
}

/** The chosen language, else the first of the browser's languages that has texts. */
export function findLanguage(chosen: string | null, preferred: readonly string[]): Language {
  const known = (name: string): name is Language => name in languages
  const wanted = [...(chosen === null ? [] : [chosen]), ...preferred.map((tag) => tag.slice(0, 2))]
  return wanted.find(known) ?? 'en'
}

/** The language with the reader's region, which decides between 19:30 and 7:30 PM. */
export function findRegion(language: Language, preferred: readonly string[]): string {
  return preferred.find((tag) => tag.slice(0, 2) === language) ?? language
}
