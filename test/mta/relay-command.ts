// The settings and the user of `rethread relay`, as the documents have them made before an MTA's pipe can use it.

import { blockOf, readBlocks } from './documented.ts'
import type { Site } from './member.ts'
import type { ListenerState } from './room.ts'

export async function installRelayCommand(room: ListenerState, site: Site): Promise<void> {
  const blocks = await readBlocks('relay-command.md', '## Install it')
  await room.write('/etc/rethread/relay.env', site.fill(blockOf(blocks, '/etc/rethread/relay.env')))
  await room.run(`set -e\n${blockOf(blocks, 'As root')}`)
}
