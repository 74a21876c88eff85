#!/bin/sh
# A room of its own for an MTA: this machine's files as they are, over them a layer of memory that is gone with the room. Mounts and processes are the
# room's, the network is everybody's. Started in namespaces of its own: sh room.sh PLACE PACKAGES CHECKOUT NODE. Lives until its stdin ends.
# With PLACE alone it only shows that there can be rooms here.

set -e
place=$1 packages=$2 checkout=$3 node=$4
mount -t tmpfs mta "$place"
mkdir "$place/upper" "$place/work" "$place/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$place/upper,workdir=$place/work" "$place/root"
[ -n "$packages" ] || exit 0
cd "$place/root"

# The pid by which those outside know this shell: /proc is still theirs.
read -r pid _ </proc/self/stat
mount --rbind /dev dev
mount -t proc proc proc

# What this machine has of MTAs is not in the room.
rm -rf etc/postfix var/lib/postfix var/spool/postfix etc/exim4 var/lib/exim4 var/spool/exim4 etc/smtpd.conf var/lib/opensmtpd var/spool/smtpd etc/rethread
for user in postfix Debian-exim opensmtpd opensmtpq relaysvc; do chroot . userdel "$user" 2>/dev/null || true; done
chroot . groupdel postdrop 2>/dev/null || true

# Unpacked, not installed: the machine may have other MTAs, and nothing is to be started or asked.
for file in "$packages"/*.deb; do
  dpkg-deb --fsys-tarfile "$file" | tar -x --keep-directory-symlink
done
mkdir -p opt/rethread etc/rethread usr/local/bin
cp -r "$checkout/bin" "$checkout/dist" "$checkout/package.json" opt/rethread
chmod -R a+rX opt/rethread etc/rethread
rm -f usr/local/bin/node
touch usr/local/bin/node
mount --bind "$node" usr/local/bin/node

# No name is looked up elsewhere.
printf 'nameserver 127.0.0.1\noptions timeout:1 attempts:1\n' >etc/resolv.conf
printf '127.0.0.1 localhost\n127.0.0.9 client.example\n' >etc/hosts
echo mta.example >etc/mailname

exec chroot . sh -c 'echo "open $1"; exec cat' sh "$pid"
