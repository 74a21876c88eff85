// Who spoke, and how we know: verified by the mail's authentication, not verified, or through the reply address that
// was made for another person.

import { ShieldCheck, ShieldQuestionMark } from 'lucide-react'

import { useWords } from '../../words/words'
import type { ShownMessage } from './messages-query'
import styles from './speaker-mark.module.css'

export function SpeakerMark({ message }: { readonly message: ShownMessage }) {
  const say = useWords()
  const { content_attributes: attributes } = message
  if (!('email' in attributes)) return null
  const isVerified = attributes['sender_verified'] === true
  return (
    <>
      <span
        className={isVerified ? styles.verified : styles.unverified}
        title={say(isVerified ? 'thread.verifiedWhy' : 'thread.unverifiedWhy')}
      >
        {isVerified ? <ShieldCheck aria-hidden="true" /> : <ShieldQuestionMark aria-hidden="true" />}
        {say(isVerified ? 'thread.verified' : 'thread.unverified')}
      </span>
      {attributes['via_other_reply_address'] === true && (
        <span className={styles.unverified} title={say('thread.viaOtherWhy')}>
          {say('thread.viaOther')}
        </span>
      )}
    </>
  )
}
