/* A check that stands between an attack and its success.
 *
 * In the library it is its condition and nothing else. The suite tests/attacks is built from the same sources with
 * VEILSUM_ATTACKS, where one guard at a time can be left out by its name: each attack must be refused, and must succeed
 * once its guard is left out, so that no guard is there for show.
 */
#ifndef VEILSUM_CRYPTO_GUARD_H
#define VEILSUM_CRYPTO_GUARD_H

#ifdef VEILSUM_ATTACKS
/** Is the guard of this name left out? (tests/attacks/attacks.c) */
int vs__guard_is_left_out(const char *name);
#define VS_GUARD(name, condition) (vs__guard_is_left_out(#name) || (condition))
#else
#define VS_GUARD(name, condition) (condition)
#endif

#endif
