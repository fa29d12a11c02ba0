#!/bin/sh
# Runs once, in an empty PostgreSQL: three roles and a database for each service and for the event log, as `kith up`
# makes them. One password for all roles: this is for trying out.
set -eu
for name in identity contacts sales service_desk marketing events; do
  psql --set=ON_ERROR_STOP=1 --username=postgres --dbname=postgres --set=name="$name" --set=password="$KITH_ROLE_PASSWORD" <<'SQL'
select format('create role %I login password %L', :'name' || '_' || role, :'password')
from unnest(array['owner', 'app', 'worker']) role \gexec
select format('create database %I owner %I', 'kith_' || :'name', :'name' || '_owner') \gexec
select format('revoke connect, temporary on database %I from public', 'kith_' || :'name') \gexec
select format('grant connect on database %I to %I, %I, %I',
  'kith_' || :'name', :'name' || '_owner', :'name' || '_app', :'name' || '_worker') \gexec
SQL
  psql --set=ON_ERROR_STOP=1 --username=postgres --dbname="kith_$name" --file="$(dirname "$0")/bootstrap.psql"
done
