/* SPDX-License-Identifier: MIT */

#include "base/url.h"

#include <curl/curl.h>
#include <errno.h>

#include "base/str.h"

typedef CURLU Curlu;

static Curlu *curlu_free(Curlu *u) {
        curl_url_cleanup(u);
        return NULL;
}
DEFINE_POINTER_CLEANUP(Curlu, curlu_free);

static void curl_stringp(char **s) {
        curl_free(*s);
}

/* The one place that maps libcurl's URL errors. */
static int from_curlu(CURLUcode code) {
        switch ((int) code) {
        case CURLUE_OK:
                return 0;
        case CURLUE_OUT_OF_MEMORY:
                return -ENOMEM;
        default:
                return -EINVAL;
        }
}

static int url_parse(const char *url, unsigned flags, Curlu **ret) {
        _cleanup_(curlu_freep) Curlu *u = NULL;
        int r;

        u = curl_url();
        if (!u)
                return -ENOMEM;

        r = from_curlu(curl_url_set(u, CURLUPART_URL, url, flags));
        if (r < 0)
                return r;

        *ret = TAKE_PTR(u);
        return 0;
}

static int url_part(Curlu *u, CURLUPart part, unsigned flags, char **ret) {
        _cleanup_(curl_stringp) char *value = NULL;
        char *copy;
        int r;

        r = from_curlu(curl_url_get(u, part, &value, flags));
        if (r < 0)
                return r;

        copy = strdup(value);
        if (!copy)
                return -ENOMEM;

        *ret = copy;
        return 0;
}

/* A scheme in front (RFC 3986, 3.1) makes a reference absolute. */
static bool has_scheme(const char *s) {
        if (!ascii_isalpha(*s))
                return false;

        while (ascii_isalpha(*s) || ascii_isdigit(*s) || *s == '+' || *s == '-' || *s == '.')
                s++;
        return *s == ':';
}

/* Is this an absolute URL that libcurl would give back as it is? Most addresses of feeds are: a
 * host in small letters, a path without dot segments, and nothing that wants encoding. */
static bool is_normal(const char *s) {
        enum {
                HOST = 1 << 0,
                PATH = 1 << 1,
        };
        static const uint8_t chars[256] = {
                ['a' ... 'z'] = HOST | PATH,
                ['0' ... '9'] = HOST | PATH,
                ['.'] = HOST | PATH,
                ['-'] = HOST | PATH,
                ['A' ... 'Z'] = PATH,
                ['!'] = PATH,
                ['#' ... '$'] = PATH,
                ['&'] = PATH,
                ['(' ... ','] = PATH,
                ['/'] = PATH,
                [':' ... ';'] = PATH,
                ['='] = PATH,
                ['?' ... '@'] = PATH,
                ['_'] = PATH,
                ['~'] = PATH,
        };
        const char *host = startswith(s, "https://") ?: startswith(s, "http://");
        const char *p = host;

        /* A host that begins with a digit may be a number, which has other spellings. */
        if (!host || !(host[0] >= 'a' && host[0] <= 'z'))
                return false;
        while (chars[(uint8_t) *p] & HOST)
                p++;
        if (*p != '/' || strstr(p, "/."))
                return false;
        while (chars[(uint8_t) *p] & PATH)
                p++;
        return *p == '\0';
}

int url_resolve(const char *base, const char *reference, char **ret) {
        _cleanup_(curlu_freep) Curlu *u = NULL;
        _cleanup_free_ char *trimmed = NULL;
        const unsigned flags = CURLU_NON_SUPPORT_SCHEME | CURLU_URLENCODE;
        char *s;
        int r;

        if (strlen(reference) > URL_BYTES_MAX || (base && strlen(base) > URL_BYTES_MAX))
                return -EINVAL;

        trimmed = strdup(reference);
        if (!trimmed)
                return -ENOMEM;
        s = strstrip(trimmed);

        if (is_normal(s)) {
                char *same = strdup(s);

                if (!same)
                        return -ENOMEM;
                *ret = same;
                return 0;
        }

        if (!base || has_scheme(s)) {
                if (!has_scheme(s))
                        return -EINVAL;
                r = url_parse(s, flags, &u);
        } else if (*s == '\0' || *s == '#') {
                _cleanup_free_ char *same = NULL;

                /* The base with another fragment, or none (RFC 3986, 5.2.2), which libcurl takes
                 * for a reference to the folder. */
                if (asprintf(&same, "%.*s%s", (int) strcspn(base, "#"), base, s) < 0)
                        return -ENOMEM;
                r = url_parse(same, flags, &u);
        } else {
                r = url_parse(base, flags, &u);
                if (r >= 0)
                        r = from_curlu(curl_url_set(u, CURLUPART_URL, s, flags));
        }
        if (r < 0)
                return r;

        return url_part(u, CURLUPART_URL, /* flags= */ 0, ret);
}

int url_check_fetchable(const char *url) {
        _cleanup_(curlu_freep) Curlu *u = NULL;
        _cleanup_free_ char *scheme = NULL, *user = NULL, *password = NULL;
        int r;

        if (strlen(url) > URL_BYTES_MAX)
                return -EFBIG;
        if (!has_scheme(url))
                return -EINVAL;

        r = url_parse(url, CURLU_NON_SUPPORT_SCHEME, &u);
        if (r < 0)
                return r;

        r = url_part(u, CURLUPART_SCHEME, /* flags= */ 0, &scheme);
        if (r < 0)
                return r;
        if (!streq(scheme, "http") && !streq(scheme, "https"))
                return -EPROTONOSUPPORT;

        if (url_part(u, CURLUPART_USER, /* flags= */ 0, &user) >= 0 ||
                url_part(u, CURLUPART_PASSWORD, /* flags= */ 0, &password) >= 0)
                return -EACCES;

        return 0;
}

int url_host(const char *url, char **ret) {
        _cleanup_(curlu_freep) Curlu *u = NULL;
        _cleanup_free_ char *host = NULL;
        size_t n;
        int r;

        r = url_parse(url, CURLU_NON_SUPPORT_SCHEME, &u);
        if (r < 0)
                return r;
        r = url_part(u, CURLUPART_HOST, /* flags= */ 0, &host);
        if (r < 0)
                return r;

        n = strlen(host);
        if (n >= 2 && host[0] == '[' && host[n - 1] == ']') {
                memmove(host, host + 1, n - 2);
                host[n - 2] = '\0';
        }
        for (char *c = host; *c; c++)
                *c = ascii_tolower(*c);

        *ret = TAKE_PTR(host);
        return 0;
}

int url_origin(const char *url, char **ret) {
        _cleanup_(curlu_freep) Curlu *u = NULL;
        _cleanup_free_ char *scheme = NULL, *host = NULL, *port = NULL;
        char *origin;
        int r;

        r = url_parse(url, /* flags= */ 0, &u);
        if (r < 0)
                return r;
        r = url_part(u, CURLUPART_SCHEME, /* flags= */ 0, &scheme);
        if (r < 0)
                return r;
        r = url_part(u, CURLUPART_HOST, /* flags= */ 0, &host);
        if (r < 0)
                return r;
        r = url_part(u, CURLUPART_PORT, CURLU_DEFAULT_PORT, &port);
        if (r < 0)
                return r;

        for (char *c = host; *c; c++)
                *c = ascii_tolower(*c);
        if (asprintf(&origin, "%s://%s:%s", scheme, host, port) < 0)
                return -ENOMEM;

        *ret = origin;
        return 0;
}

char *url_redact(const char *url, bool secret_path) {
        _cleanup_(curlu_freep) Curlu *u = NULL;
        _cleanup_free_ char *scheme = NULL, *host = NULL, *port = NULL, *path = NULL;
        char *shown;

        if (url_parse(url, CURLU_NON_SUPPORT_SCHEME, &u) < 0 ||
                url_part(u, CURLUPART_SCHEME, /* flags= */ 0, &scheme) < 0 ||
                url_part(u, CURLUPART_HOST, /* flags= */ 0, &host) < 0 ||
                url_part(u, CURLUPART_PATH, /* flags= */ 0, &path) < 0)
                return strdup("n/a");
        (void) url_part(u, CURLUPART_PORT, /* flags= */ 0, &port);

        if (asprintf(&shown, "%s://%s%s%s%s", scheme, host, port ? ":" : "", strempty(port),
                    secret_path ? "/..." : path) < 0)
                return NULL;

        return shown;
}
