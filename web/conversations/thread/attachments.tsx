// The files of a message as tiles; pictures with a preview. A preview opens on Space or a click.

import { Dialog as Base } from '@base-ui/react/dialog'
import { Download, FileText, Paperclip, X } from 'lucide-react'
import { useState } from 'react'

import type { Schemas } from '../../api/client'
import { localUrl } from '../../ui/avatar'
import { IconButton } from '../../ui/button'
import { useWords } from '../../words/words'
import styles from './attachments.module.css'
import { fileSize } from './file-size'
import type { ShownMessage } from './messages-query'

type Attachment = Schemas['Attachment']

const pictures = new Set(['png', 'jpg', 'jpeg', 'gif', 'webp', 'avif'])

interface AttachmentsProps {
  readonly message: ShownMessage
  /** The original is open: it shows the inline pictures in their places. */
  readonly isOriginalShown: boolean
}

export function Attachments({ message, isOriginalShown }: AttachmentsProps) {
  const files = (message.attachments ?? []).filter(({ inline }) => !(inline === true && isOriginalShown))
  if (files.length === 0) return null
  return (
    <ul className={styles.files}>
      {files.map((attachment) => (
        <li key={attachment.id}>
          <File attachment={attachment} />
        </li>
      ))}
    </ul>
  )
}

function File({ attachment }: { readonly attachment: Attachment }) {
  const say = useWords()
  const [isOpen, setOpen] = useState(false)
  const { data_url: url, file_size: size } = attachment
  const name = fileName(attachment)
  if (url === null) return <span className={styles.file}>{name}</span>
  const address = localUrl(url)
  const isPicture = attachment.file_type === 'image' && pictures.has(name.split('.').at(-1)?.toLowerCase() ?? '')
  const details = (
    <>
      <span className={styles.name}>{name}</span>
      <span className={styles.size}>{size === undefined ? '' : fileSize(size)}</span>
    </>
  )
  if (!isPicture)
    return (
      <a className={styles.file} href={address} download={name}>
        {attachment.file_type === 'file' ? <FileText aria-hidden="true" /> : <Paperclip aria-hidden="true" />}
        {details}
      </a>
    )
  return (
    <>
      <button
        type="button"
        className={styles.picture}
        aria-label={say('thread.preview', { name })}
        onClick={() => {
          setOpen(true)
        }}
      >
        <img
          src={address}
          alt=""
          loading="lazy"
          width={attachment.width ?? undefined}
          height={attachment.height ?? undefined}
        />
        <span className={styles.caption}>{details}</span>
      </button>
      <Base.Root
        open={isOpen}
        onOpenChange={(next) => {
          setOpen(next)
        }}
      >
        <Base.Portal>
          <Base.Backdrop className={styles.backdrop} />
          <Base.Popup className={styles.viewer} aria-label={name}>
            <header>
              <span className={styles.name}>{name}</span>
              <a
                href={address}
                download={name}
                aria-label={say('thread.download', { name })}
                title={say('thread.download', { name })}
              >
                <Download aria-hidden="true" />
              </a>
              <Base.Close render={<IconButton label={say('common.close')}>{<X />}</IconButton>} />
            </header>
            <img src={address} alt={name} />
          </Base.Popup>
        </Base.Portal>
      </Base.Root>
    </>
  )
}

function fileName({ data_url: url, fallback_title: title, id }: Attachment): string {
  if (typeof title === 'string' && title !== '') return title
  try {
    return (
      decodeURIComponent(
        localUrl(url ?? '')
          .split('/')
          .at(-1)
          ?.split('?')[0] ?? '',
      ) || String(id)
    )
  } catch {
    return String(id)
  }
}
