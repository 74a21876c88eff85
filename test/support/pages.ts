// The documentation as readers have it: pages, headings, code blocks.

import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'

import { read, root, trackedFiles } from '../house/tree.ts'

/** Every page that a reader may open. */
export const pages = [
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  'SECURITY.md',
  ...trackedFiles('docs', '.md'),
].filter((file) => existsSync(join(root, file)))

/** The text of every heading. */
export function headingsOf(text: string): string[] {
  return [...text.replace(/^```[\s\S]*?^```/gm, '').matchAll(/^#+ (.+)$/gm)].map((match) => match[1] ?? '')
}

/** The anchors under which links reach the headings. */
export function anchorsOf(text: string): string[] {
  return headingsOf(text).map((heading) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} -]/gu, '')
      .replaceAll(' ', '-'),
  )
}

export interface Block {
  readonly file: string
  readonly language: string
  readonly text: string
}

/** The code blocks of a page, in order. */
export function blocksOf(file: string): Block[] {
  return [...read(file).matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].map((match) => ({
    file,
    language: match[1] ?? '',
    text: match[2] ?? '',
  }))
}

/** Relative links of a page, images among them. */
export function linksOf(file: string): string[] {
  const text = read(file).replace(/^```[\s\S]*?^```/gm, '')
  return [...text.matchAll(/\]\((?!https?:)([^)\s]+)\)/g)].map((match) => match[1] ?? '')
}

/** The file that a link of a page leads to. */
export function targetOf(file: string, link: string): string {
  const path = link.split('#')[0] ?? ''
  return path === '' ? file : join(dirname(file), path)
}
