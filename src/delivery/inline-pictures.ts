// Pictures that stand in the words of a mail. Markdown names them by Content-ID or by file name,
// `![chart](cid:chart.png)`; the text of an agent's own mail has `[cid:…]` (Outlook) or `[image: chart.png]` (Gmail) in
// their place. Such a file travels as a part of the HTML under an id of its own; the others beside the text.

import { contentIdKeys } from '../mail/html/content-ids.ts'

interface Picture {
  readonly id: number
  readonly filename: string
  readonly contentType: string
  /** Null: it came by no mail. */
  readonly contentId: string | null
}

const inMarkdown = /(!\[[^\]]{0,500}\]\(\s{0,5}<?)cid:([^\s()<>"]{1,300})/gi
const inMail = /\[cid:([^\s[\]]{1,300})\]|\[image: ([^[\]\n]{1,300})\]/g

/** The words with the id under which each picture of `files` leaves, and those ids by file. Never throws. */
export function showPictures(
  content: string,
  files: readonly Picture[],
  domain: string,
): { readonly content: string; readonly contentIds: ReadonlyMap<number, string> } {
  const contentIds = new Map<number, string>()
  const use = ({ id }: Picture): string => {
    const contentId = `picture-${String(id)}@${domain}`
    contentIds.set(id, contentId)
    return `cid:${contentId}`
  }
  const pictures = files.filter(({ contentType }) => /^image\//i.test(contentType))
  if (pictures.length === 0) return { content, contentIds }
  const marked = content.replace(inMail, (mark: string, id?: string, name?: string) => {
    const picture = findPicture(
      pictures.filter(({ contentId }) => contentId !== null),
      id ?? name ?? '',
    )
    return picture === null ? mark : `![${altOf(picture)}](${use(picture)})`
  })
  return {
    content: marked.replace(inMarkdown, (mark: string, start: string, id: string) => {
      const picture = findPicture(pictures, id)
      return picture === null ? mark : `${start}${use(picture)}`
    }),
    contentIds,
  }
}

function findPicture(pictures: readonly Picture[], id: string): Picture | null {
  const keys = contentIdKeys(id)
  const isNamed = ({ contentId, filename }: Picture): boolean =>
    [...(contentId === null ? [] : contentIdKeys(contentId)), filename.toLowerCase()].some((name) =>
      keys.includes(name),
    )
  return pictures.find(isNamed) ?? null
}

const altOf = ({ filename }: Picture): string => filename.replace(/[[\]\\\n]/g, ' ').slice(0, 100)
