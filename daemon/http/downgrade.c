/* SPDX-License-Identifier: MIT */

/* Some servers, or boxes in front of them, offer HTTP/2 and then break it. A request that ends so,
 * before anything of its answer was handed on, is asked once more by HTTP/1.1, and for a day its
 * server is not offered HTTP/2 again. */

#include "http/client.h"

#include <errno.h>

#include "base/log.h"

#define DOWNGRADE_USEC USEC_PER_DAY
/* More such servers than there are feeds make no sense; over it, one more request each is paid. */
#define DOWNGRADES_MAX 1000

bool downgrade_is_known(HttpClient *client, const char *origin) {
        const usec_t *until = hashmap_get(client->http1_only, origin);

        if (!until)
                return false;
        if (*until > clock_boottime(&clock_system))
                return true;
        free(hashmap_remove(client->http1_only, origin));
        return false;
}

static int downgrade_keep(HttpClient *client, const char *origin) {
        _cleanup_free_ usec_t *until = NULL;
        int r;

        if (hashmap_size(client->http1_only) >= DOWNGRADES_MAX)
                return -ENOSPC;
        until = new (usec_t, 1);
        if (!until)
                return -ENOMEM;
        *until = usec_add(clock_boottime(&clock_system), DOWNGRADE_USEC);
        r = hashmap_put(client->http1_only, origin, until);
        if (r >= 0)
                TAKE_PTR(until);
        return r;
}

bool downgrade_after(HttpRequest *request, CURLcode code) {
        if ((code != CURLE_HTTP2 && code != CURLE_HTTP2_STREAM) || request->only_http1 ||
                request->stop != HTTP_OK || request->cancelled || request->client->closing)
                return false;
        if (downgrade_keep(request->client, request->origin) < 0)
                return false;

        log_debug("%s breaks HTTP/2, using HTTP/1.1 for a day", request->origin);
        /* A body may have been taken in; and what was handed on cannot be taken back. */
        return !request->has_body && !request->head_given;
}
