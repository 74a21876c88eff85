#!/bin/sh
# Fetches the MTAs' Debian packages, with what they need and this machine has not, into folders of FOLDER; installs nothing.
# Usage: sh test/mta/fetch.sh FOLDER, then TEST_MTA_PACKAGES=FOLDER npm test. Exit status 1, and why, when some MTA cannot run in a test here.

folder=$1
[ -n "$folder" ] || { echo "usage: sh test/mta/fetch.sh FOLDER"; exit 64; }
command -v apt-get >/dev/null || { echo "no MTAs: this machine has no apt-get"; exit 1; }
[ "$(id -u)" = 0 ] || { echo "no MTAs: only root may use apt-get"; exit 1; }
place=$(mktemp -d)
unshare --mount --pid --fork --kill-child sh "$(dirname "$0")/room.sh" "$place" || { echo "no MTAs: this machine lets nobody mount files of one process alone"; exit 1; }
rmdir "$place"

download() {
  apt-get -qq -y --download-only --no-install-recommends -o Dir::Cache::archives="$folder/$1" install "$1" >"$folder/$1/log" 2>&1 &&
    ls "$folder/$1/$1"_*.deb >/dev/null 2>&1
}

missing=0 is_fresh=
for name in postfix exim4-daemon-light opensmtpd; do
  ls "$folder/$name/$name"_*.deb >/dev/null 2>&1 && continue
  mkdir -p "$folder/$name/partial"
  if ! download "$name"; then
    # The lists of packages may be old, or never have been fetched.
    [ -n "$is_fresh" ] || apt-get -qq update >/dev/null 2>&1
    is_fresh=1
    download "$name" || { echo "no $name: $(tail -n 1 "$folder/$name/log")"; missing=1; }
  fi
done
exit "$missing"
