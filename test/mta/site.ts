// Where an MTA of a test listens, and how the documents' values read for a service under test.

import { randomInt } from 'node:crypto'

import type { Service } from '../support/service.ts'
import type { Site } from './member.ts'

export function siteOf({ ports, url, password }: Service, sinkPort: number): Site {
  return {
    // An address of its own on the loopback network: no other listener of this machine can be in the way.
    address: `127.${String(randomInt(1, 255))}.${String(randomInt(0, 255))}.${String(randomInt(1, 255))}`,
    port: 10025,
    sinkPort,
    fill: (block) =>
      block
        .replaceAll('2424', String(ports.lmtp))
        .replaceAll('https://support.example.com', url)
        .replaceAll('the value of RAILS_INBOUND_EMAIL_PASSWORD', password),
  }
}
