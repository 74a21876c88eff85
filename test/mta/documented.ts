// What docs/operations.md tells people to write into which file: the tests configure their MTAs with that, and with
// nothing else in its place.

import { readFile } from 'node:fs/promises'

const page = new URL('../../docs/operations.md', import.meta.url)

/**
 * Blocks of one section by the file that the line over each names; `As root` has the commands. Throws when there is
 * no such section.
 */
export async function readBlocks(heading: string): Promise<ReadonlyMap<string, string>> {
  const section = sectionOf(await readFile(page, 'utf8'), heading)
  const blocks = [...section.matchAll(/(?:^`(?<file>[~/][^`]+)`|(?<root>As root))[^\n]*:\n\n(?<text>(?: {4}.*\n)+)/gm)]
  return new Map(
    blocks.map(({ groups = {} }) => [groups['file'] ?? 'As root', (groups['text'] ?? '').replace(/^ {4}/gm, '')]),
  )
}

function sectionOf(text: string, heading: string): string {
  const start = text.indexOf(`\n${heading}\n`)
  if (start < 0) throw new Error(`docs/operations.md has no section "${heading}"`)
  const body = text.slice(start + heading.length + 2)
  const end = body.search(/^##/m)
  return end < 0 ? body : body.slice(0, end)
}

/** One block of a section. Throws when it is not there. */
export function blockOf(blocks: ReadonlyMap<string, string>, name: string): string {
  const block = blocks.get(name)
  if (block === undefined)
    throw new Error(`docs/operations.md: no block for ${name}, only for ${[...blocks.keys()].join(', ')}`)
  return block
}
