#include "shares_cast.h"

static roster people;

/* Who serves, opens and contributes, in every mixture. */
static const shares_spec mixtures[] = {
    {{"c", "c", "c", "s", "s", "o"}, SHARES_COLUMNS, NULL, 2},
    {{"c", "c", "c", "s", "s", "o"}, SHARES_COLUMNS SHARES_GROUPS, NULL, 2},
    {{"cso", "cso", "cso"}, SHARES_COLUMNS SHARES_GROUPS, NULL, 2},
    {{"cso", "cs", "cs"}, SHARES_VECTOR, NULL, 2},
    {{"cso", "cs", "co", "s", "c", "o", "c", "s", "s"}, SHARES_COLUMNS SHARES_GROUPS, NULL, 2},
    {{"cso", "cs", "co", "s", "c", "o", "c", "s", "s"}, SHARES_VECTOR, NULL, 2},
    {{"so", "s", "c", "c", "c", "c"}, SHARES_COLUMNS SHARES_GROUPS, NULL, 2},
};
#define MIXTURES (sizeof mixtures / sizeof *mixtures)

static void the_result_is_the_sum_in_the_clear(void **state) {
    (void)state;
    for (size_t i = 0; i < 10 * MIXTURES; i++) {
        shares_scene s;
        shares_scene_new(&s, &people, &mixtures[i % MIXTURES]);
        s.net.shuffled = i >= MIXTURES;
        network_start_all(&s.net);
        network_run(&s.net);
        shares_assert_result(&s, shares_owners(&s));
        shares_scene_free(&s);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_result_is_the_sum_in_the_clear),
    };
    test_seed();
    roster_new(&people);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    roster_free(&people);
    return failed;
}
