// Exim between a client and us (suite.ts).

import { exim } from './exim.ts'
import { describeMta } from './suite.ts'

describeMta('Exim over LMTP', exim('lmtp'))
describeMta('Exim over its pipe to rethread relay', exim('pipe'))
