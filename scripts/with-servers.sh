#!/usr/bin/env bash
# Runs a command with the servers that some tests want: PostgreSQL, MariaDB, Redis and one that speaks MongoDB's protocol, each
# in a temporary folder and on a free port of its own, and a Python with pyarrow, psycopg and pymongo, which read back what was
# written, and with schemathesis, which asks the REST service whatever its document lets it. What is not installed (Debian: postgresql, mariadb-server, redis-server, python3-venv, default-jdk-headless and
# maven) is said and left out; the tests that need it then skip.
#   scripts/with-servers.sh npm test
#
# SPDX-License-Identifier: Apache-2.0
set -u
folder=$(mktemp -d "${TMPDIR:-/tmp}/overpunch-servers.XXXXXX")
chmod 755 "$folder"
as_postgres=()
stop() {
  [ -s "$folder/mongodb.pid" ] && kill "$(cat "$folder/mongodb.pid")" 2>/dev/null
  [ -s "$folder/redis.pid" ] && kill "$(cat "$folder/redis.pid")" 2>/dev/null
  [ -s "$folder/mariadb.pid" ] && kill "$(cat "$folder/mariadb.pid")" 2>/dev/null
  [ -d "$folder/postgres" ] && "${as_postgres[@]}" "$bin/pg_ctl" -D "$folder/postgres" -m immediate stop >/dev/null 2>&1
  rm -rf "$folder"
}
trap stop EXIT
trap 'exit 143' INT TERM

free_port() {
  node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); })'
}

# Debian keeps the server's programs out of PATH, one folder a version; the server refuses to run as root.
start_postgres() {
  bin=$(dirname "$(ls -d /usr/lib/postgresql/*/bin/initdb 2>/dev/null | sort -V | tail -n 1)" 2>/dev/null)
  [ -x "$bin/initdb" ] || bin=$(dirname "$(command -v initdb || echo /)")
  [ -x "$bin/initdb" ] || { echo 'with-servers: PostgreSQL is not installed; its tests will skip'; return; }
  mkdir "$folder/postgres"
  if [ "$(id -u)" -eq 0 ]; then
    as_postgres=(runuser -u postgres --)
    chown postgres "$folder/postgres"
  fi
  local port
  port=$(free_port)
  echo overpunch >"$folder/password"
  chmod 644 "$folder/password"
  # Some tests need many connections; nothing of this outlives them, so nothing needs to reach the disk.
  (cd / && "${as_postgres[@]}" "$bin/initdb" -D "$folder/postgres" -U overpunch -A scram-sha-256 --pwfile="$folder/password" -E UTF8 --locale=C.UTF-8) >"$folder/initdb.log" 2>&1 &&
    (cd / && "${as_postgres[@]}" "$bin/pg_ctl" -D "$folder/postgres" -w -l "$folder/postgres/log" \
      -o "-p $port -k $folder/postgres -c listen_addresses=127.0.0.1 -c fsync=off -c max_connections=100" start) >"$folder/start.log" 2>&1 ||
    { echo 'with-servers: PostgreSQL did not start'; cat "$folder"/*.log; return; }
  export OVERPUNCH_TEST_POSTGRES="postgres://overpunch:overpunch@127.0.0.1:$port/postgres"
}

start_redis() {
  command -v redis-server >/dev/null || { echo 'with-servers: Redis is not installed; its tests will skip'; return; }
  local port
  port=$(free_port)
  redis-server --port "$port" --bind 127.0.0.1 --save '' --appendonly no --daemonize yes --dir "$folder" \
    --pidfile "$folder/redis.pid" >/dev/null || { echo 'with-servers: Redis did not start'; return; }
  export OVERPUNCH_TEST_REDIS="redis://127.0.0.1:$port"
}

# Like PostgreSQL it does not run as root, and needs nothing to last.
start_mariadb() {
  local server port as=()
  server=$(PATH=$PATH:/usr/sbin command -v mariadbd) && command -v mariadb mariadb-install-db >/dev/null ||
    { echo 'with-servers: MariaDB is not installed; its tests will skip'; return; }
  mkdir "$folder/mariadb"
  if [ "$(id -u)" -eq 0 ]; then
    as=(--user=mysql)
    chown mysql "$folder/mariadb"
  fi
  port=$(free_port)
  mariadb-install-db --no-defaults "${as[@]}" --datadir="$folder/mariadb" --auth-root-authentication-method=normal \
    --skip-test-db >"$folder/mariadb.log" 2>&1 || { echo 'with-servers: MariaDB could not be set up'; cat "$folder/mariadb.log"; return; }
  "$server" --no-defaults "${as[@]}" --datadir="$folder/mariadb" --port="$port" --bind-address=127.0.0.1 \
    --socket="$folder/mariadb/socket" --pid-file="$folder/mariadb/pid" --innodb-flush-log-at-trx-commit=0 \
    --innodb-doublewrite=0 --innodb-flush-method=nosync --sync-frm=0 >>"$folder/mariadb.log" 2>&1 &
  echo $! >"$folder/mariadb.pid"
  for _ in $(seq 100); do
    mariadb --no-defaults -h 127.0.0.1 -P "$port" -u root -e 'SELECT 1' >/dev/null 2>&1 && break
    kill -0 "$(cat "$folder/mariadb.pid")" 2>/dev/null || { echo 'with-servers: MariaDB did not start'; cat "$folder/mariadb.log"; return; }
    sleep 0.2
  done
  export OVERPUNCH_TEST_MYSQL="mysql://root@127.0.0.1:$port/mysql"
}

# A real mongod where there is one; else mongo-java-server, whose packages are kept from run to run.
start_mongodb() {
  local port
  port=$(free_port)
  if command -v mongod >/dev/null; then
    mkdir "$folder/mongodb"
    mongod --port "$port" --bind_ip 127.0.0.1 --dbpath "$folder/mongodb" --fork --logpath "$folder/mongodb.log" \
      --pidfilepath "$folder/mongodb.pid" >/dev/null || { echo 'with-servers: MongoDB did not start'; return; }
  else
    local jars=${XDG_CACHE_HOME:-$HOME/.cache}/overpunch-mongodb sources=$PWD/test/sinks/mongo-server
    command -v java >/dev/null && { [ -s "$jars/done" ] || command -v mvn >/dev/null; } ||
      { echo 'with-servers: neither mongod nor java and mvn are installed; tests of MongoDB will skip'; return; }
    if [ ! -s "$jars/done" ]; then
      mvn -q -B -f "$sources/pom.xml" dependency:copy-dependencies "-DoutputDirectory=$jars" >"$folder/mvn.log" 2>&1 &&
        echo yes >"$jars/done" || { echo 'with-servers: mongo-java-server could not be had; tests of MongoDB will skip'; return; }
    fi
    java -Xmx512m -XX:TieredStopAtLevel=1 -cp "$jars/*" "$sources/Launcher.java" "$port" >"$folder/mongodb.log" 2>&1 &
    echo $! >"$folder/mongodb.pid"
    for _ in $(seq 120); do
      (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && break
      kill -0 "$(cat "$folder/mongodb.pid")" 2>/dev/null || { echo 'with-servers: mongo-java-server did not start'; return; }
      sleep 0.5
    done
  fi
  export OVERPUNCH_TEST_MONGODB="mongodb://127.0.0.1:$port/overpunch"
}

# Packages of Python are kept from run to run.
find_python() {
  local venv=${XDG_CACHE_HOME:-$HOME/.cache}/overpunch-python
  if ! "$venv/bin/python" -c 'import pyarrow, psycopg, pymongo, schemathesis' 2>/dev/null; then
    { python3 -m venv "$venv" && "$venv/bin/pip" install -q 'pyarrow==21.0.0' 'psycopg[binary]==3.2.10' 'pymongo==4.15.0' \
      'schemathesis==4.32.5'; } >"$folder/python.log" 2>&1
  fi
  if "$venv/bin/python" -c 'import pyarrow, psycopg, pymongo' 2>/dev/null; then
    export OVERPUNCH_TEST_PYTHON="$venv/bin/python"
  else
    echo 'with-servers: pyarrow, psycopg and pymongo could not be had; what they would read back is not compared'
  fi
}

[ -n "${OVERPUNCH_TEST_POSTGRES:-}" ] || start_postgres
[ -n "${OVERPUNCH_TEST_MYSQL:-}" ] || start_mariadb
[ -n "${OVERPUNCH_TEST_REDIS:-}" ] || start_redis
[ -n "${OVERPUNCH_TEST_MONGODB:-}" ] || start_mongodb
[ -n "${OVERPUNCH_TEST_PYTHON:-}" ] || find_python
"$@"
