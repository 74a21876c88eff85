// The tree as git has it: what the tests of the house look at.

import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

/** Tracked files below `folder` (all: ''), with `ending`. */
export function trackedFiles(folder = '', ending = ''): string[] {
  const listed = execFileSync('git', ['ls-files', '-z', '--', folder === '' ? '.' : folder], {
    cwd: root,
    encoding: 'utf8',
  }).split('\0')
  return listed.filter((file) => file !== '' && file.endsWith(ending) && existsSync(join(root, file)))
}

export function read(file: string): string {
  return readFileSync(join(root, file), 'utf8')
}
