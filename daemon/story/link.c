/* SPDX-License-Identifier: MIT */

/* One page has many addresses: with and without www. or TLS, for phones, as AMP, behind a search
 * engine's redirect, with the campaign that led to it. The key keeps what names the page and drops
 * the rest. It is for comparing only and need not lead anywhere.
 *
 * libcurl takes the address apart (and drops dot segments and user names); what follows is a chain
 * of small rewrites. Where publishers disagree, the rule is the one that keeps different pages
 * apart: the query's own parameters stay (many systems put the identity there), as do the case of
 * paths and repeated slashes. */

#include <curl/curl.h>
#include <errno.h>

#include "base/buffer.h"
#include "base/digest.h"
#include "base/str.h"
#include "base/url.h"
#include "story/identity.h"
#include "story/link.h"

/* A redirect inside a redirect is an AMP page behind a search engine; more is a game. */
#define REDIRECTS_MAX 3

/* More parameters than any page needs; sorting stays cheap. */
#define PARAMETERS_MAX 64

/* Keys are indexed several times over; longer ones are kept as their digest. */
#define KEY_BYTES_MAX ((size_t) 512)

/* --- tracking parameters --- */

/* From the published lists of Neat URL, AdGuard and ClearURLs, and what single publishers add to
 * their own feeds. Sorted for reading; ASCII case is ignored (CMP at The Guardian). */
static const char *const tracking_names[] = { "_ga", "_gl", "_openstat", "cmp", "cmpid", "dclid",
        "fb_ref", "fb_source", "fbclid", "gbraid", "gclid", "gclsrc", "guccounter", "igsh",
        "igshid", "maca", "mc_cid", "mc_eid", "mkt_tok", "msclkid", "ns_mchannel", "ocid", "ref",
        "ref_src", "ref_url", "sc_cid", "smid", "taid", "traffic_source", "ttclid", "twclid",
        "wbraid", "wt_mc", "xtor", "yclid" };
static const char *const tracking_prefixes[] = { "at_", "fb_action_", "ga_", "guce_referrer",
        "itm_", "mtm_", "pk_", "utm_" };

/* @name ends at '=' or at the end. */
bool link_parameter_is_tracking(const char *name, size_t n_bytes) {
        for (size_t i = 0; i < ELEMENTSOF(tracking_prefixes); i++)
                if (startswith_nocase(name, tracking_prefixes[i]))
                        return true;

        for (size_t i = 0; i < ELEMENTSOF(tracking_names); i++)
                if (strlen(tracking_names[i]) == n_bytes &&
                        startswith_nocase(name, tracking_names[i]))
                        return true;

        /* action_type_map, action_object_map, ... */
        return n_bytes > 11 && startswith_nocase(name, "action_") &&
                startswith_nocase(name + n_bytes - 4, "_map");
}

/* --- percent-encoding --- */

/* RFC 3986, 2.3. */
static bool is_unreserved(char c) {
        return ascii_isalpha(c) || ascii_isdigit(c) || (c && strchr("-._~", c));
}

/* RFC 3986, 6.2.2: unreserved characters bare, everything else as it came, in upper case when
 * encoded; what may not stand bare is encoded. In a query a plus is a space. */
static int append_normalized(Buffer *b, const char *s, size_t n_bytes, bool is_query) {
        for (const char *end = s + n_bytes; s < end; s++) {
                int byte = end - s >= 3 ? link_percent_byte(s) : -1, r;

                if (byte >= 0)
                        s += 2;
                else if ((unsigned char) *s <= ' ' || (unsigned char) *s >= 0x7f || *s == '%')
                        byte = (unsigned char) *s;
                else if (is_query && *s == '+')
                        byte = ' ';

                if (byte < 0)
                        r = buffer_append_char(b, *s);
                else if (is_unreserved((char) byte))
                        r = buffer_append_char(b, (char) byte);
                else
                        r = buffer_printf(b, "%%%02X", (unsigned) byte);
                if (r < 0)
                        return r;
        }

        return 0;
}

/* --- an address in parts --- */

static void link_parts_done(LinkParts *parts) {
        free(parts->host);
        free(parts->port);
        free(parts->path);
        free(parts->query);
        free(parts->fragment);
}

/* A part as a heap string of ours, NULL when there is none. */
static int part_get(CURLU *u, CURLUPart part, unsigned flags, char **ret) {
        char *value = NULL, *copy;
        CURLUcode code = curl_url_get(u, part, &value, flags);

        if (code == CURLUE_OUT_OF_MEMORY)
                return -ENOMEM;
        if (code != CURLUE_OK) {
                *ret = NULL;
                return 0;
        }

        copy = strdup(value);
        curl_free(value);
        if (!copy)
                return -ENOMEM;

        *ret = copy;
        return 0;
}

static int parts_from_handle(CURLU *u, LinkParts *ret) {
        _cleanup_free_ char *scheme = NULL;
        int r;

        if ((r = part_get(u, CURLUPART_SCHEME, 0, &scheme)) < 0)
                return r;
        if (!scheme || (!streq_nocase(scheme, "http") && !streq_nocase(scheme, "https")))
                return -EINVAL;

        /* An international name stays as it is written: libcurl would turn it into its A-label only
         * in a UTF-8 locale, and a key must not depend on that. */
        if ((r = part_get(u, CURLUPART_HOST, 0, &ret->host)) < 0)
                return r;
        if (isempty(ret->host))
                return -EINVAL;

        if ((r = part_get(u, CURLUPART_PORT, CURLU_NO_DEFAULT_PORT, &ret->port)) < 0 ||
                (r = part_get(u, CURLUPART_PATH, 0, &ret->path)) < 0 ||
                (r = part_get(u, CURLUPART_QUERY, 0, &ret->query)) < 0 ||
                (r = part_get(u, CURLUPART_FRAGMENT, 0, &ret->fragment)) < 0)
                return r;
        return ret->path ? 0 : -EINVAL;
}

/* 0, -EINVAL (no web address) or -ENOMEM. */
static int parts_parse(const char *link, LinkParts *ret) {
        _cleanup_free_ char *absolute = NULL;
        CURLU *u;
        CURLUcode code;
        int r;

        if (strlen(link) > URL_BYTES_MAX)
                return -EINVAL;

        r = url_resolve(/* base= */ NULL, link, &absolute);
        if (r < 0)
                return r;

        u = curl_url();
        if (!u)
                return -ENOMEM;

        code = curl_url_set(u, CURLUPART_URL, absolute, CURLU_NON_SUPPORT_SCHEME);
        if (code == CURLUE_OK)
                r = parts_from_handle(u, ret);
        else
                r = code == CURLUE_OUT_OF_MEMORY ? -ENOMEM : -EINVAL;
        curl_url_cleanup(u);
        return r;
}

/* --- rewrites --- */

static void cut_front(char *s, size_t n_bytes) {
        memmove(s, s + n_bytes, strlen(s + n_bytes) + 1);
}

static void host_normalize(char *host) {
        static const char *const prefixes[] = { "www.", "m.", "mobile.", "amp." };
        size_t n;

        for (char *c = host; *c; c++)
                *c = ascii_tolower(*c);
        n = strlen(host);
        if (n > 1 && host[n - 1] == '.')
                host[n - 1] = '\0';

        for (size_t i = 0; i < ELEMENTSOF(prefixes); i++) {
                const char *rest = startswith(host, prefixes[i]);

                /* amp.dev is a site, not the phone's view of "dev". */
                if (!rest || !strchr(rest, '.'))
                        continue;

                cut_front(host, strlen(prefixes[i]));
                i = SIZE_MAX; /* from the start: www.m.example.org */
        }
}

static void cut_end(char *s, const char *suffix) {
        if (endswith(s, suffix))
                s[strlen(s) - strlen(suffix)] = '\0';
}

/* AMP as publishers put it into their paths, and the slash at the end. */
static void path_normalize(char *path) {
        if (startswith(path, "/amp/") && path[strlen("/amp/")] != '\0')
                cut_front(path, strlen("/amp"));

        cut_end(path, "/");
        cut_end(path, "/amp");
        cut_end(path, "/amp.html");
        if (endswith(path, ".amp.html")) {
                cut_end(path, ".amp.html");
                memcpy(path + strlen(path), ".html", sizeof ".html"); /* fits: it was there */
        } else
                cut_end(path, ".amp");
        cut_end(path, "/");
}

/* --- the key --- */

/* The page's own parameters, normalised and sorted. */
static int query_normalize(const char *query, char **ret) {
        _cleanup_(strv_freep) char **kept = NULL;
        size_t n_kept = 0;

        for (const char *p = strempty(query); *p && n_kept < PARAMETERS_MAX;) {
                _cleanup_(buffer_done) Buffer parameter = {};
                const char *escaped = startswith(p, "amp;"); /* "&amp;" escaped once too often */
                size_t n, n_name;
                int r;

                if (escaped)
                        p = escaped;
                n = strcspn(p, "&");
                n_name = strcspn(p, "=&");
                if (n > 0 && !link_parameter_is_tracking(p, n_name) &&
                        !(n_name == strlen("amp") && startswith_nocase(p, "amp")) &&
                        !(n == strlen("outputType=amp") &&
                                startswith_nocase(p, "outputType=amp"))) {
                        r = append_normalized(&parameter, p, n, /* is_query= */ true);
                        if (r >= 0 && !strv_contains(kept, buffer_str(&parameter))) {
                                r = strv_extend(&kept, buffer_str(&parameter));
                                n_kept++;
                        }
                        if (r < 0)
                                return r;
                }
                p += n;
                p += *p == '&';
        }

        strv_sort(kept);
        *ret = strv_join(kept, "&");
        return *ret ? 0 : -ENOMEM;
}

/* A path that names no page: the site's front, or a day's. */
static bool path_is_index(const char *path) {
        static const char *const fronts[] = { "", "/", "/index.html", "/index.htm", "/index.php",
                "/default.aspx" };
        size_t n_segments = 0;

        for (size_t i = 0; i < ELEMENTSOF(fronts); i++)
                if (streq(path, fronts[i]))
                        return true;

        /* /2026/11/24 and nothing else; /2026/11/123456 is somebody's number. */
        for (const char *p = path; *p == '/'; n_segments++) {
                size_t n = strspn(++p, "0123456789");

                if (n == 0 || (p[n] != '/' && p[n] != '\0') || n > (n_segments == 0 ? 4 : 2))
                        return false;
                if (n_segments == 0 &&
                        (n != 4 || (strncmp(p, "19", 2) != 0 && strncmp(p, "20", 2) != 0)))
                        return false;
                p += n;
        }
        return n_segments <= 3;
}

static int key_of_parts(const LinkParts *parts, char **ret) {
        _cleanup_(buffer_done) Buffer key = {};
        _cleanup_free_ char *query = NULL;
        /* Some sites run in the browser and name their pages behind the #. */
        bool routed = parts->fragment && strchr("!/", *parts->fragment) && *parts->fragment;
        int r;

        r = query_normalize(parts->query, &query);
        if (r < 0)
                return r;
        if (path_is_index(parts->path) && isempty(query) && !routed)
                return -EINVAL;

        r = buffer_append_str(&key, parts->host);
        if (r >= 0 && parts->port)
                r = buffer_printf(&key, ":%s", parts->port);
        if (r >= 0)
                r = append_normalized(
                        &key, parts->path, strlen(parts->path), /* is_query= */ false);
        if (r >= 0 && !isempty(query))
                r = buffer_printf(&key, "?%s", query);
        if (r >= 0 && routed) {
                r = buffer_append_char(&key, '#');
                if (r >= 0)
                        r = append_normalized(&key, parts->fragment, strlen(parts->fragment),
                                /* is_query= */ false);
        }
        return r < 0 ? r : key_shorten(buffer_str(&key), ret);
}

int key_shorten(const char *key, char **ret) {
        _cleanup_(digest_freep) Digest *digest = NULL;
        char hex[DIGEST_HEX_CHARS + 1], *s;
        int r;

        if (strlen(key) <= KEY_BYTES_MAX) {
                s = strdup(key);
        } else {
                digest = digest_new();
                if (!digest)
                        return -ENOMEM;
                r = digest_add_str(digest, key);
                if (r >= 0)
                        r = digest_finish_hex(digest, hex);
                if (r < 0)
                        return -ENOMEM; /* libcrypto has no other reason here */
                if (asprintf(&s, "sha256:%s", hex) < 0)
                        s = NULL;
        }
        if (!s)
                return -ENOMEM;

        *ret = s;
        return 0;
}

static int link_key(const char *link, unsigned depth, char **ret) {
        _cleanup_(link_parts_done) LinkParts parts = {};
        _cleanup_free_ char *target = NULL;
        int r;

        r = parts_parse(link, &parts);
        if (r < 0)
                return r;

        host_normalize(parts.host);
        if (depth < REDIRECTS_MAX) {
                r = link_redirect_target(&parts, &target);
                if (r < 0)
                        return r;
        }
        /* A target that is no page leaves the address that leads to it. */
        if (target) {
                r = link_key(target, depth + 1, ret);
                if (r != -EINVAL)
                        return r;
        }

        path_normalize(parts.path);
        return key_of_parts(&parts, ret);
}

int identity_link_key(const char *link, char **ret) {
        return link_key(link, /* depth= */ 0, ret);
}
