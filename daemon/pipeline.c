/* SPDX-License-Identifier: MIT */

/* Wiring, and the commit.
 *
 * All writes of all feeds join one open batch. A finished poll or page asks for a commit soon; what
 * comes together within 200 ms shares it, so that a thousand feeds do not cost a thousand fsyncs.
 * Deliveries commit at once, around each send, and take along what is open: a batch is whole
 * between any two items. When a commit fails, the batch is gone: every feed with rows in it goes
 * back to its row in the store and is polled again with the validators that are still there, so
 * nothing that was read is lost. */

#include "pipeline-internal.h"

#include <errno.h>

#include "base/crash.h"
#include "base/log.h"

/* Texts serve rescoring and need the room; keys guard against replays, however short the configured
 * retention. */
#define PRUNE_TEXT_USEC (30 * USEC_PER_DAY)
#define PRUNE_ITEM_USEC (90 * USEC_PER_DAY)
#define PRUNE_EVERY_USEC USEC_PER_HOUR
#define PRUNE_ROWS_MAX 500
/* While there is more to prune, the next step follows after this. */
#define PRUNE_STEP_USEC (500 * USEC_PER_MSEC)

usec_t pipeline_now(const Pipeline *p) {
        return clock_realtime(p->options.clock);
}

usec_t pipeline_boot_now(const Pipeline *p) {
        return clock_boottime(p->options.clock);
}

void pipeline_arm(Pipeline *p, sd_event_source *source, usec_t at_usec) {
        usec_t now = pipeline_now(p), boot = pipeline_boot_now(p);

        if (at_usec == USEC_INFINITY) {
                (void) sd_event_source_set_enabled(source, SD_EVENT_OFF);
                return;
        }

        (void) sd_event_source_set_time(source, usec_add(boot, usec_sub(at_usec, now)));
        (void) sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

/* --- the commit --- */

static void tell_raised(Pipeline *p) {
        for (size_t i = 0; i < p->n_raised; i++) {
                const Alert *alert = &p->raised[i];
                _cleanup_free_ char *reason = NULL, *story = NULL;
                char score[32];

                reason = verdict_reason(&alert->verdict, 400);
                if (asprintf(&story, "%" PRIi64, alert->story.id) < 0)
                        story = NULL;
                (void) log_event(LOG_NOTICE, 0, MESSAGE_ALERT_RAISED,
                        LOG_FIELDS({ "PICKET_PROFILE", alert->profile },
                                { "PICKET_FEED", alert->feed }, { "PICKET_STORY", story },
                                { "PICKET_SCORE", format_milli(alert->verdict.score_milli, score) },
                                { "PICKET_URL", alert->story.link },
                                { "PICKET_TITLE", alert->story.title },
                                { "PICKET_REASON", reason }),
                        "Alert for profile '%s': %s (%s)", alert->profile,
                        isempty(alert->story.title) ? strna(alert->story.link) : alert->story.title,
                        strna(reason));
        }
}

static void forget_raised(Pipeline *p) {
        for (size_t i = 0; i < p->n_raised; i++)
                alert_done(&p->raised[i]);
        p->n_raised = 0;
        p->desktop_raised = false;
}

void pipeline_store_failed(Pipeline *p, int error, const char *what) {
        usec_t again = usec_add(pipeline_now(p), PIPELINE_STORE_RETRY_USEC);
        _cleanup_free_ char *copy = strdup(store_error(p->options.store)); /* before the rollback */
        const char *detail = strempty(copy);

        store_rollback(p->options.store);
        forget_raised(p);
        p->commit_due = false;

        if (!p->store_in_trouble)
                (void) log_event(LOG_ERR, error, MESSAGE_STORE_TROUBLE,
                        LOG_FIELDS({ "PICKET_STORE_ERROR", detail }),
                        "Failed to %s in '%s': %m%s%s%s; nothing is lost, polling again in %s",
                        what, p->settings->state_directory, isempty(detail) ? "" : " (", detail,
                        isempty(detail) ? "" : ")", FORMAT_TIMESPAN(PIPELINE_STORE_RETRY_USEC));
        p->store_in_trouble = true;

        LIST_FOREACH_SAFE (runs, run, p->feeds)
                if (run->in_batch)
                        feed_run_reset(run, again);
        pipeline_arm(p, p->page_timer, again);
        pipeline_check_idle(p);
}

int pipeline_commit(Pipeline *p) {
        bool told = p->n_raised > 0, desktop = p->desktop_raised;
        int r;

        if (!store_has_batch(p->options.store))
                return 0;

        crash_point("before-commit");
        r = store_commit(p->options.store);
        if (r < 0) {
                pipeline_store_failed(p, r, "commit");
                return r;
        }
        crash_point("after-commit");

        if (p->store_in_trouble)
                log_notice("The store in '%s' can be written again", p->settings->state_directory);
        p->store_in_trouble = false;
        p->commit_due = false;
        LIST_FOREACH (runs, run, p->feeds)
                run->in_batch = false;

        tell_raised(p);
        forget_raised(p);
        if (told)
                outbox_kick(p->outbox);
        if (p->options.on_commit)
                p->options.on_commit(desktop, p->options.userdata);
        return 0;
}

static int on_commit_timer(
        sd_event_source *source _unused_, uint64_t usec _unused_, void *userdata) {
        Pipeline *p = userdata;

        p->commit_due = false;
        if (pipeline_commit(p) >= 0)
                pipeline_pages_kick(p);
        pipeline_check_idle(p);
        return 0;
}

void pipeline_commit_soon(Pipeline *p) {
        if (p->commit_due)
                return;

        p->commit_due = true;
        pipeline_arm(p, p->commit_timer, usec_add(pipeline_now(p), PIPELINE_GROUP_USEC));
}

/* --- the outbox's view of the store --- */

static int outbox_next(const char *sink, Delivery *ret, void *userdata) {
        Pipeline *p = userdata;
        int r;

        r = pipeline_commit(p); /* what is not durable is not sent */
        if (r < 0)
                return r;

        return store_delivery_next(p->options.store, sink, ret);
}

static int outbox_write(Pipeline *p, const Delivery *delivery) {
        int r;

        r = store_delivery_update(p->options.store, delivery);
        if (r < 0) {
                pipeline_store_failed(p, r, "record a delivery");
                return r;
        }
        if (delivery->state == DELIVERY_DONE)
                crash_point("before-done");

        return pipeline_commit(p);
}

static int outbox_begin(Delivery *delivery, void *userdata) {
        int r;

        r = outbox_write(userdata, delivery);
        if (r >= 0)
                crash_point("before-send");
        return r;
}

static int outbox_finish(const Delivery *delivery, void *userdata) {
        crash_point("after-send");
        return outbox_write(userdata, delivery);
}

/* --- telling what became of deliveries --- */

static void log_delivery(int level, const char *message_id, const Delivery *d, const char *what,
        const char *message) {
        (void) log_event(level, 0, message_id,
                LOG_FIELDS({ "PICKET_SINK", d->sink }, { "PICKET_DELIVERY", d->public_id },
                        { "PICKET_PROFILE", d->profile }, { "PICKET_REASON", message }),
                "%s sink '%s': %s%s%s", what, d->sink, strna(d->title), message ? ": " : "",
                strempty(message));
}

static void on_delivered(const Delivery *d, void *userdata) {
        pipeline_gate_delivered(userdata, d->sink);
        log_delivery(LOG_INFO, MESSAGE_DELIVERED, d, "Delivered to", NULL);
        pipeline_check_idle(userdata);
}

static void on_retry(const Delivery *d, const char *message, usec_t wait_usec, void *userdata) {
        _cleanup_free_ char *text = NULL;

        if (asprintf(&text, "%s; trying again in %s", strna(message), FORMAT_TIMESPAN(wait_usec)) <
                0)
                text = NULL;
        log_delivery(LOG_WARNING, MESSAGE_DELIVERY_RETRY, d, "Could not deliver to", text);
        pipeline_check_idle(userdata);
}

static void on_dead(const Delivery *d, const char *message, void *userdata) {
        log_delivery(LOG_ERR, MESSAGE_DELIVERY_DEAD, d, "Gave up delivering to", message);
        pipeline_check_idle(userdata);
}

static void on_sink_trouble(
        const char *sink, const char *message, usec_t wait_usec, void *userdata) {
        (void) log_event(LOG_ERR, 0, MESSAGE_SINK_TROUBLE,
                LOG_FIELDS({ "PICKET_SINK", sink }, { "PICKET_REASON", message }),
                "Sink '%s' takes nothing: %s; its queue waits, next try in %s", sink,
                strna(message), FORMAT_TIMESPAN(wait_usec));
        pipeline_check_idle(userdata);
}

static void on_sink_recovered(const char *sink, void *userdata _unused_) {
        (void) log_event(LOG_NOTICE, 0, MESSAGE_SINK_RECOVERED, LOG_FIELDS({ "PICKET_SINK", sink }),
                "Sink '%s' takes deliveries again", sink);
}

/* --- retention --- */

/* Webhooks give up by themselves; for the rest time decides. Negative: the store failed. */
static int expire_unclaimed(Pipeline *p, usec_t now) {
        _cleanup_(strv_freep) char **webhooks = NULL;
        int r;

        for (size_t i = 0; i < p->settings->n_sinks; i++) {
                if (p->settings->sinks[i].type != SINK_WEBHOOK)
                        continue;
                r = strv_extend(&webhooks, p->settings->sinks[i].name.text);
                if (r < 0)
                        return r;
        }

        r = store_deliveries_expire(p->options.store, webhooks,
                usec_sub(now, PIPELINE_DESKTOP_AGE_USEC), now, "nobody took it in time");
        if (r > 0)
                log_notice(
                        "%i deliveries found nobody to take them within %s; they are kept as dead "
                        "letters",
                        r, FORMAT_TIMESPAN(PIPELINE_DESKTOP_AGE_USEC));
        return r;
}

static int on_prune_timer(
        sd_event_source *source _unused_, uint64_t usec _unused_, void *userdata) {
        Pipeline *p = userdata;
        const StoreRetention retention = {
                .text_usec = MIN(p->settings->retention_usec, PRUNE_TEXT_USEC),
                .item_usec = MAX(p->settings->retention_usec, PRUNE_ITEM_USEC),
                .alert_usec = p->settings->retention_usec,
        };
        usec_t now = pipeline_now(p);
        int more;

        more = expire_unclaimed(p, now);
        if (more >= 0)
                more = store_hosts_prune(p->options.store, now);
        if (more >= 0)
                more = store_prune(p->options.store, &retention, now, PRUNE_ROWS_MAX);
        if (more < 0)
                pipeline_store_failed(p, more, "prune");
        else if (store_has_batch(p->options.store))
                pipeline_commit_soon(p);

        pipeline_arm(
                p, p->prune_timer, usec_add(now, more > 0 ? PRUNE_STEP_USEC : PRUNE_EVERY_USEC));
        return 0;
}

/* --- idle, for once --- */

static int on_idle_check(sd_event_source *source _unused_, void *userdata) {
        Pipeline *p = userdata;

        LIST_FOREACH (runs, run, p->feeds)
                if (run->request || (!run->polled && feed_run_due(run) <= pipeline_now(p)))
                        return 0;
        /* Nobody is left to share the commit with. */
        if (p->commit_due)
                pipeline_arm(p, p->commit_timer, pipeline_now(p));
        if (p->commit_due || store_has_batch(p->options.store) || !pipeline_pages_idle(p) ||
                !outbox_is_idle(p->outbox))
                return 0;

        p->options.on_idle(p->options.userdata);
        return 0;
}

void pipeline_check_idle(Pipeline *p) {
        if (p->options.once && p->gate.n_inside == 0) /* else the last of them asks again */
                (void) sd_event_source_set_enabled(p->idle_check, SD_EVENT_ONESHOT);
}

/* --- life --- */

static int on_page_timer(sd_event_source *source _unused_, uint64_t usec _unused_, void *userdata) {
        Pipeline *p = userdata;

        if (pipeline_commit(p) >= 0)
                pipeline_pages_kick(p);
        pipeline_check_idle(p);
        return 0;
}

static int add_timer(Pipeline *p, const char *description, sd_event_time_handler_t handler,
        sd_event_source **ret) {
        int r;

        r = sd_event_add_time(p->options.event, ret, CLOCK_BOOTTIME, USEC_INFINITY,
                10 * USEC_PER_MSEC, handler, p);
        if (r < 0)
                return r;
        r = sd_event_source_set_enabled(*ret, SD_EVENT_OFF);
        if (r < 0)
                return r;

        return sd_event_source_set_description(*ret, description);
}

/* The machine id itself is not for others to see (machine-id(5)). */
static void machine_name(char ret[static SD_ID128_STRING_MAX]) {
        static const sd_id128_t application =
                SD_ID128_MAKE(0f, 47, 8e, 02, 0e, 0e, 49, 60, 81, 84, 5e, 2e, c7, 40, 0d, bd);
        sd_id128_t id;

        if (sd_id128_get_machine_app_specific(application, &id) >= 0)
                (void) sd_id128_to_string(id, ret);
}

int pipeline_new(const PipelineOptions *options, Pipeline **ret) {
        _cleanup_(pipeline_freep) Pipeline *p = NULL;
        int r;

        p = new0(Pipeline, 1);
        if (!p)
                return -ENOMEM;

        p->options = *options;
        random_init(&p->random);
        machine_name(p->machine);

        r = add_timer(p, "commit", on_commit_timer, &p->commit_timer);
        if (r < 0)
                return r;
        r = add_timer(p, "pages", on_page_timer, &p->page_timer);
        if (r < 0)
                return r;
        r = add_timer(p, "prune", on_prune_timer, &p->prune_timer);
        if (r < 0)
                return r;
        r = sd_event_add_defer(options->event, &p->idle_check, on_idle_check, p);
        if (r < 0)
                return r;
        (void) sd_event_source_set_enabled(p->idle_check, SD_EVENT_OFF);
        /* Behind all that may still be going to happen in this turn. */
        (void) sd_event_source_set_priority(p->idle_check, SD_EVENT_PRIORITY_IDLE);
        (void) sd_event_source_set_description(p->idle_check, "idle check");

        r = pipeline_gate_open(p);
        if (r < 0)
                return r;
        r = pipeline_gate_restore(p);
        if (r < 0)
                return r;

        r = outbox_new(options->event, options->http, options->clock,
                &(const OutboxStore){ outbox_next, outbox_begin, outbox_finish, p },
                &(const OutboxObserver){
                        .on_delivered = on_delivered,
                        .on_retry = on_retry,
                        .on_dead = on_dead,
                        .on_sink_trouble = on_sink_trouble,
                        .on_sink_recovered = on_sink_recovered,
                        .userdata = p,
                },
                &p->outbox);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(p);
        return 0;
}

Pipeline *pipeline_free(Pipeline *p) {
        if (!p)
                return NULL;

        while (p->feeds)
                (void) feed_run_free(p->feeds);
        while (p->pages)
                (void) page_run_free(p->pages);
        pipeline_gate_close(p);
        pipeline_robots_close(p);
        (void) outbox_free(p->outbox);
        forget_raised(p);
        free(p->raised);
        sd_event_source_disable_unref(p->commit_timer);
        sd_event_source_disable_unref(p->page_timer);
        sd_event_source_disable_unref(p->prune_timer);
        sd_event_source_disable_unref(p->idle_check);
        return mfree(p);
}

static FeedRun *find_run(const Pipeline *p, const char *name) {
        LIST_FOREACH (runs, run, p->feeds)
                if (streq(run->feed.name, name))
                        return run;

        return NULL;
}

/* Feeds that stay keep their runs; one whose address changed starts anew. */
static int take_feeds(Pipeline *p, const Settings *settings) {
        _cleanup_(hashmap_freep) Hashmap *old = NULL;
        int r;

        old = hashmap_new(/* free_value= */ NULL);
        if (!old)
                return -ENOMEM;
        LIST_FOREACH (runs, run, p->feeds) {
                r = hashmap_put(old, run->feed.name, run);
                if (r < 0)
                        return r;
        }

        for (size_t i = 0; i < settings->n_feeds; i++) {
                const FeedSettings *feed = &settings->feeds[i];
                FeedRun *run = hashmap_get(old, feed->name.text);

                if (run && streq(run->feed.url, feed->url.text)) {
                        run->settings = feed;
                } else {
                        r = feed_run_new(p, feed, &run);
                        if (r < 0)
                                return r;
                }
                run->configured = true;
        }

        return 0;
}

int pipeline_set_configuration(Pipeline *p, const Settings *settings, ProfileSet *profiles) {
        const Settings *old_settings = p->settings;
        int r;

        /* What is open belongs to the old configuration and is whole; from here on the batch is
         * ours alone. */
        r = pipeline_commit(p);
        if (r < 0)
                return r;

        LIST_FOREACH (runs, run, p->feeds)
                run->configured = run->fresh = false;
        p->settings = settings;
        r = take_feeds(p, settings);
        if (r >= 0)
                r = outbox_set_sinks(p->outbox, settings);
        if (r >= 0 && !p->profiles) {
                r = store_deliveries_recover(p->options.store);
                if (r > 0)
                        log_notice(
                                "%i deliveries were in flight when Picket last stopped; sending them again",
                                r);
        }
        if (r >= 0)
                r = pipeline_commit(p);
        if (r < 0) {
                store_rollback(p->options.store);
                p->settings = old_settings;
                LIST_FOREACH_SAFE (runs, run, p->feeds) {
                        if (run->fresh)
                                (void) feed_run_free(run);
                        else
                                run->settings = settings_find_feed(old_settings, run->feed.name);
                }
                if (old_settings && outbox_set_sinks(p->outbox, old_settings) < 0)
                        log_warning("Failed to go back to the old sinks; their queues wait");
                return r;
        }

        p->profiles = profiles;
        LIST_FOREACH_SAFE (runs, run, p->feeds) {
                if (!run->configured)
                        (void) feed_run_free(run);
                else
                        feed_run_schedule(run);
        }

        if (!p->options.once)
                pipeline_arm(p, p->prune_timer, usec_add(pipeline_now(p), USEC_PER_MINUTE));
        outbox_kick(p->outbox);
        pipeline_pages_kick(p);
        pipeline_check_idle(p);
        return 0;
}

int pipeline_stop(Pipeline *p) {
        return pipeline_commit(p);
}

int pipeline_poll(Pipeline *p, const char *name, usec_t *ret_until_usec) {
        FeedRun *run = find_run(p, name);

        if (!run)
                return -ENOENT;
        if (run->request)
                return -EALREADY;
        if (run->feed.retry_after_usec > pipeline_now(p)) {
                *ret_until_usec = run->feed.retry_after_usec;
                return -EAGAIN;
        }

        return pipeline_gate_enter_now(run, ret_until_usec);
}

void pipeline_kick(Pipeline *p) {
        outbox_kick(p->outbox);
}

Outbox *pipeline_outbox(Pipeline *p) {
        return p->outbox;
}

size_t pipeline_n_polling(const Pipeline *p) {
        size_t n = 0;

        LIST_FOREACH (runs, run, p->feeds)
                n += run->request != NULL;

        return n;
}

/* --- desktop --- */

int pipeline_desktop_claim(Pipeline *p, uint32_t uid, size_t n_max, Delivery **ret, size_t *ret_n) {
        _cleanup_(strv_freep) char **sinks = NULL;
        int r;

        for (size_t i = 0; i < p->settings->n_sinks; i++) {
                if (p->settings->sinks[i].type != SINK_DESKTOP)
                        continue;
                r = strv_extend(&sinks, p->settings->sinks[i].name.text);
                if (r < 0)
                        return r;
        }

        r = pipeline_commit(p);
        if (r < 0)
                return r;
        r = store_desktop_claim(p->options.store, uid, sinks, pipeline_now(p),
                PIPELINE_CLAIM_LEASE_USEC, PIPELINE_DESKTOP_AGE_USEC, n_max, ret, ret_n);
        if (r < 0) {
                pipeline_store_failed(p, r, "record a claim");
                return r;
        }
        r = pipeline_commit(p);
        if (r < 0) {
                *ret = delivery_array_free(*ret, *ret_n);
                *ret_n = 0;
        }

        return r;
}

int pipeline_desktop_acknowledge(Pipeline *p, uint32_t uid, char *const *ids) {
        int r;

        for (; ids && *ids; ids++) {
                r = store_desktop_acknowledge(p->options.store, uid, *ids, pipeline_now(p));
                if (r == -ENOENT)
                        continue; /* pruned meanwhile, or never this user's */
                if (r < 0) {
                        pipeline_store_failed(p, r, "record an acknowledgement");
                        return r;
                }
        }

        return pipeline_commit(p);
}
