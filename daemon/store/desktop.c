/* SPDX-License-Identifier: MIT */

/* Each user of the machine has their own copy of a desktop delivery, and never sees it twice: a
 * claim is theirs for a lease, an acknowledgement for good. An agent that dies between the two
 * leaves a claim that ends by itself. */

#include <errno.h>

#include "base/json.h"
#include "store/outbox.h"

/* The names as a JSON array, for SQLite's json_each(). */
static int names_to_json(char *const *names, char **ret) {
        json_t *array = json_array();
        bool whole = array;
        int r = -ENOMEM;

        for (char *const *name = names; whole && name && *name; name++)
                whole = json_array_append_new(array, json_string(*name)) >= 0;
        if (whole)
                r = json_to_text(array, JSON_COMPACT, ret);
        json_decref(array);
        return r;
}

static int find_unclaimed(Store *store, uint32_t uid, const char *sinks, usec_t now_usec,
        usec_t lease_usec, usec_t max_age_usec, size_t n_max, Delivery **ret, size_t *ret_n) {
        _cleanup_(statement_endp) sqlite3_stmt *s = NULL;
        int r;

        r = statement_begin(store, STATEMENT_CLAIM_LIST,
                VALUES(text(sinks),
                        usec(max_age_usec == USEC_INFINITY ? 0 : usec_sub(now_usec, max_age_usec)),
                        integer(uid), usec(now_usec), usec(usec_add(now_usec, lease_usec)),
                        count(n_max)),
                &s);
        if (r < 0)
                return r;

        return deliveries_read(store, s, ret, ret_n);
}

int store_desktop_claim(Store *store, uint32_t uid, char *const *sinks, usec_t now_usec,
        usec_t lease_usec, usec_t max_age_usec, size_t n_max, Delivery **ret, size_t *ret_n) {
        _cleanup_free_ char *names = NULL;
        Delivery *deliveries = NULL;
        size_t n = 0;
        int r;

        r = names_to_json(sinks, &names);
        if (r < 0)
                return r;

        r = find_unclaimed(
                store, uid, names, now_usec, lease_usec, max_age_usec, n_max, &deliveries, &n);
        if (r < 0)
                return r;

        for (size_t i = 0; i < n; i++) {
                r = store_write(store, STATEMENT_CLAIM_PUT,
                        VALUES(row_id(deliveries[i].id), integer(uid),
                                usec(usec_add(now_usec, lease_usec))));
                if (r < 0) {
                        delivery_array_free(deliveries, n);
                        return r;
                }
        }

        *ret = deliveries;
        *ret_n = n;
        return 0;
}

int store_desktop_acknowledge(Store *store, uint32_t uid, const char *public_id, usec_t now_usec) {
        int r;

        r = store_write_known(store, STATEMENT_CLAIM_ACKNOWLEDGE,
                VALUES(text(public_id), integer(uid), usec(now_usec)));
        if (r < 0)
                return r;

        r = store_write(store, STATEMENT_CLAIM_DONE, VALUES(text(public_id), usec(now_usec)));
        return r < 0 ? r : 0;
}

int store_deliveries_expire(
        Store *store, char *const *sinks, usec_t before_usec, usec_t now_usec, const char *reason) {
        _cleanup_free_ char *names = NULL;
        int r;

        r = names_to_json(sinks, &names);
        if (r < 0)
                return r;

        return store_write(store, STATEMENT_DELIVERY_EXPIRE,
                VALUES(text(names), usec(before_usec), usec(now_usec), text(reason)));
}
