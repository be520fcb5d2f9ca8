#!/bin/sh
# Builds, deploys and runs a shop: two apps that find each other, and a worker that finds its peers by broadcast. Can be
# run again. It goes to the platform of this machine, whatever others you use.
set -eu
cd "$(dirname "$0")"
aka() { node ../bin/run.js "$@" --platform embedded; }

# What a command prints is worth reading only if it fails.
quietly() {
  said=$("$@" 2>&1) || {
    code=$?
    printf '\n%s\n' "$said" >&2
    exit "$code"
  }
}
step() {
  printf '%s... ' "$1"
  shift
  quietly "$@"
  echo done
}
url_of() { aka apps:info -a "$1" --json | node -p 'JSON.parse(require("fs").readFileSync(0, "utf8")).web_url'; }

step 'Starting the platform' aka platform:start
quietly aka spaces:create shop --description "an example" --if-not-exists
for app in api web radar; do
  aka apps:info -a "$app-shop" >/dev/null 2>&1 || quietly aka apps:create "$app" --space shop
done
quietly aka config:set "API_URL=$(url_of api-shop)" -a web-shop

for app in api web radar; do
  step "Building and releasing $app-shop from examples/shop/$app" aka deploy "shop/$app" -a "$app-shop"
done
quietly aka ps:update radar -q 2 -a radar-shop
step 'Waiting for the two workers of radar-shop' aka ps:wait -a radar-shop

url=$(url_of web-shop)
printf '\n%s says:\n' "$url"
aka platform:ca >ca.pem 2>/dev/null && curl --silent --show-error --cacert ca.pem "$url"
rm -f ca.pem

printf '\nThe workers of radar-shop say:\n'
for _ in 1 2 3 4 5; do
  heard=$(aka logs -a radar-shop --dyno radar --lines 2)
  [ "$(printf '%s\n' "$heard" | wc -l)" -ge 2 ] && break
  sleep 1
done
printf '%s\n' "$heard"

printf '\nOpen      %s\n' "$url"
echo '          (a browser warns first; to change that: node bin/run.js platform:trust)'
echo 'See it    node bin/run.js spaces:topology shop'
echo 'End it    node bin/run.js platform:stop'
