#!/bin/sh
# check_install.sh: what `make install` installs is complete and works, and `make uninstall` removes it.

set -eu

cd "${0%/*}/../.."
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
# With a space, as packagers' folders sometimes have.
dest="$tmp/a folder"

fail() {
	echo "check-install: $*" >&2
	exit 1
}

"${MAKE:-make}" -s install DESTDIR="$dest" PREFIX=/usr
cat >"$tmp/expected" <<END
bin/gather
share/bash-completion/completions/gather
share/doc/gather/LICENSE
share/doc/gather/README.md
share/doc/gather/urls.example.txt
share/fish/vendor_completions.d/gather.fish
share/man/man1/gather.1
share/zsh/site-functions/_gather
END
(cd "$dest/usr" && find . -type f -size +0 | sed 's|^\./||' | LC_ALL=C sort) >"$tmp/installed"
diff "$tmp/expected" "$tmp/installed" || fail 'other files than expected (>), or empty ones (<)'

"$dest/usr/bin/gather" --version || fail 'the installed gather does not run'
bash -n "$dest/usr/share/bash-completion/completions/gather" || fail 'the completions for bash'

"${MAKE:-make}" -s uninstall DESTDIR="$dest" PREFIX=/usr
left=$(find "$dest" ! -type d)
[ -z "$left" ] || fail "uninstall left $left"
[ ! -e "$dest/usr/share/doc/gather" ] || fail 'uninstall left its folder of documents'
echo 'check-install: all installed, all gone'
