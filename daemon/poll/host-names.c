/* SPDX-License-Identifier: MIT */

/* What tells hosts apart, and what keeps them together. */

#include <arpa/inet.h>
#include <errno.h>

#include "base/url.h"
#include "http/guard.h"
#include "poll/hosts-internal.h"

int host_key_from_url(const char *url, char **ret_name, char **ret_key) {
        _cleanup_free_ char *name = NULL, *origin = NULL, *key = NULL;
        const char *authority;
        int r;

        r = url_host(url, &name);
        if (r < 0)
                return r;

        if (guard_name_is_local(name)) {
                r = url_origin(url, &origin);
                if (r < 0)
                        return r;
                authority = strstr(origin, "://");
                if (!authority)
                        return -EINVAL;
                key = strdup(authority + strlen("://"));
        } else {
                if (endswith(name, "."))
                        name[strlen(name) - 1] = '\0';
                key = strdup(name);
        }
        if (!key)
                return -ENOMEM;

        *ret_name = TAKE_PTR(name);
        *ret_key = TAKE_PTR(key);
        return 0;
}

const char *host_registrable_domain(const psl_ctx_t *suffixes, const char *name) {
        struct sockaddr_storage address;
        const char *domain;

        if (guard_text_to_address(name, &address))
                return NULL;
        domain = psl_registrable_domain(suffixes, name);
        return isempty(domain) ? NULL : domain;
}

int host_key_from_address(const char *text, char **ret) {
        struct sockaddr_storage address;
        char buf[INET6_ADDRSTRLEN];
        int n;

        *ret = NULL;
        if (!text || !guard_text_to_address(text, &address) ||
                !guard_address_is_public((const struct sockaddr *) &address))
                return 0;

        if (address.ss_family == AF_INET6) {
                struct in6_addr net = ((struct sockaddr_in6 *) &address)->sin6_addr;

                if (IN6_IS_ADDR_V4MAPPED(&net))
                        return 0;
                memset(net.s6_addr + 8, 0, 8);
                if (!inet_ntop(AF_INET6, &net, buf, sizeof buf))
                        return 0;
                n = asprintf(ret, "%s/64", buf);
        } else
                n = asprintf(ret, "%s", text);
        if (n < 0) {
                *ret = NULL;
                return -ENOMEM;
        }

        return 0;
}

char *host_name_from_key(const char *key) {
        const char *colon = strchr(key, ':');

        if (*key == '[')
                return strndup(key + 1, strcspn(key + 1, "]"));
        if (colon && !strchr(colon + 1, ':'))
                return strndup(key, (size_t) (colon - key));
        return strdup(key);
}
