// The frame of every page inside an account: the rail on the left (at the foot of a phone), the page, what opens
// above it.

import { Outlet } from '@tanstack/react-router'
import { lazy, Suspense, useMemo, useState } from 'react'

import { useLive } from '../live/use-live'
import { undoLatest } from '../ui/toast'
import { useWords } from '../words/words'
import { type Action, useActions } from './actions'
import styles from './frame.module.css'
import { useGo } from './go'
import { useKeys } from './keys'
import { OfflineLine } from './offline-line'
import { Rail } from './rail'

// Loaded when they are first opened.
const Palette = lazy(async () => ({ default: (await import('./palette')).Palette }))
const Shortcuts = lazy(async () => ({ default: (await import('./shortcuts')).Shortcuts }))

export function Frame() {
  const say = useWords()
  const [open, setOpen] = useState<'palette' | 'shortcuts' | null>(null)
  const live = useLive()
  const go = useGo()
  useKeys()
  useActions(
    useMemo<readonly Action[]>(
      () => [
        {
          id: 'palette',
          name: 'shell.action.palette',
          keys: ['$mod+k'],
          group: 'general',
          isGlobal: true,
          isHidden: true,
          run: () => {
            setOpen('palette')
          },
        },
        {
          id: 'search',
          name: 'shell.action.search',
          keys: ['/'],
          group: 'general',
          run: () => {
            setOpen('palette')
          },
        },
        {
          id: 'shortcuts',
          name: 'shell.action.shortcuts',
          keys: ['Shift+?'],
          group: 'general',
          run: () => {
            setOpen('shortcuts')
          },
        },
        {
          id: 'undo',
          name: 'shell.action.undo',
          keys: ['z'],
          group: 'general',
          run: () => {
            undoLatest()
          },
        },
        ...go,
      ],
      [go],
    ),
  )
  return (
    <div className={styles.frame}>
      <a className="visually-hidden" href="#main">
        {say('shell.skip')}
      </a>
      <Rail
        onSearch={() => {
          setOpen('palette')
        }}
      />
      <div className={styles.page} id="main">
        <OfflineLine state={live} />
        <div className={styles.content}>
          <Outlet />
        </div>
      </div>
      <Suspense fallback={null}>
        {open === 'palette' && (
          <Palette
            isOpen
            onClose={() => {
              setOpen(null)
            }}
          />
        )}
        {open === 'shortcuts' && (
          <Shortcuts
            isOpen
            onClose={() => {
              setOpen(null)
            }}
          />
        )}
      </Suspense>
    </div>
  )
}
