// Which messages a full-text query means: those whose words have been written, and the few whose words have not. As
// SQL; $1 is the account.

import { followedPosition, wordsOf } from './follow-words.ts'

// Messages that are not announced, or announced and not indexed yet: at most as many as arrive in a moment. A larger
// backlog is found after it is indexed.
const unfollowed = `
  (
    select e.message_id
    from events e
    where e.position is null and e.name in ('message_created', 'message_updated')
    order by e.id desc
    limit 5000
  )
  union (
    select e.message_id
    from events e
    where e.position > ${followedPosition} and e.name in ('message_created', 'message_updated')
    order by e.position desc
    limit 5000
  )
`

const isMatching = (words: string, parameter: string): string => `${words} @@ to_tsquery('simple', fold(${parameter}))`
const followed = (parameter: string, words: string): string =>
  `${words} w where w.account_id = $1 and ${isMatching('w.words', parameter)}`
const others = (parameter: string): string =>
  `messages m where m.id in (${unfollowed}) and m.account_id = $1 and m.message_type <> 'activity' and ` +
  isMatching(wordsOf('m'), parameter)

const matchingIn = (words: string, parameter: string): string => `
  select w.message_id, w.conversation_id from ${followed(parameter, words)}
  union
  select m.id, m.conversation_id from ${others(parameter)}`

/** SQL: ids and conversations of the messages that match a text query (`parameter`). */
export const matchingMessages = (parameter: string): string => matchingIn('message_words', parameter)

/** As `matchingMessages`, but only of the account's newest five thousand. */
export const newestMatching = (parameter: string): string =>
  matchingIn(
    '(select n.* from message_words n where n.account_id = $1 order by n.message_id desc limit 5000)',
    parameter,
  )

/** As SQL: ids of the conversations whose messages match a text query, some of them more than once. */
export const matchingConversations = (parameter: string): string =>
  `
    select w.conversation_id
    from ${followed(parameter, 'message_words')}
    union all
    select m.conversation_id
    from ${others(parameter)}
  `
