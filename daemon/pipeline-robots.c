/* SPDX-License-Identifier: MIT */

/* May a page be read? What each server's robots.txt says is kept for a day, in memory; read is it
 * when the first page of the server is wanted, in the place of that page (pipeline-page.c).
 *
 * RFC 9309, 2.3.1: without such a file (any 4xx) all is allowed; while it cannot be read (5xx, no
 * answer) nothing is, and that is asked again soon. 429 is no answer either. A server that the
 * address guard refuses, or that redirects in circles, has no file: its pages will fail alike, and
 * say it better. */

#include "pipeline-internal.h"

#include <errno.h>
#include <stdio.h>

#include "base/log.h"
#include "base/url.h"
#include "poll/robots.h"

#define ROBOTS_KEPT_USEC USEC_PER_DAY
#define ROBOTS_RETRY_USEC (10 * USEC_PER_MINUTE)
/* Over these the oldest is forgotten, and read again if need be. */
#define ROBOTS_SERVERS_MAX ((size_t) 1000)
#define ROBOTS_TOTAL_BYTES_MAX ((size_t) 4 * 1024 * 1024)

typedef struct RobotsFile {
        Robots *robots;    /* NULL: all is allowed */
        char *trouble;     /* why it could not be read; NULL: it was */
        usec_t until_usec; /* boottime */
        usec_t asked_usec; /* boottime: when a page was last asked for; 0: not yet */
} RobotsFile;

static void *robots_file_free(void *value) {
        RobotsFile *file = value;

        if (!file)
                return NULL;
        (void) robots_free(file->robots);
        free(file->trouble);
        return mfree(file);
}

/* "/a?b" of "http://example.org/a?b#c". */
static char *url_path(const char *url) {
        const char *s = strstr(url, "://");
        char *path;

        s = s ? s + strlen("://") : url;
        s += strcspn(s, "/?#");
        if (asprintf(&path, "%s%.*s", *s == '/' ? "" : "/", (int) strcspn(s, "#"), s) < 0)
                return NULL;
        return path;
}

int pipeline_robots_url(const char *url, char **ret) {
        _cleanup_free_ char *origin = NULL;
        int r;

        r = url_origin(url, &origin);
        if (r < 0)
                return r;
        return asprintf(ret, "%s/robots.txt", origin) < 0 ? -ENOMEM : 0;
}

static RobotsFile *find_file(const Pipeline *p, const char *url) {
        _cleanup_free_ char *origin = NULL;
        RobotsFile *file;

        if (!p->robots || url_origin(url, &origin) < 0)
                return NULL;
        file = hashmap_get(p->robots, origin);
        return file && file->until_usec > pipeline_boot_now(p) ? file : NULL;
}

void pipeline_robots_judge(const Pipeline *p, const char *url, RobotsRuling *ret) {
        const RobotsFile *file = find_file(p, url);
        _cleanup_free_ char *path = NULL;
        usec_t now = pipeline_boot_now(p), next;

        *ret = (RobotsRuling){ .verdict = ROBOTS_UNKNOWN };
        if (!file)
                return;
        if (file->trouble) {
                *ret = (RobotsRuling){ .verdict = ROBOTS_UNREADABLE, .reason = file->trouble };
                return;
        }

        path = url_path(url);
        if (!path || !robots_allow(file->robots, path)) {
                *ret = (RobotsRuling){
                        .verdict = ROBOTS_FORBIDDEN,
                        .reason = "robots.txt does not allow it",
                };
                return;
        }

        next = usec_add(file->asked_usec, robots_delay(file->robots));
        if (file->asked_usec > 0 && next > now)
                *ret = (RobotsRuling){
                        .verdict = ROBOTS_LATER,
                        .until_usec = usec_add(pipeline_now(p), next - now),
                };
        else
                ret->verdict = ROBOTS_ALLOWED;
}

void pipeline_robots_asked(Pipeline *p, const char *url) {
        RobotsFile *file = find_file(p, url);

        if (file)
                file->asked_usec = pipeline_boot_now(p);
}

/* --- keeping --- */

static void make_room(Pipeline *p, size_t n_bytes) {
        for (;;) {
                const char *name, *oldest = NULL;
                RobotsFile *file, *first = NULL;
                size_t n_total = n_bytes;

                HASHMAP_FOREACH (name, file, p->robots) {
                        n_total += robots_n_bytes(file->robots);
                        if (!first || file->until_usec < first->until_usec) {
                                first = file;
                                oldest = name;
                        }
                }
                if (!first ||
                        (hashmap_size(p->robots) < ROBOTS_SERVERS_MAX &&
                                n_total <= ROBOTS_TOTAL_BYTES_MAX))
                        return;
                (void) robots_file_free(hashmap_remove(p->robots, oldest));
        }
}

static int keep_file(Pipeline *p, const char *url, RobotsFile *file) {
        _cleanup_free_ char *origin = NULL;
        int r;

        r = url_origin(url, &origin);
        if (r < 0)
                return r;
        if (!p->robots) {
                p->robots = hashmap_new(robots_file_free);
                if (!p->robots)
                        return -ENOMEM;
        }
        (void) robots_file_free(hashmap_remove(p->robots, origin));
        make_room(p, robots_n_bytes(file->robots));
        return hashmap_put(p->robots, origin, file);
}

static int unreadable(RobotsFile *file, const char *why) {
        file->until_usec = ROBOTS_RETRY_USEC;
        return asprintf(&file->trouble, "robots.txt could not be read: %s", why) < 0 ? -ENOMEM : 0;
}

/* What the answer means; until_usec is a span here. */
static int read_answer(RobotsFile *file, const HttpResponse *response, HttpFailure failure,
        const char *message, const Buffer *body) {
        char text[32];
        int r;

        file->until_usec = ROBOTS_KEPT_USEC;
        if (failure == HTTP_REFUSED || failure == HTTP_REDIRECT)
                return 0;
        if (failure != HTTP_OK && failure != HTTP_TOO_LARGE)
                return unreadable(file, strna(message));

        if (response->status == 429 || response->status >= 500) {
                (void) snprintf(text, sizeof text, "HTTP status %u", response->status);
                return unreadable(file, text);
        }
        if (response->status != 200)
                return 0;
        r = robots_parse(buffer_str(body), body->n_bytes, "Picket", &file->robots);
        if (r == ROBOTS_CUT)
                log_debug("robots.txt of %s is too long, using its beginning", response->url);
        return MIN(r, 0);
}

int pipeline_robots_take(Pipeline *p, const char *url, const HttpResponse *response,
        HttpFailure failure, const char *message, const Buffer *body) {
        RobotsFile *file;
        int r;

        if (failure == HTTP_ABORTED)
                return -ENOMEM;
        file = new0(RobotsFile, 1);
        if (!file)
                return -ENOMEM;

        r = read_answer(file, response, failure, message, body);
        file->until_usec = usec_add(pipeline_boot_now(p), file->until_usec);
        if (r >= 0)
                r = keep_file(p, url, file);
        if (r < 0)
                (void) robots_file_free(file);
        return r;
}

void pipeline_robots_close(Pipeline *p) {
        p->robots = hashmap_free(p->robots);
}
