// The English texts of pages outside the inbox, loaded with the first of these pages.

import contacts from './en/contacts.json'
import doctor from './en/doctor.json'
import lifeLine from './en/life-line.json'
import mail from './en/mail.json'
import settings from './en/settings.json'

export const later = { ...contacts, ...doctor, ...lifeLine, ...mail, ...settings }
