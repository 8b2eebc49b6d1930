/* What the build put into the program are the files of cli/page, byte by byte, under the names that the page uses. */
#include "tests/support.h"

#include "cli/page/page.h"

static const vs_page_asset *find_asset(const char *path) {
    for (const vs_page_asset *asset = vs__page_assets; asset->path != NULL; asset++) {
        if (strcmp(asset->path, path) == 0) {
            return asset;
        }
    }
    return NULL;
}

static void assert_is_file(const vs_page_asset *asset) {
    char path[512];
    snprintf(path, sizeof path, VEILSUM_TESTS_DIR "/../cli/page%s%s", asset->path,
             strcmp(asset->path, "/") == 0 ? "index.html" : "");
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    unsigned char *bytes = malloc(asset->len + 1);
    assert_non_null(bytes);
    assert_int_equal(fread(bytes, 1, asset->len + 1, file), asset->len);
    assert_memory_equal(bytes, asset->data, asset->len);
    free(bytes);
    fclose(file);
}

static void every_asset_is_its_file(void **state) {
    (void)state;
    for (const vs_page_asset *asset = vs__page_assets; asset->path != NULL; asset++) {
        assert_is_file(asset);
        assert_non_null(strstr(asset->content_type, "; charset=utf-8"));
    }
}

static void the_page_and_what_it_asks_for_are_there(void **state) {
    (void)state;
    assert_string_equal(find_asset("/")->content_type, "text/html; charset=utf-8");
    assert_string_equal(find_asset("/style.css")->content_type, "text/css; charset=utf-8");
    assert_string_equal(find_asset("/page.js")->content_type, "text/javascript; charset=utf-8");
    assert_null(find_asset("/page.h"));
}

/* `from "./NAME.js"` in a script asks for /NAME.js. */
static void every_import_is_there(void **state) {
    (void)state;
    const char *script = (const char *)find_asset("/page.js")->data, *end = script + find_asset("/page.js")->len;
    int found = 0;
    for (const char *at = script; (at = memmem(at, (size_t)(end - at), "from \"./", 8)) != NULL; at++, found++) {
        char path[64] = "";
        size_t len = 0;
        while (at[7 + len] != '"' && len + 1 < sizeof path) {
            path[len] = at[7 + len];
            len++;
        }
        assert_non_null(find_asset(path));
    }
    assert_true(found >= 3);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_asset_is_its_file),
        cmocka_unit_test(the_page_and_what_it_asks_for_are_there),
        cmocka_unit_test(every_import_is_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
