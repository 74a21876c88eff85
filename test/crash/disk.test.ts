// A disk that is full, and has room again: a small file system of its own for everything that the service keeps.

import { spawnSync } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { chmod, rm, statfs, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'

import { type Service, startProcess } from '../support/service.ts'
import { until } from '../support/until.ts'
import { areAllDeferred, askAll, type Asked, findHarsh, findMissing, residentMb } from './doors.ts'

const folder = mkdtempSync(join(tmpdir(), 'rethread-disk-'))
const isMounted =
  inject('servers').embedded !== null &&
  spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=200m,mode=755', 'tmpfs', folder]).status === 0
if (!isMounted) console.warn('skipped: no small file system can be mounted here')

describe.skipIf(!isMounted)('a full disk', () => {
  let service: Service
  const ballast = join(folder, 'ballast')

  beforeAll(async () => {
    await chmod(folder, 0o755)
    service = await startProcess({ DATA_DIR: folder })
  })
  afterAll(async () => {
    await service.kill()
    await until('the file system free', () => spawnSync('umount', [folder]).status === 0)
    await rm(folder, { recursive: true })
  })

  test('defers mail on every ingress, the process stays, and continues automatically when there is space', async () => {
    const pen = { from: 'jane@example.com', to: service.replyAddress, size: 300_000 }
    const asked: Asked[] = await askAll(service, pen)
    expect(findHarsh(asked)).toEqual([])
    const { bavail, bsize } = await statfs(folder)
    await writeFile(ballast, Buffer.alloc(bavail * bsize - 4 * 1024 * 1024))
    await until(
      'every way deferred',
      async () => {
        const now = await askAll(service, pen)
        asked.push(...now)
        return areAllDeferred(now)
      },
      40_000,
    )
    for (let i = 0; i < 3; i++) asked.push(...(await askAll(service, pen)))
    expect(findHarsh(asked)).toEqual([])
    expect(service.isRunning()).toBe(true)
    expect((await fetch(`${service.url}/health`)).status).toBe(200)
    expect(await residentMb(service)).toBeLessThan(400)

    await rm(ballast)
    await until(
      'every way open again',
      async () => {
        const now = await askAll(service, pen)
        asked.push(...now)
        return now.every(({ id, said }) => id !== null || said === '0')
      },
      40_000,
    )
    expect(findHarsh(asked)).toEqual([])
    expect(await findMissing(service, asked)).toEqual([])
    expect(await service.balance()).toMatchObject({ unaccounted: 0 })
  }, 150_000)
})
