// OpenSMTPD as Debian installs it, with what docs/install/mail-in/opensmtpd.md adds.

import { blockOf, readBlocks } from './documented.ts'
import type { Member, Site } from './member.ts'
import type { ListenerState } from './room.ts'

const log = '/var/log/smtpd.log'

/** OpenSMTPD handing mail over by LMTP. */
export function opensmtpd(): Member {
  return {
    program: 'opensmtpd',
    way: 'lmtp',
    client: '127.0.0.1',
    unknown: 'bounced',
    takesUtf8Addresses: false,
    setUp: async (room, site) => {
      await install(room)
      const ours = site.fill(blockOf(await readBlocks('opensmtpd.md', '## LMTP'), '/etc/smtpd.conf'))
      await room.write('/etc/smtpd.conf', configuration(site, ours))
      await room.run(`smtpd -d >${log} 2>&1 </dev/null &`)
    },
    // After a connection in vain the way to us is closed for a while, of which `schedule` knows nothing.
    flush: (room) =>
      room.run(
        `smtpctl show routes | sed -n 's/^\\([0-9]*\\)\\..*/\\1/p' | while read -r route; do smtpctl resume ` +
          'route "$route" || true; done; smtpctl schedule all',
      ),
    queue: (room) => room.run('smtpctl show queue'),
    log: (room) => room.read(log),
  }
}

// Debian's smtpd.conf with another place to listen, and everything that is not ours to the sink.
function configuration({ address, port, sinkPort }: Site, ours: string): string {
  return `listen on ${address} port ${String(port)}
${ours}
action "relay" relay host "smtp://127.0.0.1:${String(sinkPort)}"
match from local for any action "relay"
match from src 127.0.0.0/8 for any action "relay"
`
}

function install(room: ListenerState): Promise<string> {
  return room.run(`set -e
for name in opensmtpd opensmtpq; do
  useradd --system --user-group --no-create-home --home-dir /var/lib/opensmtpd/empty --shell /usr/sbin/nologin $name
done
chgrp opensmtpq /usr/sbin/smtpctl
chmod 2755 /usr/sbin/smtpctl
mkdir -p /var/lib/opensmtpd/empty`)
}
