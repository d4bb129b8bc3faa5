/* SPDX-License-Identifier: MIT */

/* Addresses that only lead on to the page, and carry its address in themselves. */

#include <errno.h>
#include <stdio.h>

#include "base/buffer.h"
#include "base/digest.h"
#include "base/str.h"
#include "story/link.h"

static int hex_digit(char c) {
        if (ascii_isdigit(c))
                return c - '0';
        c = ascii_tolower(c);
        return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int link_percent_byte(const char *s) {
        int high, low;

        if (s[0] != '%' || (high = hex_digit(s[1])) < 0 || (low = hex_digit(s[2])) < 0)
                return -1;
        return high * 16 + low;
}

/* Undoes all of it: for an address that travels as a parameter. NULL when memory is out. */
static char *percent_decode(const char *s, size_t n_bytes) {
        char *decoded = malloc(n_bytes + 1), *to = decoded;

        if (!decoded)
                return NULL;

        for (const char *end = s + n_bytes; s < end; s++) {
                int byte = end - s >= 3 ? link_percent_byte(s) : -1;

                if (byte > 0)
                        s += 2;
                *to++ = byte > 0 ? (char) byte : *s;
        }
        *to = '\0';
        return decoded;
}

/* Is @host Google's in some country: google.com, google.de, google.co.uk? */
static bool host_is_google(const char *host) {
        const char *country = startswith(host, "google.");

        return country && strlen(country) <= strlen("com.au");
}

/* The value of parameter @name, decoded: 0 and *ret NULL when there is none. */
static int query_value(const char *query, const char *name, char **ret) {
        size_t n_name = strlen(name);

        for (const char *p = strempty(query); *p;) {
                size_t n = strcspn(p, "&");

                if (n > n_name && strncmp(p, name, n_name) == 0 && p[n_name] == '=') {
                        *ret = percent_decode(p + n_name + 1, n - n_name - 1);
                        return *ret ? 0 : -ENOMEM;
                }
                p += n;
                p += *p == '&';
        }

        *ret = NULL;
        return 0;
}

/* "/c/s/HOST/PATH" of the AMP cache and "/amp/s/HOST/PATH" of Google: "s" is for https. */
static int amp_cache_target(const char *path, const char *query, char **ret) {
        bool secure = startswith(path, "s/");

        if (secure)
                path += strlen("s/");
        if (asprintf(ret, "%s://%s%s%s", secure ? "https" : "http", path, query ? "?" : "",
                    strempty(query)) < 0) {
                *ret = NULL;
                return -ENOMEM;
        }
        return 0;
}

/* Google News hides the address in base64 in the path: a protocol buffer whose field 4 (tag 0x22,
 * behind 08 13) is the address, by length. Newer ones are opaque: then the token itself has to name
 * the page. */
static int google_news_target(const char *token, char **ret) {
        _cleanup_(buffer_done) Buffer padded = {};
        _cleanup_free_ void *decoded = NULL;
        size_t n = strcspn(token, "/"), n_decoded = 0, n_url;
        const unsigned char *p;
        int r;

        r = buffer_append(&padded, token, n);
        while (r >= 0 && padded.n_bytes % 4 != 0)
                r = buffer_append_char(&padded, '=');
        if (r < 0)
                return r;
        for (size_t i = 0; i < padded.n_bytes; i++)
                padded.data[i] = padded.data[i] == '-' ? '+'
                        : padded.data[i] == '_'        ? '/'
                                                       : padded.data[i];

        r = base64_decode(buffer_str(&padded), &decoded, &n_decoded);
        if (r < 0)
                return r == -ENOMEM ? r : 0;

        p = decoded;
        if (n_decoded < 5 || memcmp(p, "\x08\x13\x22", 3) != 0)
                return 0;
        /* A varint of one or two bytes. */
        n_url = p[3] & 0x7f;
        p += 4;
        if (p[-1] & 0x80)
                n_url |= (size_t) *p++ << 7;
        if (n_url > n_decoded - (size_t) (p - (const unsigned char *) decoded))
                return 0;

        *ret = memdup_suffix0(p, n_url);
        return *ret ? 0 : -ENOMEM;
}

int link_redirect_target(const LinkParts *parts, char **ret) {
        const char *rest;
        int r;

        if (host_is_google(parts->host)) {
                if (streq(parts->path, "/url")) {
                        r = query_value(parts->query, "q", ret);
                        return r < 0 || *ret ? r : query_value(parts->query, "url", ret);
                }
                rest = startswith(parts->path, "/amp/");
                return rest ? amp_cache_target(rest, parts->query, ret) : 0;
        }

        if (endswith(parts->host, ".cdn.ampproject.org") ||
                streq(parts->host, "cdn.ampproject.org")) {
                if ((rest = startswith(parts->path, "/c/")) ||
                        (rest = startswith(parts->path, "/v/")))
                        return amp_cache_target(rest, parts->query, ret);
                return 0;
        }

        if (streq(parts->host, "news.google.com")) {
                if ((rest = startswith(parts->path, "/rss/articles/")) ||
                        (rest = startswith(parts->path, "/articles/")))
                        return google_news_target(rest, ret);
                return 0;
        }

        if (streq(parts->host, "bing.com") && streq(parts->path, "/news/apiclick.aspx"))
                return query_value(parts->query, "url", ret);
        if ((streq(parts->host, "l.facebook.com") || streq(parts->host, "lm.facebook.com")) &&
                streq(parts->path, "/l.php"))
                return query_value(parts->query, "u", ret);
        return 0;
}
