// A line at the foot of the screen that says what was done and offers to undo it, for ten seconds; or that something
// failed, until it is closed.

import { Toast } from '@base-ui/react/toast'
import { X } from 'lucide-react'
import type { ReactNode } from 'react'

import { useWords } from '../words/words'
import { Button, IconButton } from './button'
import styles from './toast.module.css'

const shownMs = 10_000
const manager = Toast.createToastManager()

export interface Notice {
  readonly text: string
  /** What takes the action back. */
  readonly undo?: () => void
  /** What does it again, when it failed. */
  readonly retry?: () => void
  readonly isFailure?: boolean
  /** When the action was done, by `performance.now()`, if not now: Undo takes back the latest action. */
  readonly at?: number
}

interface Undoable {
  readonly id: string
  readonly undo: () => void
  readonly at: number
}

let undoable: readonly Undoable[] = []

const forget = (id: string): void => {
  undoable = undoable.filter((one) => one.id !== id)
}

/** Shows a notice. Returns what removes it. */
export function tell({ text, undo, retry, isFailure = false, at = performance.now() }: Notice): () => void {
  const id = manager.add({
    description: text,
    type: isFailure ? 'failed' : 'done',
    timeout: isFailure ? 0 : shownMs,
    priority: isFailure ? 'high' : 'low',
    data: { undo, retry },
    onClose: () => {
      forget(id)
    },
  })
  if (undo !== undefined) undoable = [...undoable, { id, undo, at }].sort((a, b) => a.at - b.at)
  return () => {
    manager.close(id)
  }
}

/** Undoes the last action that can still be undone; false when there is none. */
export function undoLatest(): boolean {
  const latest = undoable.at(-1)
  if (latest === undefined) return false
  takeBack(latest.id, latest.undo)
  return true
}

export function Toasts({ children }: { readonly children: ReactNode }) {
  return (
    <Toast.Provider toastManager={manager} limit={3}>
      {children}
      <Toast.Portal>
        <Toast.Viewport className={styles.viewport}>
          <List />
        </Toast.Viewport>
      </Toast.Portal>
    </Toast.Provider>
  )
}

interface NoticeData {
  readonly undo?: () => void
  readonly retry?: () => void
}

function List() {
  const say = useWords()
  const { toasts } = Toast.useToastManager<NoticeData>()
  return toasts.map((toast) => (
    <Toast.Root key={toast.id} toast={toast} className={styles.toast} swipeDirection="down">
      <Toast.Description className={toast.type === 'failed' ? styles.failed : ''} />
      {toast.data?.undo !== undefined && (
        <Button
          look="quiet"
          className={styles.action}
          shortcut="Z"
          onClick={() => {
            takeBack(toast.id, toast.data?.undo)
          }}
        >
          {say('common.undo')}
        </Button>
      )}
      {toast.data?.retry !== undefined && (
        <Button
          look="quiet"
          className={styles.action}
          onClick={() => {
            manager.close(toast.id)
            toast.data?.retry?.()
          }}
        >
          {say('common.tryAgain')}
        </Button>
      )}
      <Toast.Close render={<IconButton label={say('common.close')}>{<X />}</IconButton>} />
    </Toast.Root>
  ))
}

function takeBack(id: string, undo: (() => void) | undefined): void {
  forget(id)
  manager.close(id)
  undo?.()
}
