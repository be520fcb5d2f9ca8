#!/bin/bash
# images.sh FOLDER: makes pause.tar and stack.tar (as `docker save` does) of this machine's busybox, node and iproute2.
set -euo pipefail
folder=$1
[ ! -s "$folder/stack.tar" ] || exit 0
mkdir -p "$folder"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

pack() { # pack NAME ROOT CONFIG FILE
  local digest
  tar --numeric-owner --owner=0 --group=0 --mtime=@0 --sort=name -C "$2" -cf "$work/layer.tar" .
  digest=$(sha256sum "$work/layer.tar" | cut -d' ' -f1)
  cat >"$work/config.json" <<JSON
{"architecture": "$(dpkg --print-architecture)", "os": "linux", "config": $3,
 "rootfs": {"type": "layers", "diff_ids": ["sha256:$digest"]}, "history": []}
JSON
  echo "[{\"Config\": \"config.json\", \"RepoTags\": [\"$1\"], \"Layers\": [\"layer.tar\"]}]" >"$work/manifest.json"
  tar -C "$work" -cf "$4.part" manifest.json config.json layer.tar
  mv "$4.part" "$4"
}

add_program() { # add_program ROOT FILE: with the libraries that it loads
  local library
  cp "$2" "$1/bin/"
  for library in $(ldd "$2" | grep -o '/[^ ]*\.so[^ ]*'); do
    mkdir -p "$1$(dirname "$library")"
    cp -Ln "$library" "$1$library"
  done
}

mkdir -p "$work/pause/bin"
cp /bin/busybox "$work/pause/bin/"
pack docker.io/aka/pause:1 "$work/pause" '{"Entrypoint": ["/bin/busybox", "sleep", "2147483647"]}' "$folder/pause.tar"

root=$work/stack
mkdir -p "$root"/{bin,etc,tmp,proc,sys,dev,app}
chmod 1777 "$root/tmp"
cp /bin/busybox "$root/bin/"
for applet in $(/bin/busybox --list); do [ "$applet" = busybox ] || ln -s busybox "$root/bin/$applet"; done
# The shell of busybox prefers its own applets: iproute2 is /bin/ip there.
rm -f "$root/bin/ip"
for program in node ip bridge ethtool; do
  add_program "$root" "$(readlink -f "$(PATH=$PATH:/sbin:/usr/sbin command -v $program)")"
done
printf 'root:x:0:0::/:/bin/sh\napp:x:1000:1000::/app:/bin/sh\n' >"$root/etc/passwd"
echo 'app:x:1000:' >"$root/etc/group"
pack docker.io/aka/stack:1 "$root" '{"Env": ["PATH=/bin"], "WorkingDir": "/app"}' "$folder/stack.tar"
