/* SPDX-License-Identifier: MIT */

/* Pages wanted. A page is wanted by its item's row, committed with the item; it is fetched from
 * here, read once, and its text becomes the item's body in the commit that also raises what the
 * body decided. A passing failure tries again with backoff until the item is a day old; whatever
 * was held for the page goes out at the first failure, saying why the body could not be read.
 *
 * A server's robots.txt is asked first (pipeline-robots.c). While it is not known, the page that
 * has its turn gives it up for robots.txt, and queues again; so the server sees one request at a
 * time and all its distance. A redirect is judged like a page: to where nothing is known yet, the
 * page queues anew with its new address. */

#include "pipeline-internal.h"

#include <errno.h>

#include "article/article.h"
#include "base/backoff.h"
#include "base/crash.h"
#include "base/log.h"
#include "base/url.h"
#include "poll/robots.h"

#define PAGE_TIMEOUT_USEC (20 * USEC_PER_SEC)

#define ACCEPT_PAGES "text/html, application/xhtml+xml;q=0.9, */*;q=0.1"
#define ACCEPT_ROBOTS "text/plain, */*;q=0.1"

static const Backoff page_backoff = { .base_usec = 2 * USEC_PER_MINUTE,
        .max_usec = 4 * USEC_PER_HOUR };

PageRun *page_run_free(PageRun *run) {
        if (!run)
                return NULL;

        (void) http_request_cancel(run->request);
        pipeline_gate_forget(run->pipeline, &run->seat);
        LIST_REMOVE(runs, run->pipeline->pages, run);
        buffer_done(&run->body);
        free(run->content_type);
        free(run->url);
        free(run->link);
        free(run->feed);
        free(run->moved_to);
        return mfree(run);
}
DEFINE_POINTER_CLEANUP(PageRun, page_run_free);

static PageRun *find_page(Pipeline *p, int64_t item_id) {
        LIST_FOREACH (runs, run, p->pages)
                if (run->item_id == item_id)
                        return run;

        return NULL;
}

/* --- what became of a page --- */

static void log_given_up(const ItemRecord *item) {
        _cleanup_free_ char *url =
                item->link ? url_redact(item->link, /* secret_path= */ false) : NULL;

        (void) log_event(LOG_INFO, 0, MESSAGE_PAGE_FAILED,
                LOG_FIELDS({ "PICKET_FEED", item->feed }, { "PICKET_URL", url },
                        { "PICKET_REASON", item->page_error }),
                "The page of '%s' (feed '%s') is not read: %s; going by what the feed gave",
                strna(item->title), item->feed, strna(item->page_error));
}

/* Writes the outcome and raises what it decides. Negative: the store failed; the page stays wanted.
 */
static int page_conclude(Pipeline *p, ItemRecord *item) {
        int r;

        r = pipeline_judge(p, item);
        if (r < 0)
                return r;

        if (item->page == PAGE_FAILED)
                log_given_up(item);
        pipeline_commit_soon(p);
        return 0;
}

static int page_failed(Pipeline *p, ItemRecord *item, bool passing, const char *message) {
        usec_t now = pipeline_now(p), next;

        item->page_attempts++;
        if (free_and_strdup(&item->page_error, message) < 0)
                item->page_error = mfree(item->page_error);

        next = usec_add(now, backoff_delay(&page_backoff, item->page_attempts, &p->random));
        if (passing && next < usec_add(item->first_seen_usec, PIPELINE_PAGE_AGE_MAX_USEC))
                item->page_next_usec = next;
        else
                item->page = PAGE_FAILED;

        return page_conclude(p, item);
}

static int page_read(Pipeline *p, ItemRecord *item, const PageRun *run) {
        _cleanup_(article_done) Article article = {};
        int r;

        r = article_extract(
                buffer_str(&run->body), run->body.n_bytes, run->url, run->content_type, &article);
        if (r == -ENOMEM)
                return page_failed(p, item, /* passing= */ true, "out of memory");
        if (r < 0)
                return page_failed(p, item, /* passing= */ false,
                        r == -ENODATA ? "the page has no main text" : "what came is no HTML page");

        item->page = PAGE_READ;
        item->page_error = mfree(item->page_error);
        item->page_text = TAKE_PTR(article.text);
        return page_conclude(p, item);
}

/* --- the request --- */

static int on_head(HttpRequest *request _unused_, const HttpResponse *response, void *userdata) {
        PageRun *run = userdata;

        run->status = response->status;
        if (free_and_strdup(&run->content_type, response->content_type) < 0 ||
                free_and_strdup(&run->url, response->url) < 0)
                return -ENOMEM;

        return 0;
}

static int on_data(
        HttpRequest *request _unused_, const void *data, size_t n_bytes, void *userdata) {
        PageRun *run = userdata;

        return run->status == 200 ? buffer_append(&run->body, data, n_bytes) : 0;
}

static bool obeys_robots(const PageRun *run) {
        const FeedSettings *feed = settings_find_feed(run->pipeline->settings, run->feed);

        return !feed || feed->robots;
}

static int on_redirect(HttpRequest *request _unused_, const char *url, void *userdata) {
        PageRun *run = userdata;
        RobotsRuling ruling;

        if (run->reads_robots || !obeys_robots(run))
                return 0;
        pipeline_robots_judge(run->pipeline, url, &ruling);
        switch (ruling.verdict) {
        case ROBOTS_ALLOWED:
        case ROBOTS_LATER: /* it is one page, asked for already */
                return 0;
        case ROBOTS_FORBIDDEN:
                return -EACCES;
        case ROBOTS_UNKNOWN:
        case ROBOTS_UNREADABLE: /* by what is judged in its turn */
                break;
        }
        return free_and_strdup(&run->moved_to, url) < 0 ? -ENOMEM : -EREMCHG;
}

/* 408, 425, 429 and what is the server's own trouble may pass; other refusals are final. */
static bool status_is_passing(unsigned status) {
        return status == 408 || status == 425 || status == 429 || (status >= 500 && status < 600);
}

/* Queues again, behind others of its host: after robots.txt, or at its new address. */
static int page_again(PageRun *run) {
        usec_t until;

        if (run->moved_to) {
                if (run->n_moves++ >= HTTP_REDIRECTS_MAX)
                        return -ELOOP;
                free(run->link);
                run->link = TAKE_PTR(run->moved_to);
        }
        run->reads_robots = false;
        buffer_reset(&run->body);
        return pipeline_gate_enter_page(run, &until);
}

/* What the request ended with, as an outcome of the page. Negative: the store failed. */
static int page_over(PageRun *run, ItemRecord *item, const HttpResponse *response,
        HttpFailure failure, int error, const char *message) {
        Pipeline *p = run->pipeline;
        char text[64];

        if (failure == HTTP_ABORTED && error == -EACCES)
                return page_failed(p, item, /* passing= */ false, "robots.txt does not allow it");
        if (failure == HTTP_ABORTED && error == -ELOOP)
                return page_failed(p, item, /* passing= */ false, "too many redirects");
        if (failure == HTTP_ABORTED)
                return page_failed(p, item, /* passing= */ true, strerror(-error));
        if (failure != HTTP_OK && failure != HTTP_TOO_LARGE)
                return page_failed(p, item, http_failure_is_passing(failure), message);
        if (response->status != 200) {
                (void) snprintf(text, sizeof text, "HTTP status %u", response->status);
                return page_failed(p, item, status_is_passing(response->status), text);
        }
        return page_read(p, item, run); /* one over the limit is read as far as it came */
}

/* What else is due: now, or when the store works again. */
static void pages_soon(Pipeline *p, int r) {
        pipeline_arm(p, p->page_timer,
                r < 0 ? usec_add(pipeline_now(p), PIPELINE_STORE_RETRY_USEC) : pipeline_now(p));
        pipeline_check_idle(p);
}

static int page_put_off(Pipeline *p, ItemRecord *item, usec_t until, usec_t now) {
        int r;

        /* No longer than any wait of ours, see correct_times(). */
        item->page_next_usec = MIN(until, usec_add(now, page_backoff.max_usec));
        r = store_item_update(p->options.store, item);
        if (r < 0) {
                pipeline_store_failed(p, r, "put off a page");
                return r;
        }
        pipeline_commit_soon(p);
        return 0;
}

/* It did without a request of its own: by @error, or by what robots.txt says. Frees @run. */
static void page_settle(PageRun *run, const RobotsRuling *ruling, int error) {
        _cleanup_(page_run_freep) _unused_ PageRun *owned = run;
        _cleanup_(item_record_done) ItemRecord item = {};
        Pipeline *p = run->pipeline;
        int r;

        r = store_item_get(p->options.store, run->item_id, &item);
        if (r >= 0 && item.page == PAGE_WANTED) {
                if (error < 0)
                        r = page_failed(
                                p, &item, /* passing= */ error == -ENOMEM, strerror(-error));
                else if (ruling->verdict == ROBOTS_LATER)
                        r = page_put_off(p, &item, ruling->until_usec, pipeline_now(p));
                else
                        r = page_failed(p, &item,
                                /* passing= */ ruling->verdict == ROBOTS_UNREADABLE,
                                ruling->reason);
        } else if (r < 0 && r != -ENOENT)
                pipeline_store_failed(p, r, "find an item");

        pages_soon(p, r);
}

/* robots.txt came, or not; or a redirect has to be judged by one that is not known yet. True: @run
 * goes on or is settled. */
static bool page_goes_on(PageRun *run, const HttpResponse *response, HttpFailure *failure,
        int *error, const char *message) {
        Pipeline *p = run->pipeline;
        int r = 0;

        if (run->reads_robots) {
                RobotsRuling ruling;

                r = pipeline_robots_take(p, run->link, response, *failure, message, &run->body);
                if (r >= 0) {
                        pipeline_robots_judge(p, run->link, &ruling);
                        if (ruling.reason) { /* the alert does not wait for a turn that is of no use
                                              */
                                page_settle(run, &ruling, /* error= */ 0);
                                return true;
                        }
                }
        }
        if (r >= 0)
                r = page_again(run);
        if (r >= 0)
                return true;
        if (r == -EAGAIN) { /* no room in the queue of its host: later, from the start */
                (void) page_run_free(run);
                pages_soon(p, 0);
                return true;
        }
        *failure = HTTP_ABORTED;
        *error = r;
        return false;
}

static void on_done(HttpRequest *request _unused_, const HttpResponse *response,
        HttpFailure failure, int error, const char *message, void *userdata) {
        _cleanup_(page_run_freep) PageRun *run = userdata;
        _cleanup_(item_record_done) ItemRecord item = {};
        Pipeline *p = run->pipeline;
        int r;

        run->request = NULL;
        if (!pipeline_gate_leave_page(run, response, failure))
                return; /* wanted as before */
        if ((run->reads_robots || run->moved_to) &&
                page_goes_on(run, response, &failure, &error, message)) {
                TAKE_PTR(run);
                return;
        }

        r = store_item_get(p->options.store, run->item_id, &item);
        if (r >= 0 && item.page == PAGE_WANTED)
                r = page_over(run, &item, response, failure, error, message);
        else if (r < 0 && r != -ENOENT)
                pipeline_store_failed(p, r, "find an item");
        pages_soon(p, r);
}

static int page_ask(PageRun *run) {
        Pipeline *p = run->pipeline;
        const FeedSettings *feed = settings_find_feed(p->settings, run->feed);
        _cleanup_free_ char *robots_url = NULL;
        int r;

        if (run->reads_robots) {
                r = pipeline_robots_url(run->link, &robots_url);
                if (r < 0)
                        return r;
        } else
                pipeline_robots_asked(p, run->link);

        return http_request_start(p->options.http,
                &(HttpSpec){
                        .class = HTTP_PAGE,
                        .url = run->reads_robots ? robots_url : run->link,
                        .accept = run->reads_robots ? ACCEPT_ROBOTS : ACCEPT_PAGES,
                        .proxy = feed ? feed->proxy : NULL,
                        .allow_private = feed && feed->allow_private,
                        .n_redirects_max = HTTP_REDIRECTS_MAX,
                        .body_bytes_max = run->reads_robots ? ROBOTS_BYTES_MAX : ARTICLE_BYTES_MAX,
                        .timeout_usec = PAGE_TIMEOUT_USEC,
                        .handler = { on_head, on_data, on_done },
                        .on_redirect = on_redirect,
                        .userdata = run,
                },
                &run->request);
}

void page_run_start(PageRun *run) {
        RobotsRuling ruling = { .verdict = ROBOTS_ALLOWED };
        int r = 0;

        if (obeys_robots(run))
                pipeline_robots_judge(run->pipeline, run->link, &ruling);
        if (ruling.verdict == ROBOTS_UNKNOWN || ruling.verdict == ROBOTS_ALLOWED) {
                run->reads_robots = ruling.verdict == ROBOTS_UNKNOWN;
                r = page_ask(run);
                if (r >= 0)
                        return;
        }
        page_settle(run, &ruling, r);
}

/* Negative: the store failed. */
static int page_queue(Pipeline *p, ItemRecord *item, usec_t now) {
        _cleanup_(page_run_freep) PageRun *run = NULL;
        usec_t until = 0;
        int r;

        run = new0(PageRun, 1);
        if (!run)
                return page_failed(p, item, /* passing= */ true, strerror(ENOMEM));
        run->pipeline = p;
        run->item_id = item->id;
        run->seat.owner = run;
        run->seat.is_page = true;
        LIST_PREPEND(runs, p->pages, run);
        run->link = strdup(strempty(item->link));
        run->feed = strdup(item->feed);

        r = run->link && run->feed ? pipeline_gate_enter_page(run, &until) : -ENOMEM;
        if (r == -EAGAIN && until == USEC_INFINITY)
                return 0;
        if (r == -EAGAIN)
                return page_put_off(p, item, until, now);
        if (r < 0)
                return page_failed(p, item, /* passing= */ r == -ENOMEM, strerror(-r));

        TAKE_PTR(run);
        return 0;
}

/* --- what is due --- */

/* A row that is due: its hold ran out, or its page is to be fetched. Negative: the store failed. */
static int page_attend(Pipeline *p, ItemRecord *item, usec_t now) {
        int r;

        if (item->hold_until_usec != 0 && item->hold_until_usec <= now) {
                r = page_conclude(p, item); /* the page goes on being wanted */
                if (r < 0)
                        return r;
        }

        if (item->page != PAGE_WANTED || item->page_next_usec > now || find_page(p, item->id))
                return 0;
        if (item->first_seen_usec != USEC_INFINITY &&
                usec_add(item->first_seen_usec, PIPELINE_PAGE_AGE_MAX_USEC) <= now) {
                item->page = PAGE_FAILED;
                if (!item->page_error &&
                        free_and_strdup(&item->page_error, "not read within a day") < 0)
                        return 0;
                return page_conclude(p, item);
        }

        crash_point("before-page");
        return page_queue(p, item, now);
}

/* What was kept under a clock that was ahead must not wait until then: no wait of ours is ever so
 * long. */
static void correct_times(ItemRecord *item, usec_t now) {
        if (item->hold_until_usec > usec_add(now, PIPELINE_SETTLE_USEC))
                item->hold_until_usec = now;
        if (item->page == PAGE_WANTED &&
                item->page_next_usec > usec_add(now, page_backoff.max_usec))
                item->page_next_usec = now;
}

void pipeline_pages_kick(Pipeline *p) {
        ItemRecord *items = NULL;
        size_t n = 0, n_free = PIPELINE_PAGES_MAX;
        usec_t now = pipeline_now(p), next = USEC_INFINITY;
        int r;

        LIST_FOREACH (runs, run, p->pages)
                n_free -= n_free > 0;

        /* Those in flight are still wanted: ask past them. */
        r = store_pages_wanted(p->options.store, 2 * PIPELINE_PAGES_MAX, &items, &n);
        for (size_t i = 0; r >= 0 && i < n; i++) {
                bool held = items[i].hold_until_usec != 0,
                     flying = find_page(p, items[i].id) != NULL;

                correct_times(&items[i], now);
                if (flying || n_free > 0 || held)
                        r = page_attend(p, &items[i], now);
                if (!flying && find_page(p, items[i].id))
                        n_free--;
                /* Still waiting, for its time or for its page. */
                if (items[i].hold_until_usec > now)
                        next = MIN(next, items[i].hold_until_usec);
                if (items[i].page == PAGE_WANTED && items[i].page_next_usec > now)
                        next = MIN(next, items[i].page_next_usec);
        }
        for (size_t i = 0; i < n; i++)
                item_record_done(&items[i]);
        free(items);

        if (r >= 0)
                pipeline_arm(p, p->page_timer, next);
        else
                pipeline_arm(p, p->page_timer, usec_add(now, PIPELINE_STORE_RETRY_USEC));
}

bool pipeline_pages_idle(Pipeline *p) {
        usec_t next = USEC_INFINITY;

        if (p->pages)
                return false;

        return store_pages_next(p->options.store, &next) < 0 || next > pipeline_now(p);
}

int pipeline_finish_held(Pipeline *p) {
        ItemRecord *items = NULL;
        size_t n = 0;
        int r;

        r = store_pages_wanted(p->options.store, SIZE_MAX, &items, &n);
        for (size_t i = 0; i < n; i++) {
                if (r >= 0 && items[i].hold_until_usec != 0)
                        r = page_conclude(p, &items[i]);
                item_record_done(&items[i]);
        }
        free(items);
        if (r < 0)
                return r;

        return pipeline_commit(p);
}
