#!/bin/sh
# check_machine_code.sh OBJECT: no instruction by which a vector's contents could steer a branch or an address, in what the compiler in
# use really made of the IFMA kernels. MemorySanitizer sees clang's intermediate code only; this sees no flow of data, but any compiler's
# instructions: gathers, tests of vectors and masks into flags, divisions. A mask becomes a number in out_of_range alone, whose result
# it is.
set -eu
export LC_ALL=C
if ! command -v objdump >/dev/null 2>&1; then
    echo 'skipped: objdump is not here'
    exit 77
fi
objdump -d --no-show-raw-insn "$1" | awk '
    /^[0-9a-f]+ <.*>:$/ { function_name = $2 }
    $2 ~ /^v?p?gather|^v?ptest$|^v?testp[sd]$|^kor?test|^v?movmsk|^v?pmovmsk|^vu?comis|^u?comis|^i?div[bwlq]?$/ { bad = 1 }
    $2 ~ /^kmov/ && $NF ~ /%[er]/ && function_name !~ /out_of_range/ { bad = 1 }
    $2 ~ /madd52/ { multiplied = 1 }
    bad { print function_name, $0; refused = 1; bad = 0 }
    END { if (!multiplied) { print "no IFMA instructions: not the kernels"; refused = 1 } exit refused }'
