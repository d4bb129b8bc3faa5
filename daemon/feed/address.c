/* SPDX-License-Identifier: MIT */

#include "feed/address.h"

#include <errno.h>
#include <stdio.h>

#include "base/buffer.h"
#include "base/str.h"
#include "text/markup.h"

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

/* What no feed has a reason to hand to a reader's browser: code, and files of the reader's own
 * machine. */
static bool is_harmful(const char *url) {
        static const char *const schemes[] = { "javascript:", "vbscript:", "data:", "file:" };

        for (size_t i = 0; i < ELEMENTSOF(schemes); i++)
                if (startswith_nocase(url, schemes[i]))
                        return true;
        return false;
}

/* Does it read as another address than it is? Paths and queries are encoded, hosts are not, and
 * RFC 3987, 4.1 forbids there what turns the direction of text. */
static int is_disguised(const char *url) {
        _cleanup_(buffer_done) Buffer seen = {};
        const char *s = url;
        int r;

        while (*s && (uint8_t) *s < 0x80)
                s++;
        if (*s == '\0')
                return false;

        r = text_fold_space(url, strlen(url), &seen);
        return r < 0 ? r : !streq(buffer_str(&seen), url);
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
        if (r < 0 || is_harmful(resolved))
                return r == -ENOMEM ? r : 0;

        r = is_disguised(resolved);
        if (r == 0)
                *ret = TAKE_PTR(resolved);
        return r < 0 ? r : 0;
}
