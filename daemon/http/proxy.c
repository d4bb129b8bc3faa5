/* SPDX-License-Identifier: MIT */

/* Which proxy the usual variables name for a URL. libcurl would look itself, but the address guard
 * has to know whether a proxy is used: through one it cannot see where a request ends up, and the
 * address it does see, the proxy's own, is allowed. So the rules are libcurl's: http_proxy in lower
 * case only (a CGI's HTTP_PROXY is a request's header), the others in both cases, lower first. */

#include "http/client.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>

#include "base/str.h"
#include "base/url.h"
#include "http/guard.h"

static const char *variable(const char *lower, const char *upper) {
        const char *value = secure_getenv(lower);

        if (isempty(value) && upper)
                value = secure_getenv(upper);
        return isempty(value) ? NULL : value;
}

/* Does @network ("10.0.0.0/8", "192.0.2.1") hold @host? */
static bool network_holds(const char *network, const char *host) {
        _cleanup_free_ char *copy = strdup(network);
        struct sockaddr_storage a, b;
        const uint8_t *x, *y;
        uint64_t n_bits;
        char *slash;
        bool is_ipv4;

        if (!copy)
                return false;
        slash = strchr(copy, '/');
        if (slash)
                *slash = '\0';
        if (!guard_text_to_address(copy, &a) || !guard_text_to_address(host, &b) ||
                a.ss_family != b.ss_family)
                return false;

        is_ipv4 = a.ss_family == AF_INET;
        n_bits = is_ipv4 ? 32 : 128;
        if (slash && (parse_u64(slash + 1, &n_bits) < 0 || n_bits > (is_ipv4 ? 32 : 128)))
                return false;
        if (is_ipv4) {
                x = (const uint8_t *) &((const struct sockaddr_in *) &a)->sin_addr;
                y = (const uint8_t *) &((const struct sockaddr_in *) &b)->sin_addr;
        } else {
                x = ((const struct sockaddr_in6 *) &a)->sin6_addr.s6_addr;
                y = ((const struct sockaddr_in6 *) &b)->sin6_addr.s6_addr;
        }

        for (uint64_t i = 0; i < n_bits; i++)
                if ((x[i / 8] ^ y[i / 8]) & (0x80 >> i % 8))
                        return false;
        return true;
}

/* One entry of no_proxy: "*", a name with all below it (a dot in front changes nothing), an
 * address, or a network. */
static bool exception_covers(const char *entry, const char *host) {
        size_t n_entry, n_host = strlen(host);

        if (streq(entry, "*") || network_holds(entry, host))
                return true;

        if (*entry == '.')
                entry++;
        n_entry = strlen(entry);
        if (n_entry == 0 || n_entry > n_host || !streq_nocase(host + n_host - n_entry, entry))
                return false;
        return n_entry == n_host || host[n_host - n_entry - 1] == '.';
}

static int is_exception(const char *host, bool *ret) {
        const char *list = variable("no_proxy", "NO_PROXY");
        _cleanup_free_ char *copy = NULL;
        char *state = NULL;

        *ret = false;
        if (!list)
                return 0;
        copy = strdup(list);
        if (!copy)
                return -ENOMEM;

        for (char *e = strtok_r(copy, ", \t", &state); e; e = strtok_r(NULL, ", \t", &state))
                if (exception_covers(e, host)) {
                        *ret = true;
                        break;
                }
        return 0;
}

int proxy_from_environment(const char *url, char **ret) {
        _cleanup_free_ char *host = NULL;
        const char *proxy;
        bool exception;
        char *copy;
        int r;

        proxy = startswith_nocase(url, "https:") ? variable("https_proxy", "HTTPS_PROXY")
                                                 : variable("http_proxy", NULL);
        if (!proxy)
                proxy = variable("all_proxy", "ALL_PROXY");
        if (!proxy) {
                *ret = NULL;
                return 0;
        }

        r = url_host(url, &host);
        if (r < 0)
                return r;
        r = is_exception(host, &exception);
        if (r < 0)
                return r;
        if (exception) {
                *ret = NULL;
                return 0;
        }

        copy = strdup(proxy);
        if (!copy)
                return -ENOMEM;
        *ret = copy;
        return 0;
}
