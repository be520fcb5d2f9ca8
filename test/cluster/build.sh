#!/bin/bash
# Builds Kubernetes 1.20.2 from Debian bookworm's source package, once for a machine: $CACHE/bin/hyperkube with a link
# for each program. Only Debian's archive is asked. See README.md.
#   PARTS=api       without kubelet, kube-proxy and kubectl
#   KEEP_BUILD=1    keeps the sources and Go's cache, so that another build takes a minute
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
CACHE=${AKA_TEST_CLUSTER_CACHE:-$HOME/.cache/aka-test-cluster}
PARTS=${PARTS:-all}
work=$CACHE/build
VERSION=v1.20.2
COMMIT=faecb196815e248d3ecfb03c680a4507229c2a56

programs=(kube-apiserver kube-controller-manager kube-scheduler)
[ "$PARTS" = api ] || programs+=(kube-proxy kubelet kubectl)

say() { echo "cluster build: $*" >&2; }
fail() { say "$*"; exit 1; }

is_built() {
  local program
  for program in "${programs[@]}"; do [ -x "$CACHE/bin/$program" ] || return 1; done
}

install_tools() {
  local tool missing=()
  for tool in go:golang-go rsync:rsync dpkg-source:dpkg-dev patch:patch xz:xz-utils; do
    command -v "${tool%%:*}" >/dev/null || missing+=("${tool##*:}")
  done
  "$here/install.sh" "${missing[@]}"
}

# A source list and an index of our own: those of the machine stay as they are.
fetch_source() {
  [ -d "$work/src/kubernetes/cmd" ] && return
  command -v apt-get >/dev/null || fail 'Debian’s archive is needed, and there is no apt-get'
  local archive
  archive=$(apt-get indextargets --format '$(REPO_URI) $(RELEASE)' 'Created-By: Packages' |
    awk '$2 == "bookworm" && !found++ { print $1 }')
  [ -n "$archive" ] || fail 'no archive of Debian bookworm among the apt sources'
  mkdir -p "$work/apt/lists/partial" "$work/apt/cache" "$work/src"
  echo "deb-src [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $archive bookworm main" >"$work/apt/list"
  local apt=(apt-get -qq -o "Dir::Etc::sourcelist=$work/apt/list" -o Dir::Etc::sourceparts=-
    -o "Dir::State::lists=$work/apt/lists" -o "Dir::Cache=$work/apt/cache" -o APT::Sandbox::User=root)
  "${apt[@]}" update
  (
    cd "$work/src"
    "${apt[@]}" source --download-only kubernetes
    rm -rf part
    dpkg-source --no-check -x kubernetes_*.dsc part >/dev/null
    mv part kubernetes
  )
}

# reflect2 1.0.1, which the source package has, crashes at random when Go 1.18 or newer builds it ("fatal error: fault" in
# aeshashbody, from the iteration of maps). Debian has 1.0.2 as a package.
replace_reflect2() {
  local vendored=vendor/github.com/modern-go/reflect2
  [ ! -e "$vendored/go_above_118.go" ] || return 0
  (
    cd "$work"
    apt-get download -qq -o APT::Sandbox::User=root golang-github-modern-go-reflect2-dev
    dpkg-deb -x golang-github-modern-go-reflect2-dev_*.deb reflect2
  )
  rm -f "$vendored"/*.go "$vendored"/*.s
  cp "$work"/reflect2/usr/share/gocode/src/github.com/modern-go/reflect2/*.{go,s} "$vendored/"
}

# The only generated file that the source package lacks. Upstream's `make generated_files` takes minutes.
generate_openapi() {
  local package=pkg/generated/openapi
  [ ! -s "$package/zz_generated.openapi.go" ] || return 0
  local folders inputs
  folders=$(grep -rl --include=*.go '+k8s:openapi-gen=' staging/src/k8s.io pkg |
    grep -v -e /code-generator/ -e /sample- -e zz_generated -e /testdata/ | xargs -n1 dirname | sort -u)
  inputs=$(sed -e 's|^staging/src/|k8s.io/kubernetes/vendor/|' -e 't' -e 's|^|k8s.io/kubernetes/|' <<<"$folders" | paste -sd,)
  go build -o "$work/openapi-gen" ./vendor/k8s.io/kube-openapi/cmd/openapi-gen
  "$work/openapi-gen" --input-dirs "$inputs" --output-package "k8s.io/kubernetes/$package" \
    --output-file-base zz_generated.openapi --go-header-file hack/boilerplate/boilerplate.generatego.txt \
    --report-filename "$work/violations.txt"
}

compile() {
  local sources=("$here/hyperkube/main.go") folder=cmd/aka-hyperkube flags='-s -w' version
  [ "$PARTS" = api ] || sources+=("$here/hyperkube/node.go")
  rm -rf "$folder" && mkdir -p "$folder" && cp "${sources[@]}" "$folder/"
  for version in k8s.io/component-base/version k8s.io/client-go/pkg/version; do
    version=k8s.io/kubernetes/vendor/$version
    flags+=" -X $version.gitVersion=$VERSION -X $version.gitMajor=1 -X $version.gitMinor=20"
    flags+=" -X $version.gitTreeState=clean -X $version.gitCommit=$COMMIT -X $version.buildDate=2021-01-13T00:00:00Z"
  done
  # Without the clouds' SDKs and the shim for docker, a fifth of the packages.
  go build -trimpath -tags providerless,dockerless -ldflags "$flags" -o "$work/hyperkube" "k8s.io/kubernetes/$folder"
}

is_built && exit 0
mkdir -p "$CACHE/bin"
exec 9>"$CACHE/lock"
flock 9
is_built && exit 0 # another process built it meanwhile
[ "$(uname -m)" = x86_64 ] || [ "$(uname -m)" = aarch64 ] || fail "not built for $(uname -m)"
say 'building Kubernetes, once for this machine: this takes minutes'
install_tools
fetch_source
cd "$work/src/kubernetes"
replace_reflect2
export GOPATH=$PWD/.go GOCACHE=$work/gocache GO111MODULE=off GOFLAGS= GOPROXY=off CGO_ENABLED=0
mkdir -p .go/src/k8s.io
[ -L .go/src/k8s.io/kubernetes ] || ln -s ../../.. .go/src/k8s.io/kubernetes
cd .go/src/k8s.io/kubernetes
generate_openapi
compile
for program in "${programs[@]}"; do ln -sf hyperkube "$CACHE/bin/$program"; done
mv "$work/hyperkube" "$CACHE/bin/hyperkube"
[ -n "${KEEP_BUILD:-}" ] || rm -rf "$work"
say "done in $SECONDS s"
