#!/bin/sh
# deps.sh FOLDER: installs the peers of the benchmark: from Debian those that are missing, and undici
# from npm into FOLDER.

set -eu

folder=$1
packages=''

want() {
	PATH=$PATH:/usr/sbin:/sbin command -v "$1" >/dev/null || packages="$packages $2"
}

want curl curl
want wget2 wget2
want aria2c aria2
want wrk wrk
want nginx nginx-light
want openssl openssl
want node nodejs
want npm npm
/usr/bin/python3 -c 'import aiohttp, uvloop' 2>/dev/null ||
	packages="$packages python3-aiohttp python3-uvloop"

if [ -n "$packages" ]; then
	as_root=
	if [ "$(id -u)" -ne 0 ]; then
		as_root=sudo
	fi
	echo "Installing from Debian${as_root:+ with sudo}:$packages"
	# SYSTEMD_OFFLINE: nginx is not to run as a service.
	apt() {
		$as_root env DEBIAN_FRONTEND=noninteractive SYSTEMD_OFFLINE=1 \
			apt-get -qq -y -o DPkg::Lock::Timeout=600 -o Dpkg::Use-Pty=0 "$@" >/dev/null
	}
	apt update
	# shellcheck disable=SC2086 # packages are words
	apt install --no-install-recommends $packages
fi

if [ ! -d "$folder/node_modules/undici" ]; then
	echo "Installing undici 6 from npm into $folder"
	mkdir -p "$folder"
	npm install --silent --no-audit --no-fund --prefix "$folder" undici@6
fi
