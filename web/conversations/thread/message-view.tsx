// One message: who, how we know, to whom, the new words, what can be unfolded, files, and what became of it.

import { memo, useState } from 'react'

import type { Conversation } from '../../api/client'
import { Avatar } from '../../ui/avatar'
import { Button } from '../../ui/button'
import { Chip } from '../../ui/chip'
import { Key } from '../../ui/key'
import { Time } from '../../ui/time'
import { useWords } from '../../words/words'
import { messageTypes } from '../describe'
import { DeliveryState } from '../life-line/delivery-state'
import { Attachments } from './attachments'
import { LongText } from './long-text'
import { type MailOfMessage, readMail } from './mail-of-message'
import { MessageText } from './message-text'
import styles from './message-view.module.css'
import type { ShownMessage } from './messages-query'
import { Original } from './original'
import { SpeakerMark } from './speaker-mark'
import { useWhy } from './why'

interface MessageViewProps {
  readonly message: ShownMessage
  readonly conversation: Conversation
  /** A link leads to it. */
  readonly isWanted: boolean
}

export const MessageView = memo(function MessageView({ message, conversation, isWanted }: MessageViewProps) {
  const say = useWords()
  const [shown, setShown] = useState<Unfolded>(null)
  if (message.message_type === messageTypes.activity)
    return (
      <p className={styles.activity}>
        {message.content} · <Time at={message.created_at} />
      </p>
    )
  const isIncoming = message.message_type === messageTypes.incoming
  const name = message.sender?.name ?? (isIncoming ? conversation.meta.sender.name : say('thread.automatic'))
  const mail = readMail(message)
  const className = [styles.message, message.private && styles.note, !message.private && !isIncoming && styles.ours]
  return (
    <article
      className={className.filter(Boolean).join(' ')}
      data-message={message.id}
      data-wanted={isWanted ? '' : undefined}
      aria-label={say('thread.messageOf', { name })}
    >
      <Avatar name={name} url={senderPicture(message)} isQuiet={!isIncoming} />
      <header className={styles.head}>
        <b dir="auto">{name}</b>
        {message.private && <Chip look="note">{say('thread.privateNote')}</Chip>}
        {isIncoming && <SpeakerMark message={message} />}
        {mail?.isAutoReply === true && <Chip>{say('thread.autoReply')}</Chip>}
        <span className={styles.time}>
          <Time at={message.created_at} isLong />
        </span>
      </header>
      {!message.private && <RecipientsLine message={message} mail={mail} />}
      <Body message={message} mail={mail} />
      <Attachments message={message} isOriginalShown={shown === 'original'} />
      <Foot message={message} conversation={conversation} mail={mail} shown={shown} setShown={setShown} />
    </article>
  )
})

type Unfolded = 'quoted' | 'original' | null

function senderPicture({ sender }: ShownMessage): string | null {
  return sender !== undefined && 'avatar_url' in sender ? sender.avatar_url : null
}

const shownRecipients = 2

// "to Support, cc bob@example.com +2", whole on demand.
function RecipientsLine({ message, mail }: { readonly message: ShownMessage; readonly mail: MailOfMessage | null }) {
  const say = useWords()
  const [isWhole, setWhole] = useState(false)
  const fields = [
    { name: say('thread.to'), people: mail?.to ?? [] },
    { name: say('thread.cc'), people: mail?.cc ?? [] },
    { name: say('thread.bcc'), people: mail?.bcc ?? [] },
  ].filter(({ people }) => people.length > 0)
  if (fields.length === 0) return null
  const from = message.message_type === messageTypes.incoming ? mail?.from[0] : undefined
  const hidden = fields.reduce((sum, { people }) => sum + Math.max(0, people.length - shownRecipients), 0)
  return (
    <p className={styles.recipients}>
      {from !== undefined && <span>{from} </span>}
      {fields.map(({ name, people }) => (
        <span key={name}>
          {name} {(isWhole ? people : people.slice(0, shownRecipients)).join(', ')}{' '}
        </span>
      ))}
      {hidden > 0 && !isWhole && (
        <button
          type="button"
          onClick={() => {
            setWhole(true)
          }}
        >
          +{hidden}
        </button>
      )}
    </p>
  )
}

function Body({ message, mail }: { readonly message: ShownMessage; readonly mail: MailOfMessage | null }) {
  const say = useWords()
  if (message.content_attributes['deleted'] === true) return <p className={styles.deleted}>{say('thread.deleted')}</p>
  if (message.content === null || message.content === '')
    return (message.attachments?.length ?? 0) > 0 ? null : (
      <p className={styles.deleted}>{say(mail === null ? 'thread.noWords' : 'thread.noNewWords')}</p>
    )
  return (
    <div className={styles.body} dir="auto">
      {message.message_type === messageTypes.incoming ? (
        <LongText text={message.content} />
      ) : (
        <MessageText text={message.content} isMarkdown />
      )}
    </div>
  )
}

interface FootProps {
  readonly message: ShownMessage
  readonly conversation: Conversation
  readonly mail: MailOfMessage | null
  readonly shown: Unfolded
  readonly setShown: (shown: Unfolded) => void
}

function Foot({ message, conversation, mail, shown, setShown }: FootProps) {
  const say = useWords()
  const why = useWhy()
  const show = (what: 'quoted' | 'original'): void => {
    setShown(shown === what ? null : what)
  }
  const isMail = mail !== null && message.message_type === messageTypes.incoming
  return (
    <>
      <footer className={styles.foot}>
        {mail !== null && mail.quotedLines > 0 && (
          <Button
            look="quiet"
            aria-expanded={shown === 'quoted'}
            onClick={() => {
              show('quoted')
            }}
          >
            {say(shown === 'quoted' ? 'thread.hideQuoted' : 'thread.showQuoted', { count: mail.quotedLines })}
          </Button>
        )}
        {mail?.hasHtml === true && (
          <Button
            look="quiet"
            aria-expanded={shown === 'original'}
            onClick={() => {
              show('original')
            }}
          >
            {say(shown === 'original' ? 'thread.hideOriginal' : 'thread.showOriginal')}
          </Button>
        )}
        {isMail && (
          <Button
            look="quiet"
            aria-pressed={why.messageId === message.id}
            onClick={() => {
              why.ask(message.id)
            }}
          >
            {say('thread.why')} <Key>W</Key>
          </Button>
        )}
        <DeliveryState message={message} conversation={conversation} />
      </footer>
      {shown === 'quoted' && mail !== null && <pre className={styles.quoted}>{mail.text}</pre>}
      {shown === 'original' && <Original message={message} />}
    </>
  )
}
