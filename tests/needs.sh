# What tests need on a Debian machine that has Rust: found out, and installed. Sourced by tests/run and tests/fire, which
# have a function give_up.
# shellcheck shell=bash

# What is missing, as Debian's packages. Whatever is here already is taken as it is.
#   missing_packages            what all tests need
#   missing_packages no_browser what those need that drive no browser
missing_packages() {
    local -a missing=()
    local -a initdb=(/usr/lib/postgresql/*/bin/initdb)
    command -v cc >/dev/null || missing+=(build-essential)
    command -v pkg-config >/dev/null || missing+=(pkg-config)
    command -v openssl >/dev/null || missing+=(openssl)
    [ -e /etc/ssl/certs/ca-certificates.crt ] || missing+=(ca-certificates)
    [ -e /usr/lib/dovecot/imap ] || missing+=(dovecot-imapd)
    [ -e /usr/lib/dovecot/lmtp ] || missing+=(dovecot-lmtpd)
    [ -e "${initdb[0]}" ] || missing+=(postgresql)
    if [ "${1:-}" != no_browser ]; then
        command -v chromium >/dev/null || missing+=(chromium)
        command -v chromedriver >/dev/null || missing+=(chromium-driver)
        # A browser without one letter to draw shows empty pages.
        [ -n "$(find /usr/share/fonts -name '*.ttf' -print -quit 2>/dev/null)" ] || missing+=(fonts-dejavu-core)
    fi
    printf '%s\n' ${missing[@]+"${missing[@]}"}
}

install_packages() {
    local -a as_root=()
    command -v apt-get >/dev/null \
        || give_up "these are missing and there is no apt-get: $*; install them as your system does"
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null \
            || give_up "these packages are missing: $*; run \`apt-get install $*\` as root, for there is no sudo here"
        as_root=(sudo)
    fi
    printf 'Installing what the tests need: %s\n' "$*"
    ${as_root[@]+"${as_root[@]}"} apt-get update -q || give_up "failed to read the lists of packages: see above"
    ${as_root[@]+"${as_root[@]}"} env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "$@" \
        || give_up "failed to install $*: see above"
}

# Installs what is missing; the arguments are those of missing_packages.
install_what_is_missing() {
    local -a missing
    command -v cargo >/dev/null || give_up "there is no cargo here; install Rust as https://rustup.rs says"
    mapfile -t missing < <(missing_packages "$@")
    if [ -n "${missing[0]:-}" ]; then
        install_packages "${missing[@]}"
    fi
}
