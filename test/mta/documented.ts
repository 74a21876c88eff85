// What the pages of docs/install/mail-in say to write into which file: the tests configure their MTAs with that, and
// with nothing else in its place.

import { readFile } from 'node:fs/promises'

const folder = new URL('../../docs/install/mail-in/', import.meta.url)

/**
 * Blocks of one section of a page by the file that the line over each names; `As root` has the commands. Throws when
 * there is no such section.
 */
export async function readBlocks(page: string, heading: string): Promise<ReadonlyMap<string, string>> {
  const section = sectionOf(await readFile(new URL(page, folder), 'utf8'), heading)
  const blocks = section.matchAll(
    /(?:^`(?<file>[~/][^`]+)`|(?<root>As root))[^\n]*:\n\n```\w*\n(?<text>(?:.*\n)+?)```/gm,
  )
  return new Map([...blocks].map(({ groups = {} }) => [groups['file'] ?? 'As root', groups['text'] ?? '']))
}

function sectionOf(text: string, heading: string): string {
  const start = text.indexOf(`\n${heading}\n`)
  if (start < 0) throw new Error(`the page has no section "${heading}"`)
  const body = text.slice(start + heading.length + 2)
  const end = body.search(/^## /m)
  return end < 0 ? body : body.slice(0, end)
}

/** One block of a section. Throws when it is not there. */
export function blockOf(blocks: ReadonlyMap<string, string>, name: string): string {
  const block = blocks.get(name)
  if (block === undefined) throw new Error(`no block for ${name}, only for ${[...blocks.keys()].join(', ')}`)
  return block
}
