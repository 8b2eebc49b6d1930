/* Every rule of the plan format, by a plan that breaks it and nothing else; the whole message is compared. */
#include "plans.h"

#define END ",'opening':{'key':KEY}}"
/* Two numbers X and Y, two categories C and D; a plan over some of them. */
#define X "'X':{'scale':2,'min':-1,'max':100}"
#define Y "'Y':{'scale':0,'min':0,'max':9}"
#define C "'C':{'values':['a','b']}"
#define D "'D':{'values':['1','2','3']}"
#define PLAN(columns, rest) "{'veilsum':1,'columns':{" columns "}," rest END
#define SUM_X "'measures':[{'sum':'X'}]"
#define COLUMN(spec) PLAN("'X':" spec, SUM_X)
#define CATEGORY(spec) PLAN("'C':" spec, "'measures':[{'histogram':'C'}]")
#define MEASURE(columns, measure) PLAN(columns, "'measures':[" measure "]")
#define TOP(more) PLAN(X, SUM_X "," more)
#define VECTOR(spec) "{'veilsum':1,'vector':" spec END

typedef struct refusal {
    const char *plan;
    vs_status status;
    const char *message;
} refusal;

static void refuse_all(const refusal *list, size_t count) {
    for (size_t i = 0; i < count; i++) {
        assert_refused(list[i].plan, list[i].status, list[i].message);
    }
}
#define REFUSE_ALL(list) refuse_all(list, sizeof(list) / sizeof *(list))

static void text_that_is_no_plan_is_refused(void **state) {
    (void)state;
    static const refusal list[] = {
        {"", VS_ERR_FORMAT, "plan: not JSON: it ends early (line 1, column 0)"},
        {"{'veilsum':1", VS_ERR_FORMAT, "plan: not JSON: it ends early (line 1, column 12)"},
        {"veilsum", VS_ERR_FORMAT, "plan: not JSON (line 1, column 7)"},
        {"{'veilsum':1,}", VS_ERR_FORMAT, "plan: not JSON (line 1, column 14)"},
        {"[]", VS_ERR_FORMAT, "not a veilsum plan: there is no key \"veilsum\""},
        {"{}", VS_ERR_FORMAT, "not a veilsum plan: there is no key \"veilsum\""},
        {"{'veilsum':'1'}", VS_ERR_FORMAT, "veilsum: must be 1"},
        {"{'veilsum':2,'new':[]}", VS_ERR_VERSION, "veilsum: a version of plans that is not known"},
        {TOP("'rows':{}") "x", VS_ERR_FORMAT,
         "plan: not JSON: something follows the end of the plan (line 1, column 181)"},
        {TOP("'title':'a\xff'"), VS_ERR_FORMAT, "plan: not valid UTF-8 (line 1, column 95)"},
        {TOP("'title':'a\\u0000b'"), VS_ERR_FORMAT, "plan: a NUL character in a string (line 1, column 103)"},
        {TOP("'title':'\\ud800'"), VS_ERR_FORMAT, "plan: not JSON (line 1, column 101)"},
        {TOP("'title':[[[[[[[[1]]]]]]]]"), VS_ERR_LIMIT, "plan: brackets nested deeper than 8"},
        {"{'veilsum':1,'veilsum':1}", VS_ERR_FORMAT, "plan: the same key twice in one object (line 1, column 22)"},
        {PLAN(X ",'X':{}", SUM_X), VS_ERR_FORMAT, "plan: the same key twice in one object (line 1, column 62)"},
    };
    REFUSE_ALL(list);
}

static void a_nul_byte_is_refused(void **state) {
    (void)state;
    char *json = plan_json(TOP("'title':'a#b'"));
    vs_plan *plan;
    vs_error error;
    size_t len = strlen(json);
    *strchr(json, '#') = '\0';
    assert_int_equal(vs_plan_parse(&plan, json, len, &error), VS_ERR_FORMAT);
    assert_null(plan);
    free(json);
}

static void plans_are_bounded(void **state) {
    (void)state;
    vs_plan *plan;
    vs_error error;
    size_t len = (size_t)VS_MAX_PLAN_BYTES + 1;
    char *text = malloc(len);
    assert_non_null(text);
    memset(text, ' ', len);
    assert_int_equal(vs_plan_parse(&plan, text, len, &error), VS_ERR_LIMIT);
    assert_string_equal(error.message, "plan: larger than 64 MiB");
    len = 3 * (size_t)VS_MAX_PLAN_ITEMS;
    for (size_t i = 0; i < len; i += 3) {
        memcpy(text + i, "[],", 3);
    }
    text[0] = '[';
    text[1] = ' ';
    assert_int_equal(vs_plan_parse(&plan, text, len, &error), VS_ERR_LIMIT);
    assert_string_equal(error.message, "plan: more than 1048576 entries");
    free(text);
}

static void numbers_that_readers_disagree_on_are_refused(void **state) {
    (void)state;
    static const refusal list[] = {
        {COLUMN("{'scale':2,'min':-0.5,'max':9}"), VS_ERR_FORMAT,
         "columns.X.min: a number with a point or an exponent"},
        {COLUMN("{'scale':2,'min':0,'max':1e3}"), VS_ERR_FORMAT, "columns.X.max: a number with a point or an exponent"},
        {COLUMN("{'scale':2.0,'min':0,'max':1}"), VS_ERR_FORMAT,
         "columns.X.scale: a number with a point or an exponent"},
        {COLUMN("{'scale':0,'min':0,'max':9007199254740993}"), VS_ERR_FORMAT, "columns.X.max: a number beyond ±2^53"},
        {COLUMN("{'scale':0,'min':-9007199254740993,'max':0}"), VS_ERR_FORMAT, "columns.X.min: a number beyond ±2^53"},
        {MEASURE(X, "{'histogram':'X','edges':[0,0.5]}"), VS_ERR_FORMAT,
         "measures[0].edges[1]: a number with a point or an exponent"},
        {COLUMN("{'scale':0,'min':0,'max':100000000000000000000}"), VS_ERR_FORMAT,
         "plan: a number beyond ±2^53 (line 1, column 74)"},
        {COLUMN("{'scale':0,'min':0,'max':1e400}"), VS_ERR_FORMAT, "plan: a number beyond ±2^53 (line 1, column 58)"},
    };
    REFUSE_ALL(list);
}

static void unknown_and_missing_keys_are_refused(void **state) {
    (void)state;
    static const refusal list[] = {
        {TOP("'Title':'a'"), VS_ERR_FORMAT, "Title: unknown key"},
        {TOP("'a.b':1"), VS_ERR_FORMAT, "\"a.b\": unknown key"},
        {TOP("'a\\u001b[31m':1"), VS_ERR_FORMAT, "\"a?[31m\": unknown key"},
        {TOP("'rows':{'maximum':3}"), VS_ERR_FORMAT, "rows.maximum: unknown key"},
        {TOP("'contributors':{'list':[]}"), VS_ERR_FORMAT, "contributors.list: unknown key"},
        {TOP("'groups':{'min_row':3}"), VS_ERR_FORMAT, "groups.min_row: unknown key"},
        {COLUMN("{'scale':0,'min':0,'max':1,'unit':'€'}"), VS_ERR_FORMAT, "columns.X.unit: unknown key"},
        {CATEGORY("{'values':['a'],'others':'drop'}"), VS_ERR_FORMAT, "columns.C.others: unknown key"},
        {MEASURE(X, "{'sum':'X','weight':'X'}"), VS_ERR_FORMAT, "measures[0].weight: unknown key"},
        {MEASURE(X, "{'median':'X'}"), VS_ERR_FORMAT, "measures[0]: is no measure that is known"},
        {MEASURE(X, "{'sum':'X','mean':'X'}"), VS_ERR_FORMAT, "measures[0]: is both a sum and a mean"},
        {MEASURE(X, "'sum'"), VS_ERR_FORMAT, "measures[0]: must be an object, such as {\"sum\": \"Salary\"}"},
        {PLAN(X, "'by':[]"), VS_ERR_FORMAT, "measures: is missing"},
        {PLAN(X, "'measures':[]"), VS_ERR_FORMAT, "measures: needs at least 1 entry"},
        {PLAN(X, "'measures':{}"), VS_ERR_FORMAT, "measures: must be a list, […]"},
        {"{'veilsum':1,'columns':[]," SUM_X END, VS_ERR_FORMAT, "columns: must be an object, {…}"},
        {"{'veilsum':1," SUM_X END, VS_ERR_RANGE, "measures[0].sum: no column is called X"},
        {"{'veilsum':1,'columns':{" X "}," SUM_X "}", VS_ERR_FORMAT, "opening: is missing"},
    };
    REFUSE_ALL(list);
}

static void wrong_titles_are_refused(void **state) {
    (void)state;
    static const refusal list[] = {
        {TOP("'title':1"), VS_ERR_FORMAT, "title: must be a string, \"…\""},
        {TOP("'title':''"), VS_ERR_RANGE, "title: must not be empty"},
        {TOP("'title':'a\\nb'"), VS_ERR_RANGE, "title: holds a control character"},
        {TOP("'title':'a\\u009bb'"), VS_ERR_RANGE, "title: holds a control character"},
    };
    REFUSE_ALL(list);
    char text[700], name[258];
    memset(name, 'n', sizeof name);
    name[257] = '\0';
    snprintf(text, sizeof text, PLAN(X, SUM_X ",'title':'%s'"), name);
    assert_refused(text, VS_ERR_LIMIT, "title: is longer than 256 bytes");
    name[256] = '\0';
    snprintf(text, sizeof text, PLAN(X, SUM_X ",'title':'%s'"), name);
    vs_plan_free(plan_of(text));
    snprintf(text, sizeof text, PLAN("'%s':{'scale':0,'min':0,'max':1}", "'measures':[{'sum':'%s'}]"), name, name);
    vs_plan_free(plan_of(text));
}

static void wrong_limits_are_refused(void **state) {
    (void)state;
    static const refusal list[] = {
        {TOP("'rows':7"), VS_ERR_FORMAT, "rows: must be an object, {…}"},
        {TOP("'rows':{'max':'7'}"), VS_ERR_FORMAT, "rows.max: must be an integer"},
        {TOP("'rows':{'max':0}"), VS_ERR_RANGE, "rows.max: must be between 1 and 1099511627776"},
        {TOP("'rows':{'max':1099511627777}"), VS_ERR_RANGE, "rows.max: must be between 1 and 1099511627776"},
        {TOP("'contributors':{'min':0}"), VS_ERR_RANGE, "contributors.min: must be between 1 and 1000000"},
        {TOP("'contributors':{'max':1000001}"), VS_ERR_RANGE, "contributors.max: must be between 1 and 1000000"},
        {TOP("'contributors':{'min':9,'max':8}"), VS_ERR_RANGE, "contributors: min (9) is above max (8)"},
        {TOP("'contributors':{'max':2}"), VS_ERR_RANGE, "contributors: min (3) is above max (2)"},
        {TOP("'groups':{}"), VS_ERR_FORMAT, "groups: needs min_rows or min_contributors"},
        {TOP("'groups':{'min_rows':0}"), VS_ERR_RANGE, "groups.min_rows: must be between 1 and 1048576000"},
        {TOP("'groups':{'min_contributors':0}"), VS_ERR_RANGE, "groups.min_contributors: must be between 1 and 1000"},
        {TOP("'groups':{'min_contributors':7},'contributors':{'max':6}"), VS_ERR_RANGE,
         "groups.min_contributors: must be between 1 and 6"},
        {TOP("'groups':{'min_rows':19},'rows':{'max':3},'contributors':{'max':6}"), VS_ERR_RANGE,
         "groups.min_rows: must be between 1 and 18"},
    };
    REFUSE_ALL(list);
}

static void wrong_openings_are_refused(void **state) {
    (void)state;
#define OPENING(opening) "{'veilsum':1,'columns':{" X "}," SUM_X ",'opening':" opening "}"
    static const refusal list[] = {
        {OPENING("'key'"), VS_ERR_FORMAT, "opening: must be an object, {…}"},
        {OPENING("{}"), VS_ERR_FORMAT, "opening: must say exactly one way to open"},
        {OPENING("{'key':KEY,'masks':1}"), VS_ERR_FORMAT, "opening: must say exactly one way to open"},
        {OPENING("{'password':'x'}"), VS_ERR_FORMAT, "opening.password: unknown key"},
        {OPENING("{'threshold':KEY,'key':KEY}"), VS_ERR_FORMAT, "opening: must say exactly one way to open"},
        {OPENING("{'holders':KEY}"), VS_ERR_FORMAT, "opening: must say exactly one way to open"},
        {OPENING("{'key':KEY,'holders':KEY}"), VS_ERR_FORMAT, "opening.holders: unknown key"},
        {OPENING("{'threshold':KEY}"), VS_ERR_FORMAT, "opening.holders: is missing"},
        {OPENING("{'threshold':'00','holders':KEY}"), VS_ERR_FORMAT,
         "opening.threshold: must be a fingerprint: 64 hexadecimal digits, lower case"},
        {OPENING("{'threshold':KEY,'holders':'00'}"), VS_ERR_FORMAT,
         "opening.holders: must be a fingerprint: 64 hexadecimal digits, lower case"},
        {OPENING("{'shares':['A','B']}"), VS_ERR_FORMAT, "opening: 'shares' needs a roster"},
        {OPENING("{'masks':{}}"), VS_ERR_FORMAT, "opening: 'masks' needs a roster"},
        {OPENING("{'key':7}"), VS_ERR_FORMAT, "opening.key: must be a string, \"…\""},
        {OPENING("{'key':'00'}"), VS_ERR_FORMAT,
         "opening.key: must be a fingerprint: 64 hexadecimal digits, lower case"},
        {OPENING("{'key':'0011223344556677889900112233445566778899001122334455667788990AA'}"), VS_ERR_FORMAT,
         "opening.key: must be a fingerprint: 64 hexadecimal digits, lower case"},
    };
    REFUSE_ALL(list);
}

static void wrong_columns_are_refused(void **state) {
    (void)state;
    static const refusal list[] = {
        {COLUMN("7"), VS_ERR_FORMAT, "columns.X: must be an object, {…}"},
        {COLUMN("{}"), VS_ERR_FORMAT, "columns.X: says neither values nor scale, min and max"},
        {COLUMN("{'values':['a'],'min':0}"), VS_ERR_FORMAT, "columns.X: has both values and the keys of a number"},
        {COLUMN("{'min':0,'max':1}"), VS_ERR_FORMAT, "columns.X.scale: is missing"},
        {COLUMN("{'scale':0,'max':1}"), VS_ERR_FORMAT, "columns.X.min: is missing"},
        {COLUMN("{'scale':0,'min':1}"), VS_ERR_FORMAT, "columns.X.max: is missing"},
        {COLUMN("{'scale':'0','min':0,'max':1}"), VS_ERR_FORMAT, "columns.X.scale: must be an integer"},
        {COLUMN("{'scale':40,'min':0,'max':1}"), VS_ERR_RANGE, "columns.X.scale: must be between 0 and 18"},
        {COLUMN("{'scale':-1,'min':0,'max':1}"), VS_ERR_RANGE, "columns.X.scale: must be between 0 and 18"},
        {COLUMN("{'scale':2,'min':2,'max':'1.99'}"), VS_ERR_RANGE, "columns.X.min: is above max"},
        {COLUMN("{'scale':1,'min':0,'max':'1.25'}"), VS_ERR_RANGE,
         "columns.X.max: has more decimals than the scale of 1"},
        {COLUMN("{'scale':1,'min':0,'max':null}"), VS_ERR_FORMAT, "columns.X.max: must be a number"},
        {COLUMN("{'scale':1,'min':0,'max':true}"), VS_ERR_FORMAT, "columns.X.max: must be a number"},
        {COLUMN("{'scale':1,'min':0,'max':'1,000'}"), VS_ERR_FORMAT, "columns.X.max: must be a number"},
        {COLUMN("{'scale':1,'min':0,'max':'1e3'}"), VS_ERR_FORMAT, "columns.X.max: must be a number"},
        {COLUMN("{'scale':1,'min':0,'max':' 1'}"), VS_ERR_FORMAT, "columns.X.max: must be a number"},
        {COLUMN("{'scale':1,'min':0,'max':'+1'}"), VS_ERR_FORMAT, "columns.X.max: must be a number"},
        {COLUMN("{'scale':1,'min':0,'max':'1.'}"), VS_ERR_FORMAT, "columns.X.max: must be a number"},
        {COLUMN("{'scale':1,'min':'','max':1}"), VS_ERR_FORMAT, "columns.X.min: must be a number"},
        {COLUMN("{'scale':0,'min':0,'max':'4611686018427387904'}"), VS_ERR_RANGE,
         "columns.X.max: is too large at a scale of 0"},
        {COLUMN("{'scale':18,'min':0,'max':5}"), VS_ERR_RANGE, "columns.X.max: is too large at a scale of 18"},
        {COLUMN("{'scale':0,'min':0,'max':1,'round':'up'}"), VS_ERR_FORMAT,
         "columns.X.round: must be \"half-even\", or left out"},
        {COLUMN("{'scale':0,'min':0,'max':1,'other':'drop'}"), VS_ERR_RANGE,
         "columns.X.other: is about the edges of a histogram, and this column has none"},
        {COLUMN("{'scale':0,'min':0,'max':1,'other':'clip'}"), VS_ERR_FORMAT,
         "columns.X.other: must be \"error\", \"drop\" or \"group\""},
        {COLUMN("{'scale':0,'min':0,'max':1,'empty':'group'}"), VS_ERR_FORMAT,
         "columns.X.empty: must be \"drop\", or left out: then an empty field is a missing value"},
        {CATEGORY("{'values':['a'],'empty':'error'}"), VS_ERR_FORMAT,
         "columns.C.empty: must be \"drop\" or \"group\", or left out"},
        {CATEGORY("{'values':'a'}"), VS_ERR_FORMAT, "columns.C.values: must be a list, […]"},
        {CATEGORY("{'values':[]}"), VS_ERR_FORMAT, "columns.C.values: needs at least 1 entry"},
        {CATEGORY("{'values':['a',1]}"), VS_ERR_FORMAT, "columns.C.values[1]: must be a string, \"…\""},
        {CATEGORY("{'values':['a','']}"), VS_ERR_RANGE, "columns.C.values[1]: is empty"},
        {CATEGORY("{'values':['b','a','c','a']}"), VS_ERR_RANGE, "columns.C.values[3]: is the same value as entry 1"},
        {CATEGORY("{'values':['12345678','123456789','12345678']}"), VS_ERR_RANGE,
         "columns.C.values[2]: is the same value as entry 0"},
        {CATEGORY("{'values':['(other)'],'other':'group'}"), VS_ERR_RANGE,
         "columns.C.values[0]: is the name of a level that the column adds"},
        {CATEGORY("{'values':['(empty)'],'empty':'group'}"), VS_ERR_RANGE,
         "columns.C.values[0]: is the name of a level that the column adds"},
        {PLAN(X "," Y, SUM_X), VS_ERR_RANGE, "columns.Y: no measure and no by uses this column"},
        {PLAN(X ",'':{}", SUM_X), VS_ERR_RANGE, "columns: a column's name must not be empty"},
        {PLAN(X ",'a\\tb':{}", SUM_X), VS_ERR_RANGE, "columns.a?b: a column's name holds a control character"},
    };
    REFUSE_ALL(list);
}

static void values_named_like_levels_are_fine_where_those_are_not_added(void **state) {
    (void)state;
    vs_plan *plan = plan_of(CATEGORY("{'values':['(other)','(empty)'],'other':'drop'}"));
    assert_int_equal(plan->columns[0].level_count, 2);
    vs_plan_free(plan);
}

static void wrong_groups_are_refused(void **state) {
    (void)state;
    static const refusal list[] = {
        {PLAN(X "," C, SUM_X ",'by':'C'"), VS_ERR_FORMAT, "by: must be a list, […]"},
        {PLAN(X "," C, SUM_X ",'by':['E']"), VS_ERR_RANGE, "by[0]: no column is called E"},
        {PLAN(X "," C, SUM_X ",'by':['X']"), VS_ERR_RANGE, "by[0]: column X is a number, not a category"},
        {PLAN(X "," C "," D, SUM_X ",'by':['C','D','C']"), VS_ERR_RANGE, "by[2]: names a column that is in by already"},
        {PLAN(X "," C, SUM_X ",'by':[['C']]"), VS_ERR_FORMAT, "by[0]: must be a string, \"…\""},
    };
    REFUSE_ALL(list);
}

static void wrong_measures_are_refused(void **state) {
    (void)state;
    static const refusal list[] = {
        {MEASURE(X, "{'count':'X'}"), VS_ERR_FORMAT, "measures[0].count: must be \"rows\""},
        {MEASURE(X, "{'sum':'Z'}"), VS_ERR_RANGE, "measures[0].sum: no column is called Z"},
        {MEASURE(X, "{'sum':7}"), VS_ERR_FORMAT, "measures[0].sum: must be a string, \"…\""},
        {MEASURE(C, "{'sum':'C'}"), VS_ERR_RANGE,
         "measures[0].sum: column C has values: it is a category, not a number"},
        {MEASURE(C, "{'mean':'C'}"), VS_ERR_RANGE,
         "measures[0].mean: column C has values: it is a category, not a number"},
        {MEASURE(X "," C, "{'mean':'X','weight':'C'}"), VS_ERR_RANGE,
         "measures[0].weight: column C has values: it is a category, not a number"},
        {MEASURE(X "," Y, "{'mean':'Y','weight':'X'}"), VS_ERR_RANGE,
         "measures[0].weight: a weight must not be negative, the column's min is"},
        {MEASURE(X, "{'covariance':'X'}"), VS_ERR_FORMAT, "measures[0].covariance: must be a list, […]"},
        {MEASURE(X, "{'covariance':['X']}"), VS_ERR_FORMAT, "measures[0].covariance: needs at least 2 entries"},
        {MEASURE(X, "{'covariance':['X','X','X']}"), VS_ERR_LIMIT, "measures[0].covariance: has more than 2 entries"},
        {MEASURE(X, "{'covariance':['X','X']}"), VS_ERR_RANGE, "measures[0].covariance: names one column twice"},
        {MEASURE(X "," C, "{'covariance':['X','C']}"), VS_ERR_RANGE,
         "measures[0].covariance[1]: column C has values: it is a category, not a number"},
        {MEASURE(X, "{'regression':'X'}"), VS_ERR_FORMAT, "measures[0].on: is missing"},
        {MEASURE(X, "{'regression':'X','on':'X'}"), VS_ERR_RANGE,
         "measures[0].on: a column cannot be regressed on itself"},
        {MEASURE(X, "{'sum':'X'},{'mean':'X'},{'sum':'X'}"), VS_ERR_RANGE, "measures[2]: says the same as measures[0]"},
        {MEASURE(X "," Y, "{'covariance':['X','Y']},{'covariance':['Y','X']}"), VS_ERR_RANGE,
         "measures[1]: says the same as measures[0]"},
        {MEASURE(C, "{'histogram':'C'},{'histogram':'C'}"), VS_ERR_RANGE, "measures[1]: says the same as measures[0]"},
        {MEASURE(X, "{'histogram':'X','edges':[0,'1.0']},{'histogram':'X','edges':[0,1]}"), VS_ERR_RANGE,
         "measures[1]: says the same as measures[0]"},
        {PLAN(X,
              "'groups':{'min_rows':5},'measures':[{'histogram':'X','edges':[0,1]},{'histogram':'X','edges':[0,2]}]"),
         VS_ERR_RANGE,
         "measures[1]: a second histogram of one column, where groups has minimums: their difference would show bins "
         "below "
         "the minimum"},
    };
    REFUSE_ALL(list);
}

static void wrong_edges_are_refused(void **state) {
    (void)state;
#define EDGES(edges) MEASURE(X, "{'histogram':'X','edges':" edges "}")
    static const refusal list[] = {
        {MEASURE(X, "{'histogram':'X'}"), VS_ERR_FORMAT, "measures[0].edges: is missing"},
        {MEASURE(X, "{'histogram':'Z','edges':[0,1]}"), VS_ERR_RANGE, "measures[0].histogram: no column is called Z"},
        {MEASURE(C, "{'histogram':'C','edges':[0,1]}"), VS_ERR_FORMAT,
         "measures[0].edges: the column has values: its bins are those, not edges"},
        {EDGES("[]"), VS_ERR_FORMAT, "measures[0].edges: needs at least 2 entries"},
        {EDGES("[5]"), VS_ERR_FORMAT, "measures[0].edges: needs at least 2 entries"},
        {EDGES("[null,null]"), VS_ERR_RANGE, "measures[0].edges: needs at least one number"},
        {EDGES("[0,null,5]"), VS_ERR_RANGE, "measures[0].edges[1]: null stands only at an end of the edges"},
        {EDGES("[0,5,3,9]"), VS_ERR_RANGE, "measures[0].edges[2]: is not above the edge before it"},
        {EDGES("[0,5,5,9]"), VS_ERR_RANGE, "measures[0].edges[2]: is not above the edge before it"},
        {EDGES("[0,5,'5.00',9]"), VS_ERR_RANGE, "measures[0].edges[2]: is not above the edge before it"},
        {EDGES("[null,5,4,null]"), VS_ERR_RANGE, "measures[0].edges[2]: is not above the edge before it"},
        {EDGES("[0,'0.001']"), VS_ERR_RANGE, "measures[0].edges[1]: has more decimals than the scale of 2"},
        {EDGES("[0,'a']"), VS_ERR_FORMAT, "measures[0].edges[1]: must be a number"},
        {EDGES("[0,[1]]"), VS_ERR_FORMAT, "measures[0].edges[1]: must be a number"},
    };
    REFUSE_ALL(list);
}

static void results_with_one_title_twice_are_refused(void **state) {
    (void)state;
    static const refusal list[] = {
        {PLAN("'count(rows)':{'values':['a']}", "'by':['count(rows)'],'measures':[{'count':'rows'}]"), VS_ERR_RANGE,
         "measures[0]: two columns of the result would be called count(rows)"},
        {MEASURE(
             "'A':{'scale':0,'min':0,'max':1},'B':{'scale':0,'min':0,'max':1},'A;weight=B':{'scale':0,'min':0,'max':1}",
             "{'mean':'A','weight':'B'},{'mean':'A;weight=B'}"),
         VS_ERR_RANGE, "measures[1]: two columns of the result would be called mean(A;weight=B)"},
    };
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        vs_plan *plan;
        vs_error error;
        assert_int_equal(plan_try(&plan, list[i].plan, &error), list[i].status);
        assert_non_null(strstr(error.message, strchr(list[i].message, ':'))); /* either of the two is named */
    }
    vs_plan_free(plan_of(MEASURE(X, "{'histogram':'X','edges':[0,1,2]},{'histogram':'X','edges':[0,1,3]}")));
}

static void slots_that_are_too_wide_are_refused_by_name(void **state) {
    (void)state;
#define WIDE(max, rows)                                                                                                \
    "{'veilsum':1,'columns':{'W':{'scale':0,'min':0,'max':'" max "'}},'measures':[{'sum':'W'},{'variance':'W'}],"      \
    "'rows':{'max':" rows "},'contributors':{'max':4}" END
    vs_plan_free(plan_of(WIDE("4611686018427387903", "1"))); /* 124 + 2 bits */
    static const refusal list[] = {
        {WIDE("4611686018427387903", "2"), VS_ERR_RANGE,
         "measures[1]: the total behind variance(W) can need more than 126 bits"},
        {WIDE("4611686018427387903", "1099511627776"), VS_ERR_RANGE,
         "measures[1]: the total behind variance(W) can need more than 126 bits"},
    };
    REFUSE_ALL(list);
    /* A sum's slot is always narrow enough: 63 + 40 + 20 bits. */
    vs_plan_free(plan_of("{'veilsum':1,'columns':{'W':{'scale':18,'min':-4,'max':4}},'measures':[{'sum':'W'}],"
                         "'rows':{'max':1099511627776},'contributors':{'max':1000000}" END));
}

/* "'V0':{'values':['0','1',…]},…" and "'V0',…": `columns` columns of `values` values. */
static char *wide_domain(size_t columns, size_t values) {
    char *text = NULL;
    size_t len;
    FILE *out = open_memstream(&text, &len);
    fputs("{'veilsum':1,'columns':{", out);
    for (size_t i = 0; i < columns; i++) {
        fprintf(out, "%s'V%zu':{'values':[", i > 0 ? "," : "", i);
        for (size_t j = 0; j < values; j++) {
            fprintf(out, "%s'%zu'", j > 0 ? "," : "", j);
        }
        fputs("]}", out);
    }
    fputs("},'by':[", out);
    for (size_t i = 0; i < columns; i++) {
        fprintf(out, "%s'V%zu'", i > 0 ? "," : "", i);
    }
    fputs("],'measures':[{'count':'rows'}],'opening':{'key':KEY}}", out);
    fclose(out);
    return text;
}

static void domains_beyond_2_to_the_26_cells_are_refused(void **state) {
    (void)state;
    const struct {
        size_t columns, values;
        bool fits;
    } cases[] = {{3, 1000, false}, {8, 1000, false}, {26, 2, false},  {25, 2, true},
                 {64, 2, false},   {2, 8191, true},  {2, 8192, false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *text = wide_domain(cases[i].columns, cases[i].values);
        if (cases[i].fits) {
            vs_plan_free(plan_of(text));
        } else {
            assert_refused(text, VS_ERR_RANGE, "by: the columns make more groups than 2^26 cells allow");
        }
        free(text);
    }
    char *text = wide_domain(25, 2), *measures = strstr(text, "[{'count'"), *more = NULL;
    *measures = '\0';
    assert_true(asprintf(&more, "%s[{'histogram':'V0'}]" END, text) > 0);
    assert_refused(more, VS_ERR_RANGE, "plan: 33554432 groups of 2 numbers each are more than 2^26 cells");
    free(more);
    free(text);
}

static void wrong_vector_plans_are_refused(void **state) {
    (void)state;
    static const refusal list[] = {
        {VECTOR("7"), VS_ERR_FORMAT, "vector: must be an object, {…}"},
        {VECTOR("{'scale':0,'min':0,'max':1}"), VS_ERR_FORMAT, "vector.length: is missing"},
        {VECTOR("{'length':0,'scale':0,'min':0,'max':1}"), VS_ERR_RANGE,
         "vector.length: must be between 1 and 67108863"},
        {VECTOR("{'length':67108864,'scale':0,'min':0,'max':1}"), VS_ERR_RANGE,
         "vector.length: must be between 1 and 67108863"},
        {VECTOR("{'length':1,'min':0,'max':1}"), VS_ERR_FORMAT, "vector.scale: is missing"},
        {VECTOR("{'length':1,'scale':0,'min':2,'max':1}"), VS_ERR_RANGE, "vector.min: is above max"},
        {VECTOR("{'length':1,'scale':0,'min':0,'max':1,'round':'half-even'}"), VS_ERR_FORMAT,
         "vector.round: unknown key"},
        {VECTOR("{'length':1,'scale':0,'min':0,'max':1},'groups':{'min_rows':3}"), VS_ERR_FORMAT,
         "groups: minimums are for groups of rows, and a vector has none"},
        {VECTOR("{'length':1,'scale':0,'min':0,'max':1},'rows':{'max':3}"), VS_ERR_FORMAT,
         "rows: does not go with vector"},
        {VECTOR("{'length':1,'scale':0,'min':0,'max':1},'measures':[]"), VS_ERR_FORMAT,
         "measures: does not go with vector"},
        {VECTOR("{'length':1,'scale':0,'min':0,'max':1},'columns':{}"), VS_ERR_FORMAT,
         "columns: does not go with vector"},
        {VECTOR("{'length':1,'scale':0,'min':0,'max':1},'by':[]"), VS_ERR_FORMAT, "by: does not go with vector"},
        {VECTOR("{'length':1,'scale':0,'min':0,'max':1},'extra':1"), VS_ERR_FORMAT, "extra: unknown key"},
    };
    REFUSE_ALL(list);
}

static void many_columns_and_measures_are_refused(void **state) {
    (void)state;
    char *text = NULL;
    size_t len;
    FILE *out = open_memstream(&text, &len);
    fputs("{'veilsum':1,'columns':{" X, out);
    for (unsigned i = 0; i < VS_MAX_COLUMNS; i++) {
        fprintf(out, ",'c%u':{}", i);
    }
    fputs("}," SUM_X END, out);
    fclose(out);
    assert_refused(text, VS_ERR_LIMIT, "columns: more than 4096 columns");
    free(text);
    out = open_memstream(&text, &len);
    fputs("{'veilsum':1,'columns':{" X "},'measures':[{'sum':'X'}", out);
    for (unsigned i = 0; i < VS_MAX_MEASURES; i++) {
        fputs(",{}", out);
    }
    fputs("]" END, out);
    fclose(out);
    assert_refused(text, VS_ERR_LIMIT, "measures: has more than 1024 entries");
    free(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_that_is_no_plan_is_refused),
        cmocka_unit_test(a_nul_byte_is_refused),
        cmocka_unit_test(plans_are_bounded),
        cmocka_unit_test(numbers_that_readers_disagree_on_are_refused),
        cmocka_unit_test(unknown_and_missing_keys_are_refused),
        cmocka_unit_test(wrong_titles_are_refused),
        cmocka_unit_test(wrong_limits_are_refused),
        cmocka_unit_test(wrong_openings_are_refused),
        cmocka_unit_test(wrong_columns_are_refused),
        cmocka_unit_test(values_named_like_levels_are_fine_where_those_are_not_added),
        cmocka_unit_test(wrong_groups_are_refused),
        cmocka_unit_test(wrong_measures_are_refused),
        cmocka_unit_test(wrong_edges_are_refused),
        cmocka_unit_test(results_with_one_title_twice_are_refused),
        cmocka_unit_test(slots_that_are_too_wide_are_refused_by_name),
        cmocka_unit_test(domains_beyond_2_to_the_26_cells_are_refused),
        cmocka_unit_test(wrong_vector_plans_are_refused),
        cmocka_unit_test(many_columns_and_measures_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
