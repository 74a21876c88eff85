// A contact as the page of contacts has it.

import type { Schemas } from '../api/client'

export type Contact = Schemas['ContactWithInboxes']
