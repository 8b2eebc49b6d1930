/* The status page, as the board serves it: files of this folder that the build has put into the program.
 *
 * The page asks for v1/status beside itself once a second and shows what it says. It is static, so that whatever serves
 * these files with such a document beside them shows it. All that it is told is hostile to it: it writes text, never
 * markup, and the policy below keeps a browser from running, loading or asking for anything that is not the board's
 * own. */
#ifndef VS_CLI_PAGE_H
#define VS_CLI_PAGE_H

#include <stddef.h>

typedef struct vs_page_asset {
    const char *path; /* as requested: "/", "/style.css", "/page.js"; NULL ends the list */
    const char *content_type;
    const unsigned char *data;
    size_t len;
} vs_page_asset;

extern const vs_page_asset vs__page_assets[];

/* The Content-Security-Policy to send with each of them. Trusted types make the browser refuse even an accident with
 * innerHTML. */
#define VS_PAGE_POLICY                                                                                                 \
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; base-uri 'none'; "    \
    "form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"

#endif
