#!/bin/sh
# man.sh SCDOC: every man/*.scd below the current directory into the page beside it.
set -eu
for page in man/*.scd; do
    "$1" <"$page" >"${page%.scd}"
done
