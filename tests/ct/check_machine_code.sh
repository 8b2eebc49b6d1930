#!/bin/sh
# check_machine_code.sh INSTRUCTION FUNCTIONS OBJECT...: no instruction by which a vector's contents could steer a branch or an address,
# in what the compiler in use really made of kernels for AVX-512, which are known by an instruction that they need. MemorySanitizer sees
# clang's intermediate code only; this sees no flow of data, but any compiler's instructions: gathers, tests of vectors and masks into flags,
# divisions. A mask becomes a number in the named functions alone: where it is the result, or a carry that is added.
set -eu
export LC_ALL=C
if ! command -v objdump >/dev/null 2>&1; then
    echo 'skipped: objdump is not here'
    exit 77
fi
instruction=$1 functions=$2
shift 2
objdump -d --no-show-raw-insn "$@" | awk -v instruction="$instruction" -v functions="$functions" '
    /^[0-9a-f]+ <.*>:$/ { function_name = $2 }
    $2 ~ /^v?p?gather|^v?ptest$|^v?testp[sd]$|^kor?test|^v?movmsk|^v?pmovmsk|^vu?comis|^u?comis|^i?div[bwlq]?$/ { bad = 1 }
    $2 ~ /^kmov/ && $NF ~ /%[er]/ && function_name !~ functions { bad = 1 }
    $2 ~ instruction { multiplied = 1 }
    bad { print function_name, $0; refused = 1; bad = 0 }
    END { if (!multiplied) { print "no " instruction ": not the kernels"; refused = 1 } exit refused }'
