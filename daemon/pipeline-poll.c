/* SPDX-License-Identifier: MIT */

/* One feed, from its timer to the row that says when it is due again.
 *
 * The answer's bytes go straight into the parser, and each item into the open batch as soon as it
 * is complete. Only when the last item is written are the feed's new validators and next poll
 * written too (schedule_answer(), store_feed_save()); a poll that ends otherwise leaves the
 * validators alone, so the same items come again and are recognised.
 *
 * Some servers answer in full whatever they are asked. Where that was so last time, the body is
 * held until it is whole, and when its bytes are those of last time, it is not read again. */

#include "pipeline-internal.h"

#include <errno.h>

#include "base/log.h"
#include "base/url.h"

#define ACCEPT_FEEDS                                                         \
        "application/atom+xml, application/rss+xml, application/feed+json, " \
        "application/xml;q=0.9, text/xml;q=0.8, */*;q=0.1"

/* The interval, what asks for haste, and the feed's place among the others. */
static PollPolicy run_policy(const FeedRun *run) {
        return (PollPolicy){
                .interval_auto = run->settings->interval_auto,
                .interval_usec = run->settings->interval_usec,
                .eager = run->settings->weight_milli > 1000,
                .phase = run->phase,
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
        run->digest = digest_free(run->digest);
        run->body_hash[0] = '\0';
        run->holding = false;
        buffer_done(&run->body);
        run->body_url = mfree(run->body_url);
        run->body_type = mfree(run->body_type);
        run->first_repair = mfree(run->first_repair);
        run->n_repairs = 0;
        run->n_new_items = run->n_changed_items = 0;
        run->news = (PollNews){};
        run->held_items = mfree(run->held_items);
        run->n_held_items = run->n_held_allocated = 0;
        run->oldest_usec = USEC_INFINITY;
        run->newest_usec = 0;
}

static void poll_end(FeedRun *run, PollAnswer *answer) {
        Pipeline *p = run->pipeline;
        PollPolicy policy = run_policy(run);
        unsigned events = 0;
        int r;

        answer->asked_usec = run->poll_usec;
        answer->n_new_items = run->n_new_items;
        answer->n_changed_items = run->n_changed_items;
        answer->news = run->news;
        answer->window_usec = usec_sub(run->newest_usec, MIN(run->oldest_usec, run->newest_usec));
        answer->format = FEED_FORMAT_MAX;
        if (run->parser) {
                const FeedInfo *info = feed_parser_info(run->parser);

                answer->n_items = feed_parser_n_items(run->parser);
                answer->ttl_usec = info->ttl_usec;
                answer->period_usec = info->period_usec;
                answer->skip_hours = info->skip_hours;
                answer->skip_days = info->skip_days;
                answer->format = info->format;
                answer->title = info->title;
                answer->link = info->link;
        }
        feed_run_tell_repairs(run);

        r = schedule_answer(&run->feed, &policy, answer, pipeline_now(p), &p->random, &events);
        if (r >= 0)
                r = store_feed_save(p->options.store, &run->feed);
        run->in_batch = true;
        if (r < 0) {
                poll_clear(run);
                pipeline_store_failed(p, r, "record a poll");
                return;
        }

        feed_run_tell(run, events);
        poll_clear(run);
        feed_run_schedule(run);
        pipeline_commit_soon(p);
        pipeline_check_idle(p);
}

/* @response may be NULL: nothing came. */
static void poll_failed(
        FeedRun *run, const HttpResponse *response, FeedTrouble trouble, const char *message) {
        PollAnswer answer = {
                .outcome = POLL_FAILED,
                .trouble = trouble,
                .message = message,
                .probed = run->sent.probe,
        };

        if (response) {
                answer.status = response->status;
                answer.url = response->url;
                answer.n_redirects = response->n_redirects;
                answer.retry_after_usec = response->retry_after_usec;
        }
        poll_end(run, &answer);
}

static FeedTrouble failure_trouble(HttpFailure failure) {
        switch (failure) {
        case HTTP_RESOLVE:
        case HTTP_CONNECT:
        case HTTP_TIMEOUT:
        case HTTP_RESET:
                return FEED_TROUBLE_UNREACHABLE;
        case HTTP_TLS:
                return FEED_TROUBLE_TLS;
        case HTTP_REFUSED:
        case HTTP_REDIRECT:
        case HTTP_TOO_LARGE:
                return FEED_TROUBLE_REFUSED;
        case HTTP_OK:
        case HTTP_PROTOCOL:
        case HTTP_ABORTED:
        case HTTP_FAILURE_MAX:
                break;
        }

        return FEED_TROUBLE_SERVER;
}

void feed_run_fail(FeedRun *run, HttpFailure failure, unsigned status, const char *message) {
        poll_failed(run, &(HttpResponse){ .status = status }, failure_trouble(failure), message);
}

/* --- the answer, as it comes --- */

static int on_item(const Item *item, void *userdata) {
        FeedRun *run = userdata;
        usec_t date = item_date(item->published_usec, item->updated_usec);
        int r;

        if (date <= run->poll_usec) {
                run->oldest_usec = MIN(run->oldest_usec, date);
                run->newest_usec = MAX(run->newest_usec, date);
        }

        run->pipeline->taking = run;
        r = pipeline_take_item(run, item);
        run->pipeline->taking = NULL;
        return r;
}

static int body_parse(FeedRun *run, const char *url, const char *content_type) {
        const FeedSettings *settings = run->settings;
        const FeedXPath xpath = {
                .item = settings->xpath_item.text,
                .title = settings->xpath_title.text,
                .link = settings->xpath_link.text,
                .summary = settings->xpath_summary.text,
                .date = settings->xpath_date.text,
        };

        return feed_parser_new(
                &(FeedOptions){
                        .url = url,
                        .content_type = content_type,
                        .xpath = settings->kind == FEED_KIND_XPATH ? &xpath : NULL,
                },
                &(FeedHandler){ .on_item = on_item, .on_warning = on_warning, .userdata = run },
                &run->parser);
}

/* It is not the body of last time, or too long to wait for. */
static int body_release(FeedRun *run) {
        int r;

        run->holding = false;
        r = body_parse(run, run->body_url, run->body_type);
        if (r >= 0)
                r = feed_parser_push(run->parser, run->body.data, run->body.n_bytes);
        buffer_done(&run->body);
        return r;
}

static int on_head(HttpRequest *request _unused_, const HttpResponse *response, void *userdata) {
        FeedRun *run = userdata;

        /* 226 holds what is new, as 200 would (RFC 3229); we never ask for it. */
        if (response->status != 200 && response->status != 226)
                return 0;

        run->digest = digest_new();
        if (!run->digest)
                return -ENOMEM;
        if (run->feed.body_hash && run->feed.n_same > 0) {
                if (free_and_strdup(&run->body_url, response->url) < 0 ||
                        free_and_strdup(&run->body_type, response->content_type) < 0)
                        return -ENOMEM;
                run->holding = true;
                return 0;
        }

        return body_parse(run, response->url, response->content_type);
}

static int on_data(
        HttpRequest *request _unused_, const void *data, size_t n_bytes, void *userdata) {
        FeedRun *run = userdata;
        int r;

        if (!run->digest)
                return 0;
        r = digest_add_bytes(run->digest, data, n_bytes);
        if (r < 0)
                return r;

        if (run->holding) {
                if (run->body.n_bytes + n_bytes <= PIPELINE_HELD_BYTES_MAX)
                        return buffer_append(&run->body, data, n_bytes);
                r = body_release(run);
                if (r < 0)
                        return r;
        }
        return feed_parser_push(run->parser, data, n_bytes);
}

/* The body is over, @whole or cut off: reads what is still to be read. *ret_same: there is nothing
 * to read, it is the one of last time. Errors as of feed_parser_push(). */
static int body_end(FeedRun *run, bool whole, bool *ret_same) {
        int r;

        *ret_same = false;
        if (whole && run->digest && digest_finish_hex(run->digest, run->body_hash) < 0)
                run->body_hash[0] = '\0';

        if (run->holding) {
                if (whole && streq_ptr(run->body_hash, run->feed.body_hash)) {
                        *ret_same = true;
                        return 0;
                }
                r = body_release(run);
                if (r < 0)
                        return r;
        }
        return run->parser ? feed_parser_finish(run->parser) : 0;
}

/* What the parser ended with, as words for people. */
static const char *parser_trouble(const FeedRun *run, int error) {
        const char *message = run->parser ? feed_parser_error(run->parser) : NULL;

        return message ? message : strerror(-error);
}

static bool url_is_taken(const FeedRun *run, const char *url) {
        LIST_FOREACH (runs, other, run->pipeline->feeds)
                if (other != run && streq(feed_address(&other->feed), url))
                        return true;

        return false;
}

static PollAnswer answer_from(const FeedRun *run, const HttpResponse *response) {
        PollAnswer answer = {
                .status = response->status,
                .url = response->url,
                .n_redirects = response->n_redirects,
                .moved_permanently = response->moved_permanently,
                .probed = run->sent.probe,
                .etag = response->etag,
                .last_modified = response->last_modified,
                .date_usec = response->date_usec,
                .body_hash = run->body_hash[0] != '\0' ? run->body_hash : NULL,
                .max_age_usec = response->max_age_usec,
                .retry_after_usec = response->retry_after_usec,
        };

        /* They go to the address that gave them alone; redirects may lead elsewhere now. */
        if (run->sent.etag || run->sent.last_modified)
                answer.asked_conditionally = run->sent.url ? streq_ptr(run->sent.url, response->url)
                                                           : response->n_redirects == 0;
        if (response->moved_permanently)
                answer.url_is_taken = url_is_taken(run, response->url);
        return answer;
}

/* An answer that was read to its end as HTTP. @r: what the parser said to it. */
static void poll_answered(FeedRun *run, const HttpResponse *response, bool same, int r) {
        PollAnswer answer = answer_from(run, response);
        char text[64];

        if (r < 0) {
                poll_failed(run, response, FEED_TROUBLE_NO_FEED, parser_trouble(run, r));
                return;
        }
        if (response->status == 304 && (answer.asked_conditionally || answer.probed)) {
                answer.outcome = POLL_NOT_MODIFIED;
                poll_end(run, &answer);
                return;
        }
        if (same) {
                answer.outcome = POLL_SAME;
                poll_end(run, &answer);
                return;
        }
        if (!run->parser) {
                FeedTrouble trouble = schedule_trouble(response->status);

                if (response->challenge)
                        trouble = FEED_TROUBLE_CHALLENGE;
                (void) snprintf(text, sizeof(text), "HTTP status %u%s", response->status,
                        response->challenge               ? ", a page that asks for a browser"
                                : response->status == 304 ? " to an unconditional request"
                                                          : "");
                poll_failed(run, response, trouble, text);
                return;
        }

        /* A body that ends with its connection can be cut off and nobody tells. When it ends the
         * same way twice, it is the feed that lacks its end. */
        answer.cut = feed_parser_is_cut(run->parser) &&
                !streq_ptr(answer.body_hash, run->feed.body_hash);
        answer.outcome = POLL_READ;
        poll_end(run, &answer);
}

static void on_done(HttpRequest *request _unused_, const HttpResponse *response,
        HttpFailure failure, int error, const char *message, void *userdata) {
        FeedRun *run = userdata;
        _cleanup_free_ char *text = NULL;
        bool same = false;
        int r = error;

        run->request = NULL;
        if (!pipeline_gate_leave(run, response, failure, message)) {
                if (pipeline_settle(run, /* whole= */ false) >= 0) /* what came of its list */
                        pipeline_commit_soon(run->pipeline);
                poll_clear(run);
                pipeline_check_idle(run->pipeline);
                return;
        }

        /* What a cut-off answer held until then counts. */
        if (failure != HTTP_ABORTED)
                r = body_end(run, /* whole= */ failure == HTTP_OK, &same);
        /* The store failed below an item: the run was reset, and waits. */
        if ((r < 0 && r != -EBADMSG && r != -ENOMEM && run->pipeline->store_in_trouble) ||
                pipeline_settle(run,
                        failure == HTTP_OK && r >= 0 && run->parser &&
                                !feed_parser_is_cut(run->parser)) < 0) {
                poll_clear(run);
                pipeline_check_idle(run->pipeline);
                return;
        }

        if (failure == HTTP_ABORTED)
                poll_failed(run, response, FEED_TROUBLE_NO_FEED, parser_trouble(run, error));
        else if (failure == HTTP_TOO_LARGE && run->parser && feed_parser_n_items(run->parser) > 0) {
                /* It will be as large next time: count what was read as read, so that its first
                 * poll ends, but keep no validator. */
                run->feed.polled_once = true;
                if (asprintf(&text, "longer than %s, or a bomb; the first %zu items were read",
                            FORMAT_BYTES(FEED_BYTES_MAX), feed_parser_n_items(run->parser)) < 0)
                        text = NULL;
                poll_failed(run, response, FEED_TROUBLE_REFUSED, text);
        } else if (failure != HTTP_OK)
                poll_failed(run, response, failure_trouble(failure), message);
        else
                poll_answered(run, response, same, r);
}

/* --- the beginning --- */

/* What decides on what is served, and on how it is read: when it changes, what was served before
 * says nothing. Short on purpose: it tells a change and not the secret. "-": nothing special. */
static int access_key(
        const FeedSettings *settings, const char *authorization, char ret[static 16]) {
        const char *const parts[] = { authorization, settings->xpath_item.text,
                settings->xpath_title.text, settings->xpath_link.text, settings->xpath_summary.text,
                settings->xpath_date.text };
        _cleanup_(digest_freep) Digest *digest = NULL;
        char hex[DIGEST_HEX_CHARS + 1];
        int r;

        if (!authorization && !settings->headers && settings->kind != FEED_KIND_XPATH) {
                memcpy(ret, "-", sizeof("-"));
                return 0;
        }

        digest = digest_new();
        if (!digest)
                return -ENOMEM;
        for (size_t i = 0; i < ELEMENTSOF(parts); i++) {
                r = digest_add_str(digest, parts[i]);
                if (r < 0)
                        return r;
        }
        STRV_FOREACH (header, settings->headers) {
                r = digest_add_str(digest, *header);
                if (r < 0)
                        return r;
        }
        r = digest_finish_hex(digest, hex);
        if (r < 0)
                return r;
        (void) snprintf(ret, 16, "%.8s", hex);
        return 0;
}

/* Where the feed has moved to another server, it is not the one that secrets were configured for.
 */
static bool is_at_home(const Feed *feed) {
        _cleanup_free_ char *configured = NULL, *asked = NULL;

        return !feed->moved_to ||
                (url_origin(feed->url, &configured) >= 0 &&
                        url_origin(feed->moved_to, &asked) >= 0 && streq(configured, asked));
}

static int run_request(FeedRun *run, const char *authorization) {
        const FeedSettings *settings = run->settings;
        bool at_home = is_at_home(&run->feed);
        char key[16];
        int r;

        r = access_key(settings, authorization, key);
        if (r < 0)
                return r;
        r = validators_check_access(&run->feed, key);
        if (r < 0)
                return r;
        run->sent = poll_validators(&run->feed, run->poll_usec);
        if (run->sent.probe)
                log_debug("Feed '%s' has not been modified for long, asking whether that is so",
                        run->feed.name);

        return http_request_start(run->pipeline->options.http,
                &(HttpSpec){
                        .class = HTTP_FEED,
                        .url = feed_address(&run->feed),
                        .headers = at_home ? (const char *const *) settings->headers : NULL,
                        .authorization = at_home ? authorization : NULL,
                        .if_none_match = run->sent.etag,
                        .if_modified_since = run->sent.last_modified,
                        .conditional_url = run->sent.url,
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
}

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
                        poll_failed(run, NULL, FEED_TROUBLE_REFUSED, text);
                        return;
                }
        }

        r = run_request(run, authorization);
        if (r < 0)
                poll_failed(run, NULL, FEED_TROUBLE_REFUSED, strerror(-r));
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

/* --- life --- */

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
        run->phase = schedule_phase(run->feed.url, p->machine);
        run->fresh = true;
        run->oldest_usec = USEC_INFINITY;
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
        } else /* not readable either: at least forget what may be newer than the items */
                validators_forget(&run->feed);
        run->polled = true;
        pipeline_arm(p, run->timer, at_usec);
}
