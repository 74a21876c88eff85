// A person as two letters, or their picture.

import styles from './avatar.module.css'

interface AvatarProps {
  readonly name: string
  readonly url?: string | null | undefined
  readonly size?: 'tiny' | 'normal' | 'large'
  /** The text for screen readers and on hover; without it the avatar is decoration beside the name. */
  readonly label?: string
  readonly isQuiet?: boolean
}

export function Avatar({ name, url, size = 'normal', label, isQuiet = false }: AvatarProps) {
  const className = [styles.avatar, styles[size], isQuiet ? styles.quiet : ''].filter(Boolean).join(' ')
  const named = label === undefined ? { 'aria-hidden': true } : { role: 'img', 'aria-label': label, title: label }
  return (
    <span className={className} {...named}>
      {url ? <img src={localUrl(url)} alt="" /> : initialsOf(name)}
    </span>
  )
}

/** The first letters of the first and the last word; of an address, of its local part. */
function initialsOf(name: string): string {
  const words = name
    .replace(/@.*/, '')
    .split(/[\s._-]+/)
    .filter(Boolean)
  const [first = '?', last = ''] = [words[0], words.length > 1 ? words.at(-1) : undefined]
  return [first, last]
    .map((word) => Array.from(word)[0] ?? '')
    .join('')
    .toLocaleUpperCase()
}

/** The path of one of the service's own addresses, so that it is asked of the host that served the page. */
export function localUrl(url: string): string {
  try {
    const { pathname, search } = new URL(url, location.origin)
    return pathname + search
  } catch {
    return url
  }
}
