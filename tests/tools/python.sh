#!/bin/sh
# python.sh MODULE[,MODULE...]: prints the python that has the modules: $PYTHON if it is set, else
# Debian's, which has what deps.sh installs, else the one in PATH.

for python in ${PYTHON:-/usr/bin/python3 python3}; do
	if "$python" -c "import $1" 2>/dev/null; then
		echo "$python"
		exit 0
	fi
done
echo "no python here has $1" >&2
exit 1
