// Detects the language of a conversation (`additional_attributes.conversation_language`) from the contact's first
// message that is long enough. It runs as work, apart from incoming mail.

import { type Pool, queryOne } from '../../db/pool.ts'
import type { Handlers } from '../../queue/runner.ts'

/** parsing/language has this shape. */
export type DetectLanguage = (text: string) => Promise<string | null>

/** Fewer characters than this are not asked about. */
export const minLength = 20

/** Writes the language of the message's conversation where none is known. */
async function noteLanguage(pool: Pool, messageId: number, detect: DetectLanguage): Promise<void> {
  const message = await queryOne<{ conversation_id: number; text: string }>(
    pool,
    `
      select m.conversation_id, left(coalesce(m.processed_message_content, m.content, ''), 2000) as text
      from messages m
      join conversations c on c.id = m.conversation_id
      where m.id = $1 and coalesce(c.additional_attributes ->> 'conversation_language', '') = ''
    `,
    [messageId],
  )
  const text = message === null ? '' : wordsOf(message.text)
  if (message === null || text.length < minLength) return
  const language = await detect(text)
  if (language === null) return
  await pool.query(
    `
      update conversations
      set additional_attributes = additional_attributes || jsonb_build_object('conversation_language', $2::text)
      where id = $1 and coalesce(additional_attributes ->> 'conversation_language', '') = ''
    `,
    [message.conversation_id, language],
  )
}

// Addresses and numbers are of no language.
function wordsOf(text: string): string {
  return text
    .replace(/https?:\/\/\S+|\S+@\S+|[\d_#*>|=-]+/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
}

export function createLanguageHandler(pool: Pool, detect: DetectLanguage): Pick<Handlers, 'detect-language'> {
  return { 'detect-language': { run: ({ messageId }) => noteLanguage(pool, messageId, detect) } }
}
