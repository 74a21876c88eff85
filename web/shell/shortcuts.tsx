// The dialog that lists every key that acts now.

import { Dialog } from '../ui/dialog'
import { Key } from '../ui/key'
import { useWords } from '../words/words'
import { type Action, keyName, useCurrentActions } from './actions'
import styles from './shortcuts.module.css'

const groups = ['go', 'list', 'conversation', 'composer', 'mail', 'general'] as const

export function Shortcuts({ isOpen, onClose }: { readonly isOpen: boolean; readonly onClose: () => void }) {
  const say = useWords()
  const actions = useCurrentActions()
  return (
    <Dialog title={say('shell.shortcuts.title')} isOpen={isOpen} onClose={onClose} isWide>
      <div className={styles.groups}>
        {groups.map((group) => {
          const ofGroup = actions.filter((action) => action.group === group && (action.keys?.length ?? 0) > 0)
          return ofGroup.length === 0 ? null : (
            <Group key={group} title={say(`shell.group.${group}`)} actions={ofGroup} />
          )
        })}
      </div>
      <p className={styles.foot}>{say('shell.shortcuts.off')}</p>
    </Dialog>
  )
}

function Group({ title, actions }: { readonly title: string; readonly actions: readonly Action[] }) {
  const say = useWords()
  return (
    <section>
      <h3>{title}</h3>
      <dl className={styles.keys}>
        {actions.map((action) => (
          <div key={action.id}>
            <dt>{say(action.name)}</dt>
            <dd>
              {action.keys?.map((keys) => (
                <Key key={keys}>{keyName(keys)}</Key>
              ))}
            </dd>
          </div>
        ))}
      </dl>
    </section>
  )
}
