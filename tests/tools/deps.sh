#!/bin/sh
# deps.sh [-n] SET...: installs from Debian what the sets lack, and says what and why. With -n it only
# says so, and fails. It probes instead of asking dpkg, so that a compiler or a pytest from elsewhere
# will do, and it leaves apt alone when nothing is missing.

set -eu

: "${CC:=cc}" "${PKG_CONFIG:=pkg-config}"
case $CC in
	*clang*) compiler=clang ;;
	*) compiler=gcc ;;
esac

# sets, probe, Debian's package, what for
table() {
	want 'build' "program $CC" "$compiler" 'to compile'
	want 'build' 'header stdio.h' libc6-dev 'the C library'
	want 'build' "program $PKG_CONFIG" pkg-config 'to find the libraries'
	want 'build' 'library libcurl 7.88' libcurl4-openssl-dev 'the transfers'
	want 'build' 'header ev.h' libev-dev 'the event loop' # Debian's has no .pc file
	want 'build' 'library libcjson 1.7' libcjson-dev 'to read JSON'
	want 'build' 'library libcrypto 3.0' libssl-dev 'checksums'
	want 'build' 'library zlib 1.2' zlib1g-dev 'compressed bodies'
	want 'build' 'library libbrotlidec 1.0' libbrotli-dev 'compressed bodies'
	want 'build' 'header utlist.h' uthash-dev 'lists and maps'
	want 'build' 'header xxhash.h' libxxhash-dev 'hashes, for --unique and --shard'
	want 'run demo check' 'roots root certificates' ca-certificates 'to know real servers by'
	want 'demo check' 'module asyncio,ssl' python3 'the practice server'
	want 'soak' 'module hashlib' python3 'what runs it'
	want 'demo check' 'program openssl' openssl 'its certificates'
	want 'check lint' 'library cmocka 1.1' libcmocka-dev 'unit tests'
	want 'check' 'module pytest' python3-pytest 'tests of the command line'
	want 'check' 'module pytest,xdist' python3-pytest-xdist 'several of them at once'
	want 'check soak' 'program nginx' nginx 'a real server in them, not run as a service'
	want 'check' 'program chromium' chromium 'a browser, to open the pages of --report'
	want 'check' 'program jq' jq 'a reader of our JSON'
	want 'check' 'program parallel' parallel 'examples of the manual'
	want 'check' 'program zsh' zsh 'its completions'
	want 'check' 'program fish' fish 'its completions'
	want 'check' 'locale tr_TR' locales 'letters that are not those of names'
	want 'check lint' 'program mandoc' mandoc 'to check the manual page'
	want 'lint' 'program gcc' gcc 'its warnings'
	want 'lint' 'program clang' clang 'its warnings'
	want 'lint' 'program clang-format' clang-format 'the style of C'
	want 'lint' 'program clang-tidy' clang-tidy 'mistakes in C'
	want 'lint' 'program cppcheck' cppcheck 'mistakes in C'
	want 'lint' 'program shellcheck' shellcheck 'mistakes in scripts'
	want 'lint' 'module ast' python3 'to check the layers'
	want 'coverage' 'program gcovr' gcovr 'to read what the compiler counted'
	want 'check valgrind' 'program valgrind' valgrind 'memory errors and leaks'
	want 'clang fuzz' 'program clang' clang 'the other compiler'
	want 'fuzz' 'runtime fuzzer' libclang-rt-14-dev 'to fuzz'
	want 'fuzz' 'program llvm-symbolizer' llvm 'names of places in its reports'
	want 'dist' 'program git' git 'to pack a release'
}

program() {
	# Servers are often in /usr/sbin, which a user's PATH may lack.
	PATH=$PATH:/usr/sbin:/sbin command -v "$1"
}

header() {
	# shellcheck disable=SC2086 # a compiler and flags are words
	echo "#include <$1>" | $CC ${CPPFLAGS-} ${CFLAGS-} -E -
}

library() {
	"$PKG_CONFIG" --exists "$1 >= $2"
}

# Comes with clang, or in a package of its own.
runtime() {
	test -e "$(clang -print-resource-dir)/lib/linux/libclang_rt.$1-$(uname -m).a"
}

module() {
	sh "${0%/*}/python.sh" "$1"
}

locale() {
	test -e "/usr/share/i18n/locales/$1"
}

roots() {
	test -e /etc/ssl/certs/ca-certificates.crt || test -e /etc/pki/tls/certs/ca-bundle.crt ||
		test -e /etc/ssl/cert.pem
}

# Collects what is missing: packages by name, and a line for people about each.
want() {
	case " $1 " in
		*" $set "*) ;;
		*) return 0 ;;
	esac
	# shellcheck disable=SC2086 # a probe is a function and its arguments
	if $2 >/dev/null 2>&1; then
		return 0
	fi
	case " $packages " in
		*" $3 "*) return 0 ;;
	esac
	packages="$packages $3"
	missing="$missing$(printf '  %-22s %-22s %s' "${2#* }" "$3" "$4")
"
}

probe() {
	packages='' missing=''
	for set in $sets; do
		table
	done
	[ -z "$missing" ]
}

fail() {
	printf 'gather needs, with the Debian package that has it:\n%s' "$missing" >&2
	echo "$*" >&2
	exit 1
}

only_say=
if [ "${1-}" = -n ]; then
	only_say=yes
	shift
fi
sets=$*

# One at a time: two would quarrel about apt's lock.
exec 9<"$0"
flock 9

probe && exit 0
[ -z "$only_say" ] || fail "'make deps' installs it, where there is apt."
command -v apt-get >/dev/null || fail 'There is no apt-get here: please install it in another way.'
as_root=
if [ "$(id -u)" -ne 0 ]; then
	command -v sudo >/dev/null || fail "Neither root nor sudo: as root, apt-get install$packages"
	as_root=sudo
fi

printf 'Installing from Debian%s:\n%s' "${as_root:+ with sudo}" "$missing"
# SYSTEMD_OFFLINE: a server that is installed for tests is not started.
apt() {
	$as_root env DEBIAN_FRONTEND=noninteractive SYSTEMD_OFFLINE=1 \
		apt-get -qq -y -o DPkg::Lock::Timeout=600 -o Dpkg::Use-Pty=0 "$@" 9<&- >/dev/null
}
apt update || fail 'apt-get update failed.'
# shellcheck disable=SC2086 # packages are words
apt install --no-install-recommends $packages || fail 'apt-get install failed.'
probe || fail 'It is still missing after apt-get install.'
