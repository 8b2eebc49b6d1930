#!/bin/sh
# No key, identity or passphrase comes with the program: whoever installs it has none that others have, too. Test keys stay in
# tests/, which is not installed.
set -eu
cd "$1"
folders='crypto aggregate cli bench demo papers .ci run README.md CHANGELOG.md CONTRIBUTING.md'
keys='^veilsum (secret key|identity|key share) [0-9]|PRIVATE KEY-----'
built_in='(passphrase|password)[a-z_]*(\[[^]]*\])? *= *"[^"]'
found=0
# The check must be able to find what it looks for.
grep -rqE "$keys" tests/fixtures || {
    echo "the test keys were not found: this check looks for the wrong thing"
    exit 1
}
printf 'static const char passphrase[] = "swordfish";\n' | grep -qE "$built_in" || {
    echo "a built-in passphrase would not be found"
    exit 1
}
# shellcheck disable=SC2086 # a list of names
if grep -rnIE "$keys" $folders; then
    echo "a secret key lies in the tree"
    found=1
fi
if grep -rnE --include='*.[ch]' --include='*.sh' "$built_in" crypto aggregate cli bench demo; then
    echo "a passphrase is built in"
    found=1
fi
if grep -nE 'fixtures' CMakeLists.txt crypto/CMakeLists.txt aggregate/CMakeLists.txt cli/CMakeLists.txt; then
    echo "test keys are near what is installed"
    found=1
fi
exit $found
