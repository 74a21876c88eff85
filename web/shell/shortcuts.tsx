// The dialog that lists every key that acts now.

import { Dialog } from '../ui/dialog'
import { Key } from '../ui/key'
import { useWords } from '../words/words'
import { type Act, keyName, useCurrentActs } from './acts'
import styles from './shortcuts.module.css'

const groups = ['go', 'list', 'conversation', 'composer', 'mail', 'general'] as const

export function Shortcuts({ isOpen, onClose }: { readonly isOpen: boolean; readonly onClose: () => void }) {
  const say = useWords()
  const acts = useCurrentActs()
  return (
    <Dialog title={say('shell.shortcuts.title')} isOpen={isOpen} onClose={onClose} isWide>
      <div className={styles.groups}>
        {groups.map((group) => {
          const ofGroup = acts.filter((act) => act.group === group && (act.keys?.length ?? 0) > 0)
          return ofGroup.length === 0 ? null : <Group key={group} title={say(`shell.group.${group}`)} acts={ofGroup} />
        })}
      </div>
      <p className={styles.foot}>{say('shell.shortcuts.off')}</p>
    </Dialog>
  )
}

function Group({ title, acts }: { readonly title: string; readonly acts: readonly Act[] }) {
  const say = useWords()
  return (
    <section>
      <h3>{title}</h3>
      <dl className={styles.keys}>
        {acts.map((act) => (
          <div key={act.id}>
            <dt>{say(act.name)}</dt>
            <dd>
              {act.keys?.map((keys) => (
                <Key key={keys}>{keyName(keys)}</Key>
              ))}
            </dd>
          </div>
        ))}
      </dl>
    </section>
  )
}
