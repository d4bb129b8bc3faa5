/* SPDX-License-Identifier: MIT */

/* One feed, from its timer to the row that says when it is due again.
 *
 * The answer's bytes go straight into the parser, and each item into the open batch as soon as it
 * is complete. Only when the last item is written are the feed's new validators and next poll
 * written too (schedule_answer(), store_feed_save()); a poll that ends otherwise leaves the
 * validators alone, so the same items come again and are recognised. */

#include "pipeline-internal.h"

#include <errno.h>

#include "base/log.h"
#include "base/url.h"

#define ACCEPT_FEEDS                                                         \
        "application/atom+xml, application/rss+xml, application/feed+json, " \
        "application/xml;q=0.9, text/xml;q=0.8, */*;q=0.1"

static PollPolicy run_policy(const FeedRun *run) {
        return (PollPolicy){
                .interval_auto = run->settings->interval_auto,
                .interval_usec = run->settings->interval_usec,
        };
}

usec_t feed_run_due(const FeedRun *run) {
        PollPolicy policy = run_policy(run);

        return MAX(schedule_due(&run->feed, &policy, pipeline_now(run->pipeline)),
                pipeline_gate_not_before(run));
}

void feed_run_schedule(FeedRun *run) {
        /* Once means once: what has been polled is not due again, whatever its interval. */
        if (run->pipeline->options.once && run->polled)
                pipeline_arm(run->pipeline, run->timer, USEC_INFINITY);
        else
                pipeline_arm(run->pipeline, run->timer, feed_run_due(run));
}

/* --- telling --- */

static void log_change(const FeedRun *run, PollChange change, const PollAnswer *answer) {
        _cleanup_free_ char *url = url_redact(run->feed.url, /* secret_path= */ false);
        const LogField *fields =
                LOG_FIELDS({ "PICKET_FEED", run->feed.name }, { "PICKET_URL", url });
        usec_t wait = usec_sub(run->feed.next_poll_usec, pipeline_now(run->pipeline));

        switch (change) {
        case POLL_UNCHANGED:
                break;
        case POLL_TROUBLE:
                (void) log_event(LOG_WARNING, 0, MESSAGE_FEED_TROUBLE, fields,
                        "Feed '%s' could not be read: %s; polling again in %s", run->feed.name,
                        strna(answer->message), FORMAT_TIMESPAN(wait));
                break;
        case POLL_RECOVERED:
                (void) log_event(LOG_NOTICE, 0, MESSAGE_FEED_RECOVERED, fields,
                        "Feed '%s' can be read again", run->feed.name);
                break;
        }
}

static void log_repairs(FeedRun *run) {
        if (run->n_repairs == 0)
                return;

        /* Most broken feeds are broken the same way at every poll: only the first poll tells. */
        if (!run->feed.polled_once)
                (void) log_event(LOG_INFO, 0, MESSAGE_FEED_REPAIRED,
                        LOG_FIELDS({ "PICKET_FEED", run->feed.name }),
                        "Feed '%s' was read with %u repairs, the first: %s", run->feed.name,
                        run->n_repairs, strna(run->first_repair));
        else
                log_debug("Feed '%s' was read with %u repairs, the first: %s", run->feed.name,
                        run->n_repairs, strna(run->first_repair));
}

static void on_warning(unsigned line, const char *message, void *userdata) {
        FeedRun *run = userdata;
        int n;

        if (run->n_repairs++ > 0)
                return;
        n = line > 0 ? asprintf(&run->first_repair, "line %u: %s", line, message)
                     : asprintf(&run->first_repair, "%s", message);
        if (n < 0)
                run->first_repair = NULL;
}

/* --- the end of a poll --- */

static void poll_clear(FeedRun *run) {
        run->request = NULL;
        run->parser = feed_parser_free(run->parser);
        run->first_repair = mfree(run->first_repair);
        run->n_repairs = 0;
        run->n_new_items = 0;
}

static void poll_end(FeedRun *run, PollAnswer *answer) {
        Pipeline *p = run->pipeline;
        PollPolicy policy = run_policy(run);
        PollChange change = POLL_UNCHANGED;
        int r;

        answer->n_new_items = run->n_new_items;
        if (run->parser) {
                const FeedInfo *info = feed_parser_info(run->parser);

                answer->n_items = feed_parser_n_items(run->parser);
                answer->ttl_usec = info->ttl_usec == USEC_INFINITY ? 0 : info->ttl_usec;
                answer->title = info->title;
        }
        log_repairs(run);

        r = schedule_answer(&run->feed, &policy, answer, pipeline_now(p), &p->random, &change);
        if (r >= 0)
                r = store_feed_save(p->options.store, &run->feed);
        run->in_batch = true;
        if (r < 0) {
                poll_clear(run);
                pipeline_store_failed(p, r, "record a poll");
                return;
        }

        log_change(run, change, answer);
        poll_clear(run);
        feed_run_schedule(run);
        pipeline_commit_soon(p);
        pipeline_check_idle(p);
}

static void poll_failed(
        FeedRun *run, unsigned status, usec_t retry_after_usec, const char *message) {
        poll_end(run,
                &(PollAnswer){
                        .outcome = POLL_FAILED,
                        .status = status,
                        .message = message,
                        .retry_after_usec = retry_after_usec,
                });
}

void feed_run_fail(
        FeedRun *run, HttpFailure failure _unused_, unsigned status, const char *message) {
        poll_failed(run, status, 0, message);
}

/* --- the answer, as it comes --- */

static int on_item(const Item *item, void *userdata) {
        FeedRun *run = userdata;
        int r;

        run->pipeline->taking = run;
        r = pipeline_take_item(run, item);
        run->pipeline->taking = NULL;
        return r;
}

static int on_head(HttpRequest *request _unused_, const HttpResponse *response, void *userdata) {
        FeedRun *run = userdata;

        const FeedSettings *settings = run->settings;
        const FeedXPath xpath = {
                .item = settings->xpath_item.text,
                .title = settings->xpath_title.text,
                .link = settings->xpath_link.text,
                .summary = settings->xpath_summary.text,
                .date = settings->xpath_date.text,
        };

        /* 226 holds what is new, as 200 would (RFC 3229); we never ask for it. */
        if (response->status != 200 && response->status != 226)
                return 0;

        return feed_parser_new(
                &(FeedOptions){
                        .url = response->url,
                        .content_type = response->content_type,
                        .xpath = settings->kind == FEED_KIND_XPATH ? &xpath : NULL,
                },
                &(FeedHandler){ .on_item = on_item, .on_warning = on_warning, .userdata = run },
                &run->parser);
}

static int on_data(
        HttpRequest *request _unused_, const void *data, size_t n_bytes, void *userdata) {
        FeedRun *run = userdata;

        return run->parser ? feed_parser_push(run->parser, data, n_bytes) : 0;
}

/* What the parser ended with, as words for people. */
static const char *parser_trouble(const FeedRun *run, int error) {
        const char *message = run->parser ? feed_parser_error(run->parser) : NULL;

        return message ? message : strerror(-error);
}

static void on_done(HttpRequest *request _unused_, const HttpResponse *response,
        HttpFailure failure, int error, const char *message, void *userdata) {
        FeedRun *run = userdata;
        _cleanup_free_ char *text = NULL;
        PollAnswer answer = {
                .status = response->status,
                .etag = response->etag,
                .last_modified = response->last_modified,
                .max_age_usec = response->max_age_usec,
                .retry_after_usec = response->retry_after_usec,
        };
        int r = 0;

        run->request = NULL;
        if (!pipeline_gate_leave(run, response, failure, message)) {
                poll_clear(run);
                pipeline_check_idle(run->pipeline);
                return;
        }

        /* The store failed below an item: the run was reset, and waits. */
        if (failure == HTTP_ABORTED && error != -EBADMSG && error != -ENOMEM &&
                run->pipeline->store_in_trouble) {
                poll_clear(run);
                pipeline_check_idle(run->pipeline);
                return;
        }

        if (failure == HTTP_ABORTED) {
                poll_failed(run, response->status, 0, parser_trouble(run, error));
                return;
        }
        /* What a cut-off answer held until then counts. */
        if (run->parser)
                r = feed_parser_finish(run->parser);
        if (r < 0 && r != -EBADMSG && run->pipeline->store_in_trouble) {
                poll_clear(run);
                return;
        }
        if (failure == HTTP_TOO_LARGE && run->parser && feed_parser_n_items(run->parser) > 0) {
                /* It will be as large next time: count what was read as read, so that its first
                 * poll ends, but keep no validator. */
                run->feed.polled_once = true;
                if (asprintf(&text, "longer than %s; the first %zu items were read",
                            FORMAT_BYTES(FEED_BYTES_MAX), feed_parser_n_items(run->parser)) < 0)
                        text = NULL;
                poll_failed(run, response->status, 0, text);
                return;
        }
        if (failure != HTTP_OK) {
                poll_failed(run, response->status, response->retry_after_usec, message);
                return;
        }
        if (r < 0) {
                poll_failed(run, response->status, 0, parser_trouble(run, r));
                return;
        }
        if (response->status == 304) {
                answer.outcome = POLL_NOT_MODIFIED;
                poll_end(run, &answer);
                return;
        }
        if (!run->parser) {
                if (asprintf(&text, "HTTP status %u", response->status) < 0)
                        text = NULL;
                poll_failed(run, response->status, response->retry_after_usec, text);
                return;
        }

        /* A body that ends with its connection can be cut off and nobody tells. What it had still
         * to say would be "not modified" ever after. */
        if (feed_parser_is_cut(run->parser))
                answer.etag = answer.last_modified = NULL;
        answer.outcome = POLL_READ;
        poll_end(run, &answer);
}

/* --- the beginning --- */

void feed_run_start(FeedRun *run) {
        Pipeline *p = run->pipeline;
        const FeedSettings *settings = run->settings;
        _cleanup_(secret_freep) char *authorization = NULL;
        _cleanup_free_ char *text = NULL;
        int r;

        pipeline_arm(p, run->timer, USEC_INFINITY);
        run->poll_usec = pipeline_now(p);
        run->polled = true;

        if (settings->credential) {
                r = settings_credential(settings->credential, &authorization);
                if (r < 0) {
                        if (asprintf(&text, "credential '%s' cannot be read: %s",
                                    settings->credential,
                                    r == -ENXIO ? "no credentials folder ($CREDENTIALS_DIRECTORY)"
                                                : strerror(-r)) < 0)
                                text = NULL;
                        poll_failed(run, 0, 0, text);
                        return;
                }
        }

        r = http_request_start(p->options.http,
                &(HttpSpec){
                        .class = HTTP_FEED,
                        .url = run->feed.url,
                        .headers = (const char *const *) settings->headers,
                        .authorization = authorization,
                        .if_none_match = run->feed.etag,
                        .if_modified_since = run->feed.last_modified,
                        .accept = ACCEPT_FEEDS,
                        .proxy = settings->proxy,
                        .allow_private = settings->allow_private,
                        .n_redirects_max = HTTP_REDIRECTS_MAX,
                        .body_bytes_max = FEED_BYTES_MAX,
                        .timeout_usec = PIPELINE_POLL_TIMEOUT_USEC,
                        .handler = { on_head, on_data, on_done },
                        .userdata = run,
                },
                &run->request);
        if (r < 0)
                poll_failed(run, 0, 0, strerror(-r));
}

static int on_timer(sd_event_source *source _unused_, uint64_t usec _unused_, void *userdata) {
        FeedRun *run = userdata;

        /* The wall clock decides: it may have been set back meanwhile. */
        if (feed_run_due(run) > pipeline_now(run->pipeline))
                feed_run_schedule(run);
        else if (!run->request)
                pipeline_gate_enter(run);
        return 0;
}

int feed_run_new(Pipeline *p, const FeedSettings *settings, FeedRun **ret) {
        _cleanup_free_ FeedRun *run = NULL;
        int r;

        run = new0(FeedRun, 1);
        if (!run)
                return -ENOMEM;

        r = sd_event_add_time(p->options.event, &run->timer, CLOCK_BOOTTIME, USEC_INFINITY,
                100 * USEC_PER_MSEC, on_timer, run);
        if (r < 0)
                return r;
        (void) sd_event_source_set_enabled(run->timer, SD_EVENT_OFF);
        (void) sd_event_source_set_description(run->timer, settings->name.text);

        r = store_feed_get(p->options.store, settings->name.text, settings->url.text, &run->feed);
        if (r < 0) {
                sd_event_source_disable_unref(run->timer);
                return r;
        }

        run->pipeline = p;
        run->settings = settings;
        run->seat.owner = run;
        run->fresh = true;
        LIST_PREPEND(runs, p->feeds, run);
        *ret = TAKE_PTR(run);
        return 0;
}

FeedRun *feed_run_free(FeedRun *run) {
        if (!run)
                return NULL;

        (void) http_request_cancel(run->request);
        pipeline_gate_drop(run);
        pipeline_gate_forget(run->pipeline, &run->seat);
        poll_clear(run);
        LIST_REMOVE(runs, run->pipeline->feeds, run);
        sd_event_source_disable_unref(run->timer);
        feed_done(&run->feed);
        return mfree(run);
}

void feed_run_reset(FeedRun *run, usec_t at_usec) {
        Pipeline *p = run->pipeline;
        Feed feed;

        /* What is under way has lost items. The run that is just handing one out is stopped by the
         * error it gets back. */
        if (run != p->taking) {
                (void) http_request_cancel(run->request);
                pipeline_gate_drop(run);
                poll_clear(run);
        }

        run->in_batch = false;
        if (store_feed_get(p->options.store, run->settings->name.text, run->settings->url.text,
                    &feed) >= 0) {
                feed_done(&run->feed);
                run->feed = feed;
        } else { /* not readable either: at least forget what may be newer than the items */
                run->feed.etag = mfree(run->feed.etag);
                run->feed.last_modified = mfree(run->feed.last_modified);
        }
        run->polled = true;
        pipeline_arm(p, run->timer, at_usec);
}
