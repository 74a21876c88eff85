// Texts in the reader's language: <Words> above everything, `useWords` in components.

import { type ReactNode, useEffect, useMemo, useState, useSyncExternalStore } from 'react'
import { IntlProvider, type PrimitiveType, useIntl } from 'react-intl'

import { preferences } from '../shell/preferences'
import { englishTexts, findLanguage, findRegion, loadTexts, type TextId, type Texts } from './catalogue'

/** Gives all below it the texts of the chosen language. */
export function Words({ children }: { readonly children: ReactNode }) {
  const { language: chosen } = preferences.use()
  const language = findLanguage(chosen, navigator.languages)
  const english = useSyncExternalStore(englishTexts.subscribe, englishTexts.get)
  const [translated, setTranslated] = useState<Texts | null>(null)
  // What a translation does not have yet stays English.
  const texts = useMemo(() => ({ ...english, ...translated }), [english, translated])
  useEffect(() => {
    document.documentElement.lang = language
    let isWanted = true
    void loadTexts(language).then((loaded) => {
      if (isWanted) setTranslated(loaded)
    })
    return () => {
      isWanted = false
    }
  }, [language])
  return (
    <IntlProvider locale={findRegion(language, navigator.languages)} messages={texts} defaultLocale="en">
      {children}
    </IntlProvider>
  )
}

export type Say = (id: TextId, values?: Readonly<Record<string, PrimitiveType>>) => string

/** The text of that name, with its values filled in (ICU MessageFormat). */
export function useWords(): Say {
  const intl = useIntl()
  return useMemo(() => (id, values) => intl.formatMessage({ id }, values as Record<string, PrimitiveType>), [intl])
}
