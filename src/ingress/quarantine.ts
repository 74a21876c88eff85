// Quarantine for authenticated but unreadable requests, if any refusal would delete the mail or repeat it forever: the
// request is stored as a mail without an author, which routing holds (`from-missing`), with its bytes as attachment,
// until a person looks at it.

import { statusOf, toMailError } from '../errors.ts'
import type { MailNotice, Submission } from '../mail/envelope.ts'
import { synthesise } from '../mail/synthesise.ts'

const quarantined = new WeakSet<Submission>()

/** A mail for a person, not for a conversation. `why` is shown to them. Never throws. */
export function quarantine(service: string, bytes: Buffer, why: string): Submission {
  const raw = synthesise({
    headers: [['Subject', `A request of ${service} could not be read: ${why.slice(0, 300)}`]],
    text: `What ${service} sent is attached as it came. It could not be read: ${why.slice(0, 300)}.`,
    html: null,
    attachments: [
      { filename: 'request.bin', contentType: 'application/octet-stream', contentId: null, inline: false, bytes },
    ],
  })
  const submission: Submission = {
    ingress: service,
    envelope: { reversePath: null, recipients: [] },
    raw,
    peer: { address: null, helo: null, trusted: false, synthesised: true },
  }
  quarantined.add(submission)
  return submission
}

/** True if `quarantine` made it: base64 may make it larger than a mail may be. */
export function isQuarantined(submission: Submission): boolean {
  return quarantined.has(submission)
}

/**
 * The mails of a batch: an entry that cannot be understood is kept for a person, and keeps no other from coming in.
 * Throws temporary faults.
 */
export function readBatch<Mail extends Submission | MailNotice>(
  service: string,
  entries: readonly unknown[],
  read: (entry: unknown) => readonly Mail[],
): (Mail | Submission)[] {
  return entries.flatMap((entry): (Mail | Submission)[] => {
    try {
      return [...read(entry)]
    } catch (error) {
      const fault = toMailError(error)
      if (statusOf(fault).retry) throw fault
      return [quarantine(service, Buffer.from(JSON.stringify(entry)), fault.message)]
    }
  })
}
