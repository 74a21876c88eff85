// `doctor --dns`: the certificate that our own SMTP listener shows after STARTTLS (RFC 3207).

import { X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'

import type { Config } from '../../../config.ts'
import { isNearHost } from '../../dns/mail-route.ts'
import { fail, type Finding, look, pass } from '../finding.ts'

const dayMs = 86_400_000
const daysOfWarning = 14

/** Throws when the file cannot be read, or is no certificate. */
export async function examineCertificate(config: Config, now = Date.now()): Promise<Finding> {
  const path = config.SMTP_TLS_CERT
  if (path === undefined)
    return isNearHost(config.HOST) || config.SMTP_PORT === null || !config.RUN_SMTP
      ? pass('none is needed: the SMTP listener cannot be reached from outside, the MTA in front of it has its own')
      : look('SMTP_TLS_CERT is not set: mail comes in without encryption, and some senders refuse that')
  return judge(new X509Certificate(await readFile(path)), { path, mailHost: config.MAIL_HOST, now })
}

interface Asked {
  readonly path: string
  readonly mailHost: string | undefined
  readonly now: number
}

function judge(certificate: X509Certificate, { path, mailHost, now }: Asked): Finding {
  const left = Math.floor((Date.parse(certificate.validTo) - now) / dayMs)
  const until = new Date(certificate.validTo).toISOString().slice(0, 10)
  if (left < 0)
    return fail(`${path} expired on ${until}: senders that check it keep their mail. Renew it, and restart.`)
  if (left < daysOfWarning)
    return look(`${path} expires on ${until}. The service reads it at its start: renew it, and restart`)
  if (mailHost !== undefined && certificate.checkHost(mailHost) === undefined)
    return look(
      `${path} is for ${certificate.subjectAltName ?? certificate.subject}, and not for MAIL_HOST ${mailHost}: ` +
        'senders that check the name (MTA-STS, DANE) keep their mail',
    )
  return pass(`${path} is valid until ${until}`)
}
