// The rows, virtual: some dozens are in the document, whatever the length of the list. While the list is scrolled or
// has the pointer, rows stay where they are; what came meanwhile waits behind "3 new".

import { useVirtualizer } from '@tanstack/react-virtual'
import { useCallback, useEffect, useMemo, useRef, useState } from 'react'

import type { Conversation } from '../../api/client'
import { preferences } from '../../shell/preferences'
import { useWords } from '../../words/words'
import { Row } from './row'
import styles from './rows.module.css'
import type { Selection } from './selection'

interface RowsProps {
  readonly conversations: readonly Conversation[]
  readonly openId: number | null
  readonly selection: Selection
  readonly onOpen: (displayId: number) => void
  readonly onEnd: () => void
}

const rowHeight = 85
const compactHeight = 61
/** Rows before the end at which further ones are read. */
const readAhead = 12

export function Rows({ conversations, openId, selection, onOpen, onEnd }: RowsProps) {
  const say = useWords()
  const { isCompact } = preferences.use()
  const scroller = useRef<HTMLDivElement>(null)
  const { shown, newCount, onScroll, showNew } = useStill(conversations, scroller)
  const height = isCompact ? compactHeight : rowHeight
  const virtualizer = useVirtualizer({
    count: shown.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => height,
    getItemKey: (index) => shown[index]?.id ?? index,
    overscan: 8,
  })
  useEffect(() => {
    virtualizer.measure()
  }, [height, virtualizer])
  const items = virtualizer.getVirtualItems()
  const last = items.at(-1)?.index ?? 0
  useEffect(() => {
    if (last >= shown.length - readAhead) onEnd()
  }, [last, shown.length, onEnd])
  const openIndex = shown.findIndex(({ id }) => id === openId)
  // Once for each conversation that is opened, not again when the list moves.
  const scrolledTo = useRef<number | null>(null)
  useEffect(() => {
    if (openId === null) scrolledTo.current = null
    if (openIndex < 0 || scrolledTo.current === openId) return
    scrolledTo.current = openId
    virtualizer.scrollToIndex(openIndex, { align: 'auto' })
  }, [openId, openIndex, virtualizer])
  return (
    <div className={styles.place}>
      {newCount > 0 && (
        <button type="button" className={styles.fresh} onClick={showNew}>
          {say('conversations.newAbove', { count: newCount })}
        </button>
      )}
      <div className={styles.scroller} ref={scroller} onScroll={onScroll}>
        <ul
          className={styles.rows}
          role="listbox"
          aria-label={say('conversations.conversations')}
          aria-multiselectable="true"
          style={{ height: virtualizer.getTotalSize() }}
        >
          {items.map(({ index, key, start }) => {
            const conversation = shown[index]
            return conversation === undefined ? null : (
              <li
                key={key}
                role="presentation"
                className={styles.item}
                style={{ transform: `translateY(${String(start)}px)`, height }}
              >
                <Row
                  conversation={conversation}
                  isOpen={conversation.id === openId}
                  isFirst={index === 0}
                  hasOpen={openIndex >= 0}
                  isSelected={selection.ids.has(conversation.id)}
                  isCompact={isCompact}
                  position={index + 1}
                  onOpen={onOpen}
                  onSelect={selection.toggle}
                />
              </li>
            )
          })}
        </ul>
      </div>
    </div>
  )
}

/** The conversations in the order in which they stood when the list was scrolled away from its top. */
function useStill(conversations: readonly Conversation[], scroller: React.RefObject<HTMLDivElement | null>) {
  const [frozen, setFrozen] = useState<readonly number[] | null>(null)
  const latest = useRef(conversations)
  useEffect(() => {
    latest.current = conversations
  }, [conversations])
  const onScroll = useCallback(() => {
    const isAway = (scroller.current?.scrollTop ?? 0) > 4
    setFrozen((before) => (isAway ? (before ?? latest.current.map(({ id }) => id)) : null))
  }, [scroller])
  const showNew = useCallback(() => {
    setFrozen(null)
    scroller.current?.scrollTo({ top: 0 })
  }, [scroller])
  return useMemo(() => {
    if (frozen === null) return { shown: conversations, newCount: 0, onScroll, showNew }
    const byId = new Map(conversations.map((one) => [one.id, one]))
    const known = new Set(frozen)
    const still = frozen.flatMap((id) => byId.get(id) ?? [])
    // What was read further down follows; what came above waits.
    const lastKnown = conversations.findLastIndex(({ id }) => known.has(id))
    const further = conversations.slice(lastKnown + 1)
    const newCount = conversations.slice(0, lastKnown + 1).filter(({ id }) => !known.has(id)).length
    return { shown: [...still, ...further], newCount, onScroll, showNew }
  }, [conversations, frozen, onScroll, showNew])
}
