/* A plan in words, and its warnings: what must be said is said, in lines that fit. */
#include "aggregate/plan/plan_text.h"
#include "plans.h"

#define END ",'opening':{'key':KEY}}"

/* malloc'd text */
static char *shown(const vs_plan *plan, unsigned key_bits, unsigned degree) {
    vs_memory_sink memory;
    vs_sink sink = vs_memory_sink_open(&memory, "memory");
    vs_error error = {{0}, {0}};
    assert_int_equal(vs_plan_show(plan, key_bits, degree, &sink, &error), VS_OK);
    char *text = strndup((const char *)memory.data, memory.len);
    free(memory.data);
    return text;
}

/* Lines' breaks and indents as single spaces, so that a sentence can be looked for. */
static void flatten(char *text) {
    char *out = text;
    for (; *text != '\0'; text++) {
        char c = *text == '\n' ? ' ' : *text;
        if (c != ' ' || out[-1] != ' ') {
            *out++ = c;
        }
    }
    *out = '\0';
}

static void assert_fits(const char *text) {
    size_t width = 0;
    for (; *text != '\0'; text++) {
        width = *text == '\n' ? 0 : width + (((unsigned char)*text & 0xc0) != 0x80);
        assert_true(width <= 100);
        assert_true((unsigned char)*text >= 0x20 || *text == '\n');
    }
}

static void assert_says(const char *text, const char *sentence) {
    if (strstr(text, sentence) == NULL) {
        print_error("missing: %s\nin: %s\n", sentence, text);
        fail();
    }
}

static const char *const example =
    "{'veilsum':1,'title':'Salaries','columns':{'District':{'values':['01','02','03']},'Sex':{'values':['f','m'],"
    "'other':'group','empty':'drop'},'Salary':{'scale':2,'min':'-0.5','max':500000,'round':'half-even'},"
    "'Age':{'scale':0,'min':0,'max':120,'other':'drop'}},'by':['District','Sex'],'measures':[{'count':'rows'},"
    "{'sum':'Salary'},{'mean':'Salary'},{'variance':'Salary'},{'mean':'Salary','weight':'Age'},{'histogram':'Age',"
    "'edges':[0,50,null]},{'covariance':['Age','Salary']},{'regression':'Salary','on':'Age'}],"
    "'groups':{'min_rows':5,'min_contributors':4},'contributors':{'min':3,'max':1000}" END;

static void the_agreement_is_said_in_words(void **state) {
    (void)state;
    vs_plan *plan = plan_of(example);
    char *text = shown(plan, 3072, 1), id[2 * VS_HASH_BYTES + 1];
    vs_to_hex(id, plan->id, VS_HASH_BYTES);
    assert_fits(text);
    assert_true(strncmp(text, "Salaries\n", 9) == 0);
    flatten(text);
    assert_says(text, id);
    assert_says(text, TEST_FINGERPRINT);
    assert_says(text, "at least 3 and at most 1000 in a total");
    assert_says(text, "9: District (3) × Sex (3)");
    assert_says(text, "Salary: a number from -0.5 to 500000 with at most 2 decimals; more are rounded, half to even;");
    assert_says(text, "Age: a number from 0 to 120 with 0 decimals; more are an error;");
    assert_says(text, "a row whose value is outside all bins is left out");
    assert_says(text, "any other value counts as (other); a row where it is empty is left out");
    assert_says(text, "District: one of 3 listed values; any other value is an error; an empty field is an error");
    assert_says(text, "mean(Salary): the mean, and with it the exact sum and how many values there are");
    assert_says(text, "mean(Salary;weight=Age): the weighted mean");
    assert_says(text, "histogram(Age): how many rows fall into each of 2 bins");
    assert_says(text, "covariance(Age,Salary): ");
    assert_says(text, "slope(Salary~Age), intercept(Salary~Age): ");
    assert_says(text, "these counts are opened for all groups");
    assert_says(text, "fewer than 4 contributors");
    assert_says(text, "fewer than 5 rows");
    assert_says(text, "a contributor can lie within the bounds");
    free(text);
    vs_plan_free(plan);
}

/* The figures again from the description of the layout: a plaintext a class and group, since each is small. */
static void sizes_and_the_cost_of_minimums_are_said(void **state) {
    (void)state;
    vs_plan *plan = plan_of(example);
    char *text = shown(plan, 3072, 1), *wide = shown(plan, 2048, 3);
    flatten(text);
    flatten(wide);
    assert_int_equal(plan->class_count, 4); /* counts, {Salary}, {Age, Salary}, {Age} */
    assert_says(text, "with a key of 3072 bits and degree 1");
    assert_says(text, "28 ciphertexts, 21 KiB");
    assert_says(text, "cost 28 ciphertexts instead of 2,");
    assert_says(wide, "with a key of 2048 bits and degree 3");
    assert_says(wide, "28 ciphertexts, 28 KiB");
    assert_says(wide, "cost 28 ciphertexts instead of 1,");
    assert_says(text, "from 10 bits (the counts behind the minimums) to 82 bits (variance(Salary))");
    free(text);
    free(wide);
    vs_plan_free(plan);
}

static void plans_without_minimums_say_so(void **state) {
    (void)state;
    vs_plan *plan = plan_of("{'veilsum':1,'columns':{'X':{'scale':0,'min':0,'max':1}},'measures':[{'sum':'X'}],"
                            "'contributors':{'min':2}" END);
    char *text = shown(plan, 3072, 1);
    assert_fits(text);
    flatten(text);
    assert_says(text, "A plan without a title");
    assert_says(text, "one: all rows together");
    assert_says(text, "the plan has no minimums (groups): a group of one row shows that row's numbers");
    assert_says(text, "contributors.min is 2");
    assert_says(text, "1 ciphertext, 768 bytes");
    assert_null(strstr(text, "cost"));
    free(text);
    vs_plan_free(plan);
}

static void vector_plans_are_said_in_words(void **state) {
    (void)state;
    vs_plan *plan =
        plan_of("{'veilsum':1,'vector':{'length':100000,'scale':6,'min':-1,'max':1},'contributors':{'min':1}" END);
    char *text = shown(plan, 3072, 3);
    assert_fits(text);
    flatten(text);
    assert_says(text, "each of 100000 elements; an element is a number from -1 to 1, rounded to 6 decimals");
    assert_says(text, "31 bits each");
    assert_says(text, "a total may be a single contributor's numbers");
    /* 99 slots of 31 bits a digit, 297 a plaintext, 1536 bytes each; the counter's slot is one bit. */
    assert_says(text, "337 ciphertexts, 506 KiB");
    assert_null(strstr(text, "rows"));
    free(text);
    vs_plan_free(plan);
}

static void long_and_odd_names_still_fit_the_line(void **state) {
    (void)state;
    char plan_text[2000], name[250];
    for (size_t i = 0; i < 248; i += 2) {
        memcpy(name + i, "ß", 2);
    }
    name[248] = '\0';
    snprintf(plan_text, sizeof plan_text,
             "{'veilsum':1,'title':'%s','columns':{'%s':{'values':['a','\\u001b[31m']}},'by':['%s'],'measures':[{'"
             "count':'rows'}]" END,
             name, name, name);
    vs_plan *plan = plan_of(plan_text);
    char *text = shown(plan, 3072, 1);
    assert_fits(text);
    free(text);
    vs_plan_free(plan);
}

static void marks_that_turn_writing_are_not_shown(void **state) {
    (void)state;
    vs_plan *plan =
        plan_of("{'veilsum':1,'title':'a\\u202eb \\u2066c\\u2029\\u200f \\u202f\\u2014','columns':{'X\\u202e':{"
                "'scale':0,'min':0,'max':1}},'measures':[{'sum':'X\\u202e'}]" END);
    char *text = shown(plan, 3072, 1);
    assert_true(strncmp(text, "a?b ?c?? \u202f\u2014\n", 16) == 0);
    assert_null(strstr(text, "\u202e"));
    free(text);
    vs_plan_free(plan);
}

static vs_status refuse_to_write(void *context, const void *data, size_t len, vs_error *error) {
    size_t *left = context;
    (void)data;
    if (*left < len) {
        return vs_fail(error, VS_ERR_IO, "disk full");
    }
    *left -= len;
    return VS_OK;
}

static void a_failing_sink_is_reported(void **state) {
    (void)state;
    vs_plan *plan = plan_of(example);
    for (size_t room = 0; room < 3000; room += 17) {
        size_t left = room;
        vs_error error = {{0}, {0}};
        vs_sink sink = {.name = "full", .context = &left, .write = refuse_to_write};
        assert_int_equal(vs_plan_show(plan, 3072, 1, &sink, &error), VS_ERR_IO);
        assert_string_equal(error.message, "disk full");
    }
    vs_plan_free(plan);
    plan = plan_of("{'veilsum':1,'columns':{'X':{'scale':0,'min':0,'max':1}},'measures':[{'sum':'X'}],"
                   "'contributors':{'min':1}" END);
    size_t none = 0, count;
    vs_error error = {{0}, {0}};
    vs_sink sink = {.name = "full", .context = &none, .write = refuse_to_write};
    assert_int_equal(vs_plan_warnings(plan, &sink, &count, &error), VS_ERR_IO);
    vs_plan_free(plan);
}

/* ---- warnings ---- */

static void assert_warns(const char *plan_text, size_t wanted, const char *text) {
    vs_plan *plan = plan_of(plan_text);
    vs_memory_sink memory;
    vs_sink sink = vs_memory_sink_open(&memory, "memory");
    vs_error error;
    size_t count = 99, lines = 0;
    assert_int_equal(vs_plan_warnings(plan, &sink, &count, &error), VS_OK);
    for (size_t i = 0; i < memory.len; i++) {
        lines += memory.data[i] == '\n';
    }
    if (count != wanted || lines != wanted ||
        (wanted > 0 && memmem(memory.data, memory.len, text, strlen(text)) == NULL)) {
        print_error("%zu warnings, wanted %zu with: %s\n%.*s\n", count, wanted, text, (int)memory.len,
                    (char *)memory.data);
        fail();
    }
    free(memory.data);
    vs_plan_free(plan);
}

#define SIMPLE(columns, measure, more) "{'veilsum':1,'columns':{" columns "},'measures':[" measure "]" more END
#define NUMBER "'X':{'scale':0,'min':0,'max':9}"
#define SUM "{'sum':'X'}"
#define CATEGORY(values) SIMPLE("'C':{'values':[" values "]}", "{'histogram':'C'}", "")

static void what_deserves_a_second_look_is_warned_of(void **state) {
    (void)state;
    assert_warns(SIMPLE(NUMBER, SUM, ""), 0, "");
    assert_warns(SIMPLE(NUMBER, SUM, ",'contributors':{'min':1}"), 1, "contributors.min is 1");
    assert_warns(SIMPLE(NUMBER, SUM, ",'contributors':{'min':2}"), 1, "contributors.min is 2");
    assert_warns(SIMPLE(NUMBER, SUM, ",'groups':{'min_contributors':1}"), 1, "groups.min_contributors is 1");
    assert_warns(SIMPLE(NUMBER, SUM, ",'groups':{'min_rows':1}"), 1, "groups.min_rows is 1");
    assert_warns(CATEGORY("'=1+1'"), 1, "begin like a formula");
    assert_warns(CATEGORY("'a','+1','-1','@x','\\tb','\\rc'"), 1, "5 of its values, +1 first, begin like a formula");
    assert_warns(CATEGORY("'a=','b+','c-','d@','1','0'"), 0, "");
    assert_warns(SIMPLE("'-X':{'scale':0,'min':0,'max':9}", "{'sum':'-X'}", ""), 1,
                 "the name -X begins like a formula");
    assert_warns(CATEGORY("'b','Ab','a b','c'"), 1, "the values Ab and a b differ by case or spaces only");
    assert_warns(CATEGORY("'x','X','y','Y'"), 1, "the values x and X differ by case or spaces only, and others do");
    assert_warns(SIMPLE("'X':{'scale':12,'min':0,'max':1}", "{'variance':'X'}", ""), 1,
                 "variance(X) needs slots of 110 bits");
}

static void edges_that_leave_values_out_are_warned_of(void **state) {
    (void)state;
#define EDGES(edges) SIMPLE(NUMBER, "{'histogram':'X','edges':" edges "}", "")
    assert_warns(EDGES("[null,3,null]"), 0, "");
    assert_warns(EDGES("[0,3,10]"), 0, "");
    assert_warns(EDGES("[0,3,9]"), 1, "histogram(X): the edges leave out values");
    assert_warns(EDGES("[1,3,10]"), 1, "histogram(X): the edges leave out values");
    assert_warns(SIMPLE("'X':{'scale':0,'min':0,'max':9,'other':'drop'}", "{'histogram':'X','edges':[3,4]}", ""), 0,
                 "");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_agreement_is_said_in_words),
        cmocka_unit_test(sizes_and_the_cost_of_minimums_are_said),
        cmocka_unit_test(plans_without_minimums_say_so),
        cmocka_unit_test(vector_plans_are_said_in_words),
        cmocka_unit_test(long_and_odd_names_still_fit_the_line),
        cmocka_unit_test(marks_that_turn_writing_are_not_shown),
        cmocka_unit_test(a_failing_sink_is_reported),
        cmocka_unit_test(what_deserves_a_second_look_is_warned_of),
        cmocka_unit_test(edges_that_leave_values_out_are_warned_of),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
