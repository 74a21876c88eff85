// What a notice says: the messages with their authors and files, how to answer, and where the conversation is.

import { attachmentUrl, linkTo } from '../links.ts'
import { maskReplyAddresses } from '../mail/reply-address.ts'
import { notificationSettingsUrl } from './automatic-mail.ts'
import type { Block } from './layout/blocks.ts'
import { renderCard } from './layout/card.ts'
import { type Bodies, linesAsHtml } from './layout/html.ts'
import { type NoticeAuthor, plainWords } from './notice-author.ts'
import type { NoticeContext } from './notice-context.ts'
import type { AttachedFile, OutgoingFacts } from './outgoing-facts.ts'
import type { Say, Words } from './words/words.ts'

export interface NoticePart {
  readonly messageId: number
  readonly author: NoticeAuthor
  readonly content: string
}

/** What a notice says, and to whom. */
export interface NoticeWords {
  readonly facts: OutgoingFacts
  readonly agent: { readonly userId: number; readonly assigneeId: number | null; readonly assignee: string | null }
  /** Shown above everything else; null for nothing. */
  readonly lead: string | null
  /** The messages, oldest first. */
  readonly parts: readonly NoticePart[]
}

interface NoticeSurroundings {
  /** The files of each part. */
  readonly files: readonly (readonly AttachedFile[])[]
  readonly context: NoticeContext
  readonly publicUrl: string
}

/** Both bodies of a notice. Never throws. */
export function renderNotice(
  words: Words,
  notice: NoticeWords,
  { files, context, publicUrl }: NoticeSurroundings,
): Bodies {
  const { facts, lead, parts } = notice
  const content = parts.map((part) => maskReplyAddresses(part.content))
  return renderCard({
    language: words.language,
    from: plainWords(facts.inbox.name),
    color: facts.inbox.mailColor,
    above: words.say('notice.above'),
    preheader: lead ?? content.at(-1) ?? '',
    sections: [
      ...(lead === null ? [] : [[{ kind: 'title', text: lead }] as const]),
      ...parts.map(({ author }, index): Block[] => [
        {
          kind: 'message',
          who: author.wrote,
          remark: author.remark,
          words: { text: content[index] ?? '', html: linesAsHtml(content[index] ?? '') },
        },
        ...filesOf(words, files[index] ?? [], publicUrl),
      ]),
      earlierOf(words, context),
      footerOf(words, notice, { context, publicUrl }),
    ],
    footer: {
      text: words.say('settings.reason'),
      label: words.say('settings.change'),
      url: notificationSettingsUrl(publicUrl, facts.account.id),
    },
  })
}

/** More are only counted. */
const maxFiles = 20

// Pictures of the text among them: a notice shows its words alone.
function filesOf({ say }: Words, files: readonly AttachedFile[], publicUrl: string): Block[] {
  if (files.length === 0) return []
  const shown = files
    .slice(0, maxFiles)
    .map(({ filename, token }) => ({ name: plainWords(filename), url: attachmentUrl(publicUrl, token, filename) }))
  const more = files.length > maxFiles ? say('attachments.more', { count: String(files.length - maxFiles) }) : ''
  return [{ kind: 'files', label: say('attachments'), files: shown, more }]
}

function earlierOf({ say }: Words, { earlier }: NoticeContext): Block[] {
  if (earlier.length === 0) return []
  return [
    { kind: 'quiet', text: `${say('continuity.earlier')}:` },
    ...earlier.map(({ who, content }) => ({ kind: 'quiet', text: `${who}\n${content}` }) as const),
  ]
}

function footerOf(
  { say }: Words,
  { facts, agent }: NoticeWords,
  { context, publicUrl }: Pick<NoticeSurroundings, 'context' | 'publicUrl'>,
): Block[] {
  const { conversation, account } = facts
  const number = String(conversation.displayId)
  const inbox = plainWords(facts.inbox.name)
  const other = agent.assignee === null ? say('assignee.nobody') : plainWords(agent.assignee)
  const assignee = agent.assigneeId === agent.userId ? say('assignee.you') : other
  return [
    { kind: 'text', text: howToAnswer(say, facts) },
    { kind: 'quiet', text: say('notice.commands') },
    {
      kind: 'facts',
      text: [
        say('notice.place', { number, inbox, assignee }),
        ...context.rows.map(([title, value]) => `${title}: ${value}`),
      ].join('\n'),
      rows: [
        [say('fact.conversation'), number],
        [say('fact.inbox'), inbox],
        [say('fact.assignee'), assignee],
        ...context.rows,
      ],
    },
    {
      kind: 'button',
      label: say('notice.open'),
      text: say('notice.open'),
      url: linkTo(publicUrl, `/app/accounts/${String(account.id)}/conversations/${number}`),
    },
  ]
}

function howToAnswer(say: Say, { isPrivate, recipient }: OutgoingFacts): string {
  if (isPrivate) return say('notice.private')
  return recipient.email === null
    ? say('notice.answer.none')
    : say('notice.answer', { email: plainWords(recipient.email) })
}
