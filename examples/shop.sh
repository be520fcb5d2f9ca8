#!/bin/sh
# Builds, deploys and runs a shop: two apps that find each other, and a worker that finds its peers by broadcast. Can be
# run again. It goes to the platform of this machine, whatever others you use.
set -eu
cd "$(dirname "$0")"
aka() { node ../bin/run.js "$@" --platform embedded; }

aka platform:start >/dev/null
aka spaces:create shop --description "an example" --if-not-exists >/dev/null
for app in api web radar; do
  aka apps:info -a "$app-shop" >/dev/null 2>&1 || aka apps:create "$app" --space shop >/dev/null
done
domain=$(aka apps:info -a api-shop --json | node -p 'JSON.parse(require("fs").readFileSync(0, "utf8")).web_url')
aka config:set "API_URL=$domain" -a web-shop >/dev/null

for app in api web radar; do aka deploy "shop/$app" -a "$app-shop"; done
aka ps:update radar -q 2 -a radar-shop >/dev/null
aka ps:wait -a radar-shop >/dev/null

url=$(aka apps:info -a web-shop --json | node -p 'JSON.parse(require("fs").readFileSync(0, "utf8")).web_url')
printf '\n%s says:\n' "$url"
aka platform:ca >ca.pem && curl --silent --show-error --cacert ca.pem "$url"
rm -f ca.pem
printf '\nThe workers of radar-shop:\n'
aka logs -a radar-shop --lines 4
printf '\nOpen %s (your browser will ask about its certificate: aka platform:trust)\nEnd it with: aka platform:stop\n' "$url"
