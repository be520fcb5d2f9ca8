#!/bin/sh
# A space for a shop in production with two apps in it, and how they find each other. Can be run again.
set -eu
aka() { node "$(dirname "$0")/../bin/run.js" "$@"; }

aka spaces:create shop --compliance socs,prod --description "the shop, in production" --if-not-exists >/dev/null
for app in web api; do
  aka apps:info -a "$app-shop" >/dev/null 2>&1 || aka apps:create "$app" --space shop >/dev/null
done
aka spaces:info shop
