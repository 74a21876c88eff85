// Postfix between a client and us (suite.ts).

import { postfix } from './postfix.ts'
import { describeMta } from './suite.ts'

describeMta('Postfix over LMTP', postfix('lmtp'))
describeMta('Postfix over its pipe to rethread relay', postfix('pipe'))
