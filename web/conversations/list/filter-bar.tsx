// The filters of the view: status, inbox, team, label, what concerns me, saved filters; and the order.

import { useQuery } from '@tanstack/react-query'
import { ArrowDownWideNarrow, ListFilter, X } from 'lucide-react'
import { lazy, Suspense, useState } from 'react'

import { filtersQuery, inboxesQuery, labelsQuery, teamsQuery } from '../../api/records'
import { useAccountId } from '../../shell/go'
import { Button } from '../../ui/button'
import { Menu, MenuEntry, MenuHeading, MenuLine } from '../../ui/menu'
import { useWords } from '../../words/words'
import { isSavable } from '../conditions'
import { useMoves, useView } from '../use-view'
import { kinds, latestFirst, orders, priorities, statuses } from '../view'
import styles from './list-head.module.css'

const SaveFilterDialog = lazy(async () => ({ default: (await import('./save-filter-dialog')).SaveFilterDialog }))

export function FilterBar() {
  const [isSaving, setSaving] = useState(false)
  return (
    <div className={styles.bar}>
      <div className={styles.filters}>
        <StatusMenu />
        <FilterMenu
          onSave={() => {
            setSaving(true)
          }}
        />
        <Chosen />
      </div>
      <OrderMenu />
      {isSaving && (
        <Suspense fallback={null}>
          <SaveFilterDialog
            isOpen
            onClose={() => {
              setSaving(false)
            }}
          />
        </Suspense>
      )}
    </div>
  )
}

function StatusMenu() {
  const say = useWords()
  const { status = 'open' } = useView()
  const { change } = useMoves()
  return (
    <Menu
      trigger={
        <Button
          look="quiet"
          className={styles.small}
          aria-label={say('conversations.statusIs', { status: say(`conversations.status.${status}`) })}
        >
          {say(`conversations.status.${status}`)} ▾
        </Button>
      }
    >
      {statuses.map((one) => (
        <MenuEntry
          key={one}
          isChosen={one === status}
          onSelect={() => {
            change({ status: one === 'open' ? undefined : one })
          }}
        >
          {say(`conversations.status.${one}`)}
        </MenuEntry>
      ))}
    </Menu>
  )
}

function FilterMenu({ onSave }: { readonly onSave: () => void }) {
  const say = useWords()
  const accountId = useAccountId()
  const view = useView()
  const { change } = useMoves()
  const { data: inboxes = [] } = useQuery(inboxesQuery(accountId))
  const { data: teams = [] } = useQuery(teamsQuery(accountId))
  const { data: labels = [] } = useQuery(labelsQuery(accountId))
  const { data: saved = [] } = useQuery(filtersQuery(accountId))
  return (
    <Menu
      trigger={
        <Button look="quiet" className={styles.small}>
          <ListFilter aria-hidden="true" /> {say('conversations.filter')}
        </Button>
      }
    >
      {kinds.map((kind) => (
        <MenuEntry
          key={kind}
          isChosen={view.kind === kind}
          onSelect={() => {
            change({ kind: view.kind === kind ? undefined : kind, tab: 'all' })
          }}
        >
          {say(`conversations.kind.${kind}`)}
        </MenuEntry>
      ))}
      <MenuHeading>{say('thread.action.priority')}</MenuHeading>
      {priorities.map((priority) => (
        <MenuEntry
          key={priority}
          isChosen={view.priority === priority}
          onSelect={() => {
            change({ priority: view.priority === priority ? undefined : priority })
          }}
        >
          {say(`conversations.priority.${priority}`)}
        </MenuEntry>
      ))}
      {saved.length > 0 && <MenuHeading>{say('conversations.savedFilters')}</MenuHeading>}
      {saved.map(({ id, name }) => (
        <MenuEntry
          key={id}
          isChosen={view.filter === id}
          onSelect={() => {
            change({ filter: view.filter === id ? undefined : id, tab: 'all', status: undefined })
          }}
        >
          {name}
        </MenuEntry>
      ))}
      {inboxes.length > 1 && <MenuHeading>{say('conversations.inboxes')}</MenuHeading>}
      {inboxes.length > 1 &&
        inboxes.map(({ id, name }) => (
          <MenuEntry
            key={id}
            isChosen={view.inbox === id}
            onSelect={() => {
              change({ inbox: view.inbox === id ? undefined : id })
            }}
          >
            {name}
          </MenuEntry>
        ))}
      {teams.length > 0 && <MenuHeading>{say('conversations.teams')}</MenuHeading>}
      {teams.map(({ id, name }) => (
        <MenuEntry
          key={id}
          isChosen={view.team === id}
          onSelect={() => {
            change({ team: view.team === id ? undefined : id })
          }}
        >
          {name}
        </MenuEntry>
      ))}
      {labels.length > 0 && <MenuLine />}
      {labels.length > 0 && <MenuHeading>{say('conversations.labels')}</MenuHeading>}
      {labels.map(({ id, title }) => (
        <MenuEntry
          key={id}
          isChosen={view.label === title}
          onSelect={() => {
            change({ label: view.label === title ? undefined : title })
          }}
        >
          {title}
        </MenuEntry>
      ))}
      {isSavable(view) && <MenuLine />}
      {isSavable(view) && <MenuEntry onSelect={onSave}>{say('conversations.saveFilter')}</MenuEntry>}
    </Menu>
  )
}

// Each filter that is on, with a button that takes it off.
function Chosen() {
  const say = useWords()
  const accountId = useAccountId()
  const view = useView()
  const { change } = useMoves()
  const { data: inboxes } = useQuery(inboxesQuery(accountId))
  const { data: teams } = useQuery(teamsQuery(accountId))
  const { data: saved } = useQuery(filtersQuery(accountId))
  const chosen = [
    {
      name: 'priority' as const,
      text: view.priority === undefined ? undefined : say(`conversations.priority.${view.priority}`),
    },
    { name: 'kind' as const, text: view.kind === undefined ? undefined : say(`conversations.kind.${view.kind}`) },
    {
      name: 'inbox' as const,
      text:
        view.inbox === undefined
          ? undefined
          : (inboxes?.find(({ id }) => id === view.inbox)?.name ?? `#${String(view.inbox)}`),
    },
    {
      name: 'team' as const,
      text:
        view.team === undefined
          ? undefined
          : (teams?.find(({ id }) => id === view.team)?.name ?? `#${String(view.team)}`),
    },
    {
      name: 'filter' as const,
      text:
        view.filter === undefined
          ? undefined
          : (saved?.find(({ id }) => id === view.filter)?.name ?? `#${String(view.filter)}`),
    },
    { name: 'label' as const, text: view.label },
  ]
  return chosen.map(({ name, text }) =>
    text === undefined ? null : (
      <span key={name} className={styles.chosen}>
        <span>{text}</span>
        <button
          type="button"
          aria-label={say('conversations.removeFilter', { name: text })}
          onClick={() => {
            change({ [name]: undefined })
          }}
        >
          <X aria-hidden="true" />
        </button>
      </span>
    ),
  )
}

function OrderMenu() {
  const say = useWords()
  const { order = latestFirst } = useView()
  const { change } = useMoves()
  return (
    <Menu
      align="end"
      trigger={
        <Button
          look="quiet"
          className={styles.small}
          aria-label={say('conversations.orderIs', { order: say(`conversations.order.${order}`) })}
        >
          <ArrowDownWideNarrow aria-hidden="true" />
        </Button>
      }
    >
      {orders.map((one) => (
        <MenuEntry
          key={one}
          isChosen={one === order}
          onSelect={() => {
            change({ order: one === latestFirst ? undefined : one })
          }}
        >
          {say(`conversations.order.${one}`)}
        </MenuEntry>
      ))}
    </Menu>
  )
}
