// Kinds of content. Chatwoot's content types are kept as they are. What other systems call image, markdown, location,
// carousel … is accepted under those names: it is kept as the content type of Chatwoot's that shows it (cards for
// card and carousel, input_select for dropdown and choice, text for the rest), its own name as
// `content_attributes.type`, so that clients of both kinds find what they know.

import type { Json } from '../records/rows.ts'

/** Chatwoot's content types. */
export const contentTypes: readonly string[] = [
  'text',
  'input_text',
  'input_textarea',
  'input_email',
  'input_select',
  'cards',
  'form',
  'article',
  'incoming_email',
  'input_csat',
  'integrations',
  'sticker',
  'voice_call',
]

interface Kind {
  readonly storedAs: string
  /** The problem of its attributes, as a sentence; null if there is none. */
  readonly problem: (content: Content) => string | null
}

export interface Content {
  readonly content: string | null
  readonly attributes: Json
  readonly files: number
}

const maxItems = 50
const hasText = ({ content }: Content): boolean => (content ?? '').trim() !== ''
const isLink = (value: unknown): boolean =>
  typeof value === 'string' && value.length <= 2_048 && /^https?:\/\/[^\s"'<>]+$/i.test(value)
const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)
const isTitled = (item: unknown): boolean =>
  isObject(item) && typeof item['title'] === 'string' && item['title'].trim() !== ''

const media: Kind = {
  storedAs: 'text',
  problem: ({ attributes, files }) =>
    files > 0 || isLink(attributes['url']) ? null : 'needs an attachment, or a link as content_attributes.url',
}

const items =
  (isItem: (item: unknown) => boolean) =>
  ({ attributes: { items: list } }: Content): string | null => {
    if (!Array.isArray(list) || list.length === 0 || list.length > maxItems)
      return `needs 1 to ${String(maxItems)} content_attributes.items`
    return list.every(isItem) ? null : 'has an item without a title'
  }

const withLinks = (item: unknown): boolean =>
  isTitled(item) && ((item as Json)['media_url'] === undefined || isLink((item as Json)['media_url']))
const cards: Kind = { storedAs: 'cards', problem: items(withLinks) }
const choices: Kind = { storedAs: 'input_select', problem: items(isTitled) }

const isBetween = (value: unknown, most: number): boolean =>
  value !== '' && value !== null && typeof value !== 'boolean' && Math.abs(Number(value)) <= most
const location: Kind = {
  storedAs: 'text',
  problem: ({ attributes: { latitude, longitude } }) =>
    isBetween(latitude, 90) && isBetween(longitude, 180) ? null : 'needs content_attributes.latitude and longitude',
}

const others = new Map<string, Kind>([
  ['image', media],
  ['audio', media],
  ['video', media],
  ['file', media],
  ['markdown', { storedAs: 'text', problem: (content) => (hasText(content) ? null : 'needs content') }],
  ['location', location],
  ['carousel', cards],
  ['card', cards],
  ['dropdown', choices],
  ['choice', choices],
])

/** How content of this type is kept, or what is wrong with it. Never throws. */
export function keepContent(
  type: string,
  content: Content,
): { readonly contentType: string; readonly attributes: Json } | { readonly problem: string } {
  const other = others.get(type)
  if (other !== undefined) {
    const problem = other.problem(content)
    return problem === null
      ? { contentType: other.storedAs, attributes: { ...content.attributes, type } }
      : { problem: `Validation failed: a message of type ${type} ${problem}` }
  }
  if (!contentTypes.includes(type)) return { problem: `'${type.slice(0, 100)}' is not a valid content_type` }
  if (type === 'text' && content.files === 0 && !hasText(content))
    return { problem: "Validation failed: Content can't be blank" }
  return { contentType: type, attributes: content.attributes }
}
