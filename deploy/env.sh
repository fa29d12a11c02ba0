#!/bin/sh
# Prints what compose.yaml must be told, made at random: sh deploy/env.sh > deploy/.env && chmod 600 deploy/.env
set -eu
secret() { od -An -N24 -tx1 /dev/urandom | tr -d ' \n'; }
for name in POSTGRES_PASSWORD ROLE_PASSWORD PAGE_SECRET IDENTITY_SECRET GATEWAY_SECRET; do
  echo "KITH_$name=$(secret)"
done
for name in platform gateway contacts sales service_desk marketing; do
  echo "KITH_$(echo "$name" | tr a-z A-Z)_KEY=kith_$(echo "$name" | tr -d _)_$(secret)"
done
