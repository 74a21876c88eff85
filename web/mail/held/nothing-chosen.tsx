// Beside the list of held mail, before one is chosen.

import { Empty } from '../../ui/empty'
import { useWords } from '../../words/words'

export function NothingChosen() {
  const say = useWords()
  return <Empty title={say('mail.held.choose.title')} text={say('mail.held.choose.text')} />
}
