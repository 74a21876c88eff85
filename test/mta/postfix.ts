// Postfix as Debian installs it, with what docs/install/mail-in/postfix.md adds.

import { blockOf, readBlocks } from './documented.ts'
import type { Member, Site } from './member.ts'
import { installRelayCommand } from './relay-command.ts'
import type { ListenerState } from './room.ts'

const log = '/var/log/postfix.log'

/** Postfix handing mail over by LMTP, or by its pipe to `rethread relay`. */
export function postfix(way: 'lmtp' | 'pipe'): Member {
  return {
    program: 'postfix',
    way,
    client: 'forwarded',
    unknown: way === 'lmtp' ? 'refused' : 'held',
    takesUtf8Addresses: true,
    setUp: async (room, site) => {
      await install(room, site)
      if (way === 'pipe') await installRelayCommand(room, site)
      const blocks = await readBlocks('postfix.md', way === 'lmtp' ? '## LMTP' : '## Pipe')
      const maps = way === 'lmtp' ? ['inbound_transport', 'inbound_recipients'] : ['inbound_transport']
      for (const name of ['main.cf', 'master.cf', ...maps])
        await room.append(`/etc/postfix/${name}`, site.fill(blockOf(blocks, `/etc/postfix/${name}`)))
      await room.run('postfix start >/dev/null 2>&1 </dev/null')
    },
    flush: (room) => room.run('postqueue -f'),
    queue: (room) => room.run('postqueue -p'),
    log: (room) => room.read(log),
  }
}

// What Debian's installation does, and what makes this one a machine of the test: its port, and its way out.
async function install(room: ListenerState, { address, port, sinkPort }: Site): Promise<void> {
  await room.run(`set -e
groupadd --system postdrop
useradd --system --user-group --no-create-home --home-dir /var/spool/postfix --shell /usr/sbin/nologin postfix
cd /etc/postfix
cp /usr/share/postfix/main.cf.debian main.cf
sed 's/^smtp  *inet/${address}:${String(port)} inet/' /usr/share/postfix/master.cf.dist > master.cf
cat >> main.cf <<END
myhostname = mta.example
mydestination =
mynetworks = 127.0.0.0/8
inet_protocols = ipv4
disable_dns_lookups = yes
smtpd_peername_lookup = no
relayhost = [127.0.0.1]:${String(sinkPort)}
maillog_file = ${log}
END
postfix set-permissions >/dev/null 2>&1 || true`)
}
