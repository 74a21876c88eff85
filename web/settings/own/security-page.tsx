// How one signs in: the password, the second factor, and where one is signed in.

import { useWords } from '../../words/words'
import { Page } from '../parts'
import { PasswordSection } from './password-section'
import { SecondFactorSection } from './second-factor-section'
import { SessionsSection } from './sessions-section'

export function SecurityPage() {
  const say = useWords()
  return (
    <Page title={say('settings.security')} text={say('settings.securityText')}>
      <PasswordSection />
      <SecondFactorSection />
      <SessionsSection />
    </Page>
  )
}
