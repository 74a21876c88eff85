// Exim as Debian installs it with split configuration, with what docs/install/mail-in/exim.md adds.

import { blockOf, readBlocks } from './documented.ts'
import type { Member, Site } from './member.ts'
import { installRelayCommand } from './relay-command.ts'
import type { ListenerState } from './room.ts'

const settings = '/etc/exim4/update-exim4.conf.conf'
const files = [
  '/etc/exim4/conf.d/main/00_rethread',
  '/etc/exim4/conf.d/router/150_rethread',
  '/etc/exim4/conf.d/transport/30_rethread',
]

/** Exim handing mail over by LMTP, or by its pipe to `rethread relay`. */
export function exim(way: 'lmtp' | 'pipe'): Member {
  return {
    program: 'exim4-daemon-light',
    way,
    client: way === 'lmtp' ? '127.0.0.1' : 'forwarded',
    unknown: way === 'lmtp' ? 'refused' : 'held',
    takesUtf8Addresses: true,
    setUp: async (room, site) => {
      await install(room, site)
      if (way === 'pipe') await installRelayCommand(room, site)
      const blocks = await readBlocks('exim.md', way === 'lmtp' ? '## LMTP' : '## Pipe')
      await room.append(settings, site.fill(blockOf(blocks, settings)))
      const own = way === 'lmtp' ? [...files, '/etc/exim4/conf.d/acl/50_rethread'] : files
      for (const file of own) await room.write(file, site.fill(blockOf(blocks, file)))
      await room.run('update-exim4.conf && exim4 -bd >/dev/null 2>&1 </dev/null')
    },
    flush: (room) => room.run('exim4 -qff'),
    queue: (room) => room.run('exim4 -bp'),
    log: (room) => room.read('/var/log/exim4/mainlog'),
  }
}

// What Debian's installation does for an "internet site", and what makes this one a machine of the test: its port,
// and its way out.
async function install(room: ListenerState, { address, port, sinkPort }: Site): Promise<void> {
  await room.write(
    settings,
    `dc_eximconfig_configtype='internet'
dc_other_hostnames=''
dc_local_interfaces='${address}.${String(port)}'
dc_readhost=''
dc_relay_domains=''
dc_minimaldns='false'
dc_relay_nets='127.0.0.0/8'
dc_smarthost=''
CFILEMODE='644'
dc_use_split_config='true'
dc_hide_mailname=''
dc_mailname_in_oh='true'
dc_localdelivery='mail_spool'
`,
  )
  await room.write(
    '/etc/exim4/conf.d/router/120_way_out',
    `way_out:
  driver = manualroute
  domains = example.com : elsewhere.example
  transport = way_out
  route_list = * 127.0.0.1
  self = send
  no_more
`,
  )
  await room.write(
    '/etc/exim4/conf.d/transport/30_way_out',
    `way_out:
  driver = smtp
  port = ${String(sinkPort)}
  hosts_avoid_tls = *
  allow_localhost
`,
  )
  await room.run(`set -e
useradd --system --user-group --no-create-home --home-dir /var/spool/exim4 --shell /usr/sbin/nologin Debian-exim
install -d -o Debian-exim -g adm -m 2750 /var/log/exim4
install -d -o Debian-exim -g Debian-exim -m 750 /run/exim4 /var/spool/exim4 /var/spool/exim4/db
chmod u+s /usr/sbin/exim4
install -d /var/lib/exim4`)
}
