// German, loaded when it is chosen.

import common from './de/common.json'
import composer from './de/composer.json'
import contacts from './de/contacts.json'
import conversations from './de/conversations.json'
import doctor from './de/doctor.json'
import lifeLine from './de/life-line.json'
import mail from './de/mail.json'
import settings from './de/settings.json'
import shell from './de/shell.json'
import signIn from './de/sign-in.json'
import thread from './de/thread.json'

export const german = {
  ...common,
  ...composer,
  ...contacts,
  ...conversations,
  ...doctor,
  ...lifeLine,
  ...mail,
  ...settings,
  ...shell,
  ...signIn,
  ...thread,
}
