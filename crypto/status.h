/* Status codes and contracts, used by every room.
 *
 * Every function that can fail returns a vs_status and must be checked. Three kinds of trouble are kept apart: a bug of
 * the caller aborts through VS_CHECK; wrong or hostile input returns a status; a failing machine (memory, randomness,
 * disk) returns a status. Libraries never print and never exit. Numbers are never reused.
 *
 * Argument order everywhere: context, outputs, inputs, counts and options; a length follows the pointer that it
 * measures. Thread rule everywhere: a const object may be shared by threads; an object that is written belongs to one
 * thread.
 */
#ifndef VEILSUM_CRYPTO_STATUS_H
#define VEILSUM_CRYPTO_STATUS_H

typedef enum vs_status {
    VS_OK = 0,
    /* the machine failed */
    VS_ERR_MEMORY = -1,      /* out of memory */
    VS_ERR_RANDOM = -2,      /* no randomness from the system */
    VS_ERR_IO = -3,          /* reading, writing or opening failed */
    VS_ERR_FAULT = -4,       /* a computation failed its own check */
    VS_ERR_CLOSED = -5,      /* the reader of a pipe has gone */
    VS_ERR_INTERRUPTED = -6, /* stopped by a signal */
    /* the call is wrong */
    VS_ERR_USAGE = -10,  /* a command line that makes no sense */
    VS_ERR_EXISTS = -11, /* an output is there already */
    /* the input is wrong */
    VS_ERR_FORMAT = -20,  /* not a readable file of the kind that is wanted */
    VS_ERR_VERSION = -21, /* of a version that is not known */
    VS_ERR_RANGE = -22,   /* a value out of its bounds */
    VS_ERR_LIMIT = -23,   /* larger than what is read */
    /* the input is not authentic */
    VS_ERR_AUTH = -30,     /* a hash, tag, proof or end mark fails */
    VS_ERR_MISMATCH = -31, /* for another plan or key */
    /* authentic, and not allowed */
    VS_ERR_POLICY = -40,
    /* not yet */
    VS_ERR_NOT_READY = -50
} vs_status;

#define VS_MUST_CHECK __attribute__((warn_unused_result))

/** A short lower-case description, for example "out of memory". Never NULL. */
const char *vs_status_text(vs_status status);

/** Abort with a message on standard error if a contract between functions is broken. Not for input. */
#define VS_CHECK(condition)                                                                                            \
    do {                                                                                                               \
        if (__builtin_expect(!(condition), 0)) {                                                                       \
            vs__check_failed(#condition, __FILE__, __LINE__);                                                          \
        }                                                                                                              \
    } while (0)

_Noreturn void vs__check_failed(const char *condition, const char *file, int line);

#endif
