// OpenSMTPD between a client and us (suite.ts).

import { opensmtpd } from './opensmtpd.ts'
import { describeMta } from './suite.ts'

describeMta('OpenSMTPD over LMTP', opensmtpd())
