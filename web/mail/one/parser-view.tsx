// What the parser sees in a mail: new words, quotation and signature in their colours over the text, who wrote it, its
// files; and how far that differs from what was stored.

import { Chip } from '../../ui/chip'
import { useWords } from '../../words/words'
import { Files } from '../mail-text'
import { outcomeName } from '../mail-words'
import type { ParsedMail } from '../queries'
import styles from './one-mail.module.css'

const kinds = ['words', 'quotation', 'signature'] as const

interface ParserViewProps {
  readonly parsed: ParsedMail
  /** Whether a message was made of the mail. */
  readonly isStored: boolean
}

export function ParserView({ parsed, isStored }: ParserViewProps) {
  const say = useWords()
  const { changed_since_stored: changed, degraded } = parsed
  return (
    <div className={styles.parser}>
      <p className={styles.line}>
        {kinds.map((kind) => (
          <span key={kind} className={styles.key}>
            <i className={styles[kind]} /> {say(`mail.one.segment.${kind}`)}
          </span>
        ))}
      </p>
      <div className={styles.segments} tabIndex={0} dir="auto">
        {parsed.segments.map(({ kind, text }, position) => (
          <p key={String(position)} className={styles[kind]} title={say(`mail.one.segment.${kind}`)}>
            {text}
          </p>
        ))}
        {parsed.segments.length === 0 && <p className={styles.none}>{say('mail.noWords')}</p>}
      </div>
      <p className={styles.line}>
        {say('mail.one.automation')} <Chip>{outcomeName(say, 'parse', parsed.automation)}</Chip>{' '}
        {parsed.automation_evidence}
      </p>
      {degraded !== null && <p className={styles.warning}>{say('mail.one.degraded', { why: degraded })}</p>}
      {parsed.attachments.length > 0 && (
        <section>
          <h3>{say('mail.one.attachments')}</h3>
          <Files parsed={parsed} />
        </section>
      )}
      {changed === null && isStored && <p className={styles.none}>{say('mail.one.same')}</p>}
      {changed !== null && (
        <section>
          <p className={styles.warning}>{say('mail.one.changed')}</p>
          <div className={styles.compare}>
            <div>
              <h3>{say('mail.one.stored')}</h3>
              <pre>{changed.stored}</pre>
            </div>
            <div>
              <h3>{say('mail.one.today')}</h3>
              <pre>{changed.today}</pre>
            </div>
          </div>
        </section>
      )}
    </div>
  )
}
