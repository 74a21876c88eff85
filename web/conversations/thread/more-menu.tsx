// The actions that have no button of their own, each with its key.

import { Ellipsis } from 'lucide-react'

import type { Conversation } from '../../api/client'
import { RandomMessageEntry } from '../../mail/random-message'
import { IconButton } from '../../ui/button'
import { Menu, MenuEntry, MenuHeading, MenuLine } from '../../ui/menu'
import { useWords } from '../../words/words'
import type { ConversationActions } from '../actions/use-conversation-actions'
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
  readonly actions: ConversationActions
  readonly isOpen: boolean
  readonly onOpenChange: (isOpen: boolean) => void
  readonly onOpen: (name: HeadMenu) => void
}

export function MoreMenu({ conversation, actions, isOpen, onOpenChange, onOpen }: MoreMenuProps) {
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
      <MenuHeading>{say('thread.action.priority')}</MenuHeading>
      {priorities.map((priority) => (
        <MenuEntry
          key={priority ?? 'none'}
          isChosen={conversation.priority === priority}
          onSelect={() => {
            actions.setPriority(priority)
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
          {say(`thread.action.${name}`)}
        </MenuEntry>
      ))}
      <MenuEntry shortcut="U" onSelect={actions.markUnread}>
        {say('thread.action.unread')}
      </MenuEntry>
      <MenuEntry
        isDanger={!isMuted}
        onSelect={() => {
          actions.mute(!isMuted)
        }}
      >
        {say(isMuted ? 'thread.action.unmute' : 'thread.action.mute')}
      </MenuEntry>
      <MenuLine />
      <MenuEntry shortcut="]" onSelect={togglePanel}>
        {say('thread.action.panel')}
      </MenuEntry>
      <RandomMessageEntry conversation={conversation} />
    </Menu>
  )
}
