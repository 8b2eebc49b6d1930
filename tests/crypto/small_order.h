/* The points of small order on Curve25519 and its twist, in every encoding of 32 bytes with the top bit clear: whoever
 * multiplies one by a secret key gets zero. */
#ifndef VEILSUM_TESTS_SMALL_ORDER_H
#define VEILSUM_TESTS_SMALL_ORDER_H

#include <stdint.h>

/* 0, 1, two of order 8, p − 1, p, p + 1. */
static const char *const small_order_keys[] = {
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
    "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
};
#define SMALL_ORDER_KEYS (sizeof small_order_keys / sizeof *small_order_keys)

#endif
