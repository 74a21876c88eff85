// The acts that have no button of their own, each with its key.

import { Ellipsis } from 'lucide-react'

import type { Conversation } from '../../api/client'
import { RandomMessageEntry } from '../../mail/random-message'
import { IconButton } from '../../ui/button'
import { Menu, MenuEntry, MenuHeading, MenuLine } from '../../ui/menu'
import { useWords } from '../../words/words'
import type { ConversationActs } from '../acts/use-conversation-acts'
import { togglePanel } from '../panel/panel-state'
import type { HeadMenu } from './head-menu'

const priorities = ['urgent', 'high', 'medium', 'low', null] as const
const pickers = [
  { name: 'team', key: 'T' },
  { name: 'labels', key: 'L' },
  { name: 'snooze', key: 'S' },
  { name: 'merge', key: 'M' },
] as const

interface MoreMenuProps {
  readonly conversation: Conversation
  readonly acts: ConversationActs
  readonly isOpen: boolean
  readonly onOpenChange: (isOpen: boolean) => void
  readonly onOpen: (name: HeadMenu) => void
}

export function MoreMenu({ conversation, acts, isOpen, onOpenChange, onOpen }: MoreMenuProps) {
  const say = useWords()
  const { muted: isMuted } = conversation
  return (
    <Menu
      align="end"
      isOpen={isOpen}
      onOpenChange={onOpenChange}
      trigger={
        <IconButton label={say('common.more')}>
          <Ellipsis />
        </IconButton>
      }
    >
      <MenuHeading>{say('thread.act.priority')}</MenuHeading>
      {priorities.map((priority) => (
        <MenuEntry
          key={priority ?? 'none'}
          isChosen={conversation.priority === priority}
          onSelect={() => {
            acts.setPriority(priority)
          }}
        >
          {say(`conversations.priority.${priority ?? 'none'}`)}
        </MenuEntry>
      ))}
      <MenuLine />
      {pickers.map(({ name, key }) => (
        <MenuEntry
          key={name}
          shortcut={key}
          onSelect={() => {
            onOpen(name)
          }}
        >
          {say(`thread.act.${name}`)}
        </MenuEntry>
      ))}
      <MenuEntry shortcut="U" onSelect={acts.markUnread}>
        {say('thread.act.unread')}
      </MenuEntry>
      <MenuEntry
        isDanger={!isMuted}
        onSelect={() => {
          acts.mute(!isMuted)
        }}
      >
        {say(isMuted ? 'thread.act.unmute' : 'thread.act.mute')}
      </MenuEntry>
      <MenuLine />
      <MenuEntry shortcut="]" onSelect={togglePanel}>
        {say('thread.act.panel')}
      </MenuEntry>
      <RandomMessageEntry conversation={conversation} />
    </Menu>
  )
}
