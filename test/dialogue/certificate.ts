// A certificate for one test run, made by the openssl binary.

import { execFileSync } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** SMTP_TLS_CERT and SMTP_TLS_KEY of a certificate for `mail.example`. */
export function createCertificate(): { SMTP_TLS_CERT: string; SMTP_TLS_KEY: string } {
  const folder = mkdtempSync(join(tmpdir(), 'certificate-'))
  const files = { SMTP_TLS_CERT: join(folder, 'cert.pem'), SMTP_TLS_KEY: join(folder, 'key.pem') }
  const args = [
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:prime256v1',
    '-nodes',
    '-days',
    '2',
    '-subj',
    '/CN=mail.example',
  ]
  execFileSync('openssl', [...args, '-keyout', files.SMTP_TLS_KEY, '-out', files.SMTP_TLS_CERT], { stdio: 'pipe' })
  return files
}
