/* SPDX-License-Identifier: MIT */

#include <errno.h>

#include "store/database.h"

int store_host_put(Store *store, const StoreHost *host) {
        int r;

        r = store_write(store, STATEMENT_HOST_PUT,
                VALUES(text(host->is_domain ? "domain" : "host"), text(host->name),
                        usec(host->closed_until_usec), usec(host->slow_until_usec),
                        count(host->n_limited)));
        return r < 0 ? r : 0;
}

StoreHost *store_hosts_free(StoreHost *hosts, size_t n) {
        for (size_t i = 0; i < n; i++)
                free(hosts[i].name);

        return mfree(hosts);
}

static int host_read(sqlite3_stmt *s, StoreHost *ret) {
        _cleanup_free_ char *scope = NULL;
        int r;

        r = column_text(s, 0, &scope);
        if (r >= 0)
                r = column_text(s, 1, &ret->name);
        if (r < 0)
                return r;

        ret->is_domain = streq_ptr(scope, "domain");
        ret->closed_until_usec = column_usec(s, 2);
        ret->slow_until_usec = column_usec(s, 3);
        ret->n_limited = column_unsigned(s, 4);
        return 0;
}

int store_hosts(Store *store, StoreHost **ret, size_t *ret_n) {
        _cleanup_(statement_endp) sqlite3_stmt *s = NULL;
        StoreHost *hosts = NULL;
        size_t n = 0, n_allocated = 0;
        int r;

        r = statement_begin(store, STATEMENT_HOST_LIST, NULL, 0, &s);
        if (r < 0)
                return r;

        while ((r = statement_step(store, s)) > 0) {
                r = ARRAY_GROW(hosts, n_allocated, n + 1);
                if (r < 0)
                        break;
                hosts[n] = (StoreHost){};
                r = host_read(s, &hosts[n]);
                if (r < 0)
                        break;
                n++;
        }
        if (r < 0) {
                (void) store_hosts_free(hosts, n);
                return r;
        }

        *ret = hosts;
        *ret_n = n;
        return 0;
}

int store_hosts_prune(Store *store, usec_t now_usec) {
        return store_write(store, STATEMENT_HOST_PRUNE, VALUES(usec(now_usec)));
}
