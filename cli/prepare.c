#include "cli/prepare.h"

#include <signal.h>

static void *make_table(void *context) {
    vs_preparation *p = context;
    p->status = vs_encryptor_new(&p->encryptor, p->pk, p->expected);
    return NULL;
}

/* Signals stay with the thread that knows when they have to wait (interrupt.h). */
static bool start(vs_preparation *p) {
    sigset_t all, before;
    sigfillset(&all);
    if (pthread_sigmask(SIG_SETMASK, &all, &before) != 0) {
        return false;
    }
    bool started = pthread_create(&p->thread, NULL, make_table, p) == 0;
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return started;
}

vs_status vs__prepare_begin(vs_preparation *p, const vs_plan *plan, const vs_public_key *pk, vs_error *error) {
    uint64_t count = 0;
    vs_status status = vs_contribution_size(&count, plan, pk, error);
    if (status != VS_OK) {
        return status;
    }
    p->pk = pk;
    p->expected = (size_t)count;
    p->running = start(p);
    if (!p->running) {
        (void)make_table(p);
    }
    return VS_OK;
}

static void join(vs_preparation *p) {
    if (p->running) {
        (void)pthread_join(p->thread, NULL);
        p->running = false;
    }
}

vs_status vs__prepare_wait(vs_preparation *p, vs_error *error) {
    join(p);
    return p->status == VS_OK ? VS_OK : vs_fail_plain(error, p->status);
}

void vs__prepare_end(vs_preparation *p) {
    join(p);
    vs_encryptor_free(p->encryptor);
    p->encryptor = NULL;
}
