// `doctor`: mail that was ignored in the last day, with the reasons; a warning when its share jumps.

import type { Database } from '../../db/open.ts'
import { type IgnoredMail, readIgnoredMail } from '../../store/ignored.ts'
import { type Finding, look, pass } from './finding.ts'

/** Fewer mails may be a chance. */
const minMails = { lastDay: 20, ignored: 10, weekBefore: 50 }
/** A jump: this many times the share of the week before, and this much more of all mail. */
const jump = { times: 3, more: 0.1 }

/** Throws when the database is away. */
export async function examineIgnored({ database }: { readonly database: Database }): Promise<Finding> {
  const mail = await readIgnoredMail(database.pool)
  const { lastDay, weekBefore, reasons } = mail
  if (lastDay.ignored === 0) return pass('none in the last day')
  const named = reasons.map(([reason, count]) => `${reason} ${String(count)}`).join(', ')
  const counts =
    `${String(lastDay.ignored)} of ${String(lastDay.accepted)} mails in the last day (${named}); ` +
    `${percent(weekBefore)} in the week before`
  return isJump(mail)
    ? look(
        `${counts}. Look whether customers are among them: "rethread inbound list --status ignored"; ` +
          '"rethread inbound open ID" makes a conversation of one',
      )
    : pass(counts)
}

function isJump({ lastDay, weekBefore }: IgnoredMail): boolean {
  if (
    lastDay.accepted < minMails.lastDay ||
    lastDay.ignored < minMails.ignored ||
    weekBefore.accepted < minMails.weekBefore
  )
    return false
  const before = weekBefore.ignored / weekBefore.accepted
  const now = lastDay.ignored / lastDay.accepted
  return now >= before * jump.times && now >= before + jump.more
}

function percent({ ignored, accepted }: IgnoredMail['weekBefore']): string {
  return accepted === 0 ? 'no mail' : `${String(Math.round((ignored / accepted) * 100))} %`
}
