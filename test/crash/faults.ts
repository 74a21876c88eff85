// The tests' side of preload.mjs: the points between the states of docs/develop/architecture.md, "States of a mail" at
// which the service can be made to die, and how it is told.

import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import type { Environment, Service } from '../support/service.ts'
import { until } from '../support/until.ts'

/** In the order of a mail's life: S0 | S1 | S2 | S3 | S4 | S5. */
export const points = {
  'before-accept-commit': 'before the commit of accepted mail (S0)',
  'after-accept-commit': 'after that commit, before anyone hears of it (S1)',
  'after-acknowledgement': 'after an acknowledgement, before processing (S2)',
  'after-claim': 'after mail was claimed from the table (S3)',
  'after-parse': 'after mail was parsed (S3)',
  'before-settle-commit': 'in the settling transaction, before its commit (S3)',
  'after-settle-commit': 'after the settling commit (S4)',
  'before-hand-over': 'before outgoing mail is handed over (S5)',
  'before-noted': 'after outgoing mail has left, before that is noted (S5)',
  'before-work-settled': 'after outgoing mail has left, before its work is settled (S5)',
} as const
export type Point = keyof typeof points

/** The environment of a service that can be armed, or that misbehaves as `extra` says. */
export function faultEnv(dataDir: string, extra: Environment = {}): Environment {
  return {
    NODE_OPTIONS: `--import=${new URL('preload.mjs', import.meta.url).href}`,
    CRASH_FILE: join(dataDir, 'crash'),
    ...extra,
  }
}

/** From now on the service dies at the `passing`-th passing of `point`. */
export async function arm(service: Service, point: Point, passing: number): Promise<void> {
  await writeFile(join(service.dataDir, 'crash'), `${point} ${String(passing)}`)
  process.kill(service.pid, 'SIGUSR2')
  await until('the service armed', () => !service.isRunning() || service.log().some(({ event }) => event === 'armed'))
}

/** Waits for the death of a service that was armed; a point that is never passed is a failure, not a wait for ever. */
export async function untilDead(service: Service, why: string): Promise<void> {
  await until(`the death of the service ${why}`, () => !service.isRunning(), 30_000)
}
