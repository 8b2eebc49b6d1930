#include "tests/attacks/attacks.h"

#include "crypto/guard.h"

static const char *left_out;

int vs__guard_is_left_out(const char *name) {
    return left_out != NULL && strcmp(name, left_out) == 0;
}

/* The library's own refusals of input: not a machine that failed, not a wrong call. */
static int is_refusal(vs_status status) {
    return status <= VS_ERR_FORMAT;
}

int attacks_run(const attack *attacks, size_t count) {
    int wrong = 0;
    for (size_t i = 0; i < count; i++) {
        const attack *a = &attacks[i];
        left_out = NULL;
        vs_status guarded = a->run();
        left_out = a->guard;
        vs_status open = a->run();
        left_out = NULL;
        int right = is_refusal(guarded) && open == VS_OK;
        printf("%s  %-32s %s: refused (%s), and without the guard %s\n", right ? "ok  " : "FAIL", a->guard, a->what,
               vs_status_text(guarded), vs_status_text(open));
        wrong += !right;
    }
    return wrong;
}
