// What this browser remembers of its reader's wishes.

import { preferences } from '../../shell/preferences'
import { CheckField, SelectField } from '../../ui/field'
import { languages } from '../../words/catalogue'
import { useWords } from '../../words/words'
import { Page, Section } from '../parts'

const themes = ['system', 'light', 'dark'] as const

export function PreferencesPage() {
  const say = useWords()
  const { theme, language, hasKeys } = preferences.use()
  return (
    <Page title={say('settings.preferences')} text={say('settings.preferencesText')}>
      <Section title={say('settings.look')}>
        <SelectField
          label={say('settings.theme')}
          value={theme}
          choices={themes.map((one) => ({ value: one, name: say(`shell.theme.${one}`) }))}
          onChange={(value) => {
            preferences.set({ theme: themes.find((one) => one === value) ?? 'system' })
          }}
        />
        <SelectField
          label={say('settings.language')}
          value={language ?? ''}
          choices={[
            { value: '', name: say('settings.languageOfBrowser') },
            ...Object.entries(languages).map(([value, name]) => ({ value, name })),
          ]}
          onChange={(value) => {
            preferences.set({ language: value === '' ? null : value })
          }}
        />
      </Section>
      <Section title={say('settings.keys')}>
        <CheckField
          label={say('settings.hasKeys')}
          hint={say('settings.hasKeysHint')}
          isOn={hasKeys}
          onChange={(isOn) => {
            preferences.set({ hasKeys: isOn })
          }}
        />
      </Section>
    </Page>
  )
}
