#!/usr/bin/env bash
# Tries what deploy/ has, as far as that goes without a container engine and a running systemd. What was built is packed as the
# Containerfile packs it and served as it serves it: by a user without rights, on a root file system that can't be written to
# (as root, else as whoever runs this), watched by its HEALTHCHECK. The unit is looked at by systemd-analyze.
#   npm run build && deploy/check.sh
#
# SPDX-License-Identifier: Apache-2.0
set -eu
cd "$(dirname "$0")/.."
work=$(mktemp -d)
pid=
trap '[ -z "$pid" ] || kill -9 "$pid" 2>/dev/null || true; rm -rf "$work"' EXIT
chmod 755 "$work"
fail() {
  echo "deploy/check: $1"
  [ -s "$work/log" ] && cat "$work/log"
  exit 1
}

npm pack --silent --ignore-scripts --pack-destination "$work" >/dev/null
node deploy/pack.mjs "$work"/overpunch-*.tgz "$work/app"
overpunch=$work/app/node_modules/overpunch/bin/overpunch.js
mkdir "$work/data"
cp demo/accounts.cpy "$work/data"
node --input-type=module -e "
  import { writeFileSync } from 'node:fs';
  const { RECORD, fillSample, sampleState } = await import('$PWD/dist/server/catalog/sample.js');
  const { newKey } = await import('$PWD/dist/server/index.js');
  const bytes = new Uint8Array(1 << 20);
  writeFileSync('$work/data/accounts.dat', bytes.subarray(0, fillSample(bytes, sampleState())));
  const accounts = { data: 'accounts.dat', copybook: 'accounts.cpy', recfm: 'VB', record: RECORD };
  const { key, entry } = newKey('check', []);
  writeFileSync('$work/data/catalog.json', JSON.stringify({ datasets: { accounts }, keys: [entry] }));
  writeFileSync('$work/key', key);
"
port=$(node -e 'const s = require("net").createServer().listen(0, () => { console.log(s.address().port); s.close(); })')

# the command of the Containerfile, on another port
serve() {
  node - "$port" "$work/data" <<'JS'
const [port, data] = process.argv.slice(2);
const file = require('node:fs').readFileSync('deploy/Containerfile', 'utf8');
const list = (name) => JSON.parse(new RegExp(`^${name} (\\[.*\\])$`, 'm').exec(file)[1]);
const [, ...args] = [...list('ENTRYPOINT'), ...list('CMD')].map((word) => (word === '/data' ? data : word));
console.log([...args, '--port', port].join('\n'));
JS
}
mapfile -t args < <(serve)
if [ "$(id -u)" -eq 0 ]; then
  # shellcheck disable=SC2016
  unshare --mount --propagation private sh -c '
    mount -o remount,bind,ro / && cd / && exec setpriv --reuid=10001 --regid=10001 --clear-groups --no-new-privs \
      --bounding-set=-all env -i "PATH=$PATH" NODE_ENV=production "$@"' sh "$(command -v node)" "$overpunch" "${args[@]}" 2>"$work/log" &
else
  env -i "PATH=$PATH" NODE_ENV=production node "$overpunch" "${args[@]}" 2>"$work/log" &
fi
pid=$!
said() {
  for _ in $(seq 300); do
    grep -q "$1" "$work/log" && return 0
    kill -0 "$pid" 2>/dev/null || break
    sleep 0.1
  done
  fail "it does not say '$1'"
}
health() {
  node - "$port" <<'JS'
const file = require('node:fs').readFileSync('deploy/Containerfile', 'utf8');
const [, command] = /HEALTHCHECK[\s\S]*?CMD (\[.*\])$/m.exec(file);
const [program, ...args] = JSON.parse(command.replace(':8080', `:${process.argv[2]}`));
process.exit(require('node:child_process').spawnSync(program, args, { stdio: 'inherit' }).status);
JS
}
said 'overpunch: serving'
health || fail 'the HEALTHCHECK does not find it'
answer=$(curl -s -H "X-API-Key: $(cat "$work/key")" "http://127.0.0.1:$port/v1/datasets/accounts/records?limit=1&select=BALANCE")
case $answer in *'"balance":"174.16"'*) ;; *) fail "it answers $answer" ;; esac
[ "$(curl -s -o /dev/null -w '%{http_code}' "http://127.0.0.1:$port/v1/datasets")" = 401 ] || fail 'it lets everybody in'
kill -HUP "$pid"
said 'have taken the catalog over'
kill -TERM "$pid"
wait "$pid" || fail 'it does not end with 0'
pid=
if health; then fail 'the HEALTHCHECK finds what is not there'; fi
echo 'deploy/check: the packed service starts, answers, takes a catalog over and ends'

if command -v systemd-analyze >/dev/null; then
  systemd-analyze verify deploy/overpunch.service
  systemd-analyze security --offline=true --threshold=20 deploy/overpunch.service | tail -n 1
else
  echo 'deploy/check: systemd-analyze is not installed; the unit was not looked at'
fi
