/* SPDX-License-Identifier: MIT */

#include "feed/address.h"

#include <errno.h>
#include <stdio.h>

#include "base/str.h"

void addresses_done(Addresses *addresses) {
        while (addresses->n_bases > 0)
                free(addresses->bases[--addresses->n_bases].base);
        addresses->url = mfree(addresses->url);
}

static const char *innermost(const Addresses *addresses) {
        return addresses->n_bases > 0 ? addresses->bases[addresses->n_bases - 1].base : NULL;
}

int addresses_enter(Addresses *addresses, unsigned depth, const char *base) {
        char *resolved;
        int r;

        if (addresses->n_bases == ADDRESS_BASES_MAX)
                return 0;

        r = url_resolve(innermost(addresses) ?: addresses->url, base, &resolved);
        if (r < 0)
                return r == -ENOMEM ? r : 0;

        addresses->bases[addresses->n_bases].base = resolved;
        addresses->bases[addresses->n_bases].depth = depth;
        addresses->n_bases++;
        return 0;
}

void addresses_leave(Addresses *addresses, unsigned depth) {
        if (addresses->n_bases > 0 && addresses->bases[addresses->n_bases - 1].depth == depth)
                free(addresses->bases[--addresses->n_bases].base);
}

static bool runs_code(const char *url) {
        return startswith_nocase(url, "javascript:") || startswith_nocase(url, "vbscript:") ||
                startswith_nocase(url, "data:");
}

static int with_scheme(char **url) {
        char *absolute;

        if (asprintf(&absolute, "http://%s", strstrip(*url)) < 0)
                return -ENOMEM;
        free(*url);
        *url = absolute;
        return 0;
}

int addresses_resolve(const Addresses *addresses, const char *site, bool site_first,
        const char *reference, char **ret) {
        _cleanup_free_ char *compact = NULL, *resolved = NULL;
        const char *base;
        char *to;
        int r;

        *ret = NULL;
        base = innermost(addresses);
        if (!base)
                base = site_first && site ? site : addresses->url ?: site;

        /* Line breaks inside an address, and what indents the next line, come from the layout of
         * the XML. */
        compact = strdup(reference);
        if (!compact)
                return -ENOMEM;
        to = compact;
        for (const char *from = compact; *from;) {
                if (*from == '\n' || *from == '\r') {
                        from += strspn(from, " \t\r\n");
                        continue;
                }
                if (*from != '\t')
                        *to++ = *from;
                from++;
        }
        *to = '\0';
        if (isempty(strstrip(compact)))
                return 0;

        /* "www.example.org/1" lacks its scheme; no publisher means a file of that name. */
        r = startswith_nocase(reference + strspn(reference, " \t\r\n"), "www.")
                ? with_scheme(&compact)
                : 0;
        if (r < 0)
                return r;
        r = url_resolve(base, compact, &resolved);
        if (r == -ENOMEM)
                return r;
        if (r >= 0 && !runs_code(resolved))
                *ret = TAKE_PTR(resolved);
        return 0;
}
