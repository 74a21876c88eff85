// Stands where the conversation will: which keys open one.

import { Empty } from '../ui/empty'
import { useWords } from '../words/words'

export function NothingOpen() {
  const say = useWords()
  return <Empty title={say('conversations.nothingOpen.title')} text={say('conversations.nothingOpen.text')} />
}
