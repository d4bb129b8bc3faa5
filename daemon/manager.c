/* SPDX-License-Identifier: MIT */

#include "manager-internal.h"

#include <errno.h>
#include <signal.h>
#include <systemd/sd-daemon.h>

#include "base/log.h"
#include "configuration.h"

/* picketd --once ends within 45 s: what is held goes out at the first mark, at the second it stops
 * with what is durable. */
#define ONCE_HELD_USEC (36 * USEC_PER_SEC)
#define ONCE_END_USEC (43 * USEC_PER_SEC)

/* --- what systemd is told --- */

static void manager_update_status(Manager *m) {
        uint64_t n_pending, n_dead;
        char *status;

        /* The first commit comes while the first configuration is being taken in. */
        if (!m->settings || store_queue(m->store, /* sink= */ NULL, &n_pending, &n_dead) < 0 ||
                asprintf(&status,
                        "Watching %zu feeds for %zu profiles; %" PRIu64 " deliveries wait, %" PRIu64
                        " dead",
                        m->settings->n_feeds, m->settings->n_profiles, n_pending, n_dead) < 0)
                return;

        if (!streq_ptr(status, m->status))
                (void) sd_notifyf(/* unset_environment= */ false, "STATUS=%s", status);
        free(m->status);
        m->status = status;
}

/* --- configuration --- */

static void log_diags(const Diags *diags) {
        for (size_t i = 0; i < diags->n_items; i++) {
                const Diag *d = &diags->items[i];
                char line[32] = "";

                if (d->line > 0)
                        (void) snprintf(line, sizeof line, d->column > 0 ? ":%u:%u" : ":%u",
                                d->line, d->column);
                (void) log_event(d->severity == DIAG_ERROR ? LOG_ERR : LOG_WARNING, 0,
                        d->severity == DIAG_ERROR ? MESSAGE_CONFIGURATION_BAD : NULL,
                        LOG_FIELDS({ "PICKET_FILE", d->file }, { "PICKET_LINE", d->source }),
                        "%s%s%s%s", strempty(d->file), line, d->file ? ": " : "", d->message);
        }
}

static int set_user_agent(HttpClient *http, const Settings *settings) {
        _cleanup_free_ char *agent = NULL;
        int n;

        if (settings->contact)
                n = asprintf(&agent, "Picket/%s (+%s)", PICKET_VERSION, settings->contact);
        else
                n = asprintf(&agent, "Picket/%s", PICKET_VERSION);
        if (n < 0) {
                agent = NULL;
                return -ENOMEM;
        }

        return http_client_set_user_agent(http, agent);
}

/* All new is made first and swapped in at the end: whatever fails, the old configuration goes on.
 */
static int manager_take_configuration(Manager *m, Settings **settings, ProfileSet **profiles) {
        int r;

        r = set_user_agent(m->http, *settings);
        if (r < 0)
                return r;
        r = pipeline_set_configuration(m->pipeline, *settings, *profiles);
        if (r < 0)
                return r;

        (void) settings_free(m->settings);
        m->settings = TAKE_PTR(*settings);
        (void) profile_set_free(m->profiles);
        m->profiles = TAKE_PTR(*profiles);
        return 0;
}

static char *diags_to_text(const Diags *diags) {
        char *text = NULL;
        size_t n_bytes;
        FILE *f;

        f = open_memstream(&text, &n_bytes);
        if (!f)
                return NULL;

        diags_print(diags, f, /* color= */ false);
        if (fclose(f) != 0)
                return mfree(text);

        return text;
}

/* *ret_text (may be NULL) gets the diagnostics. -EINVAL: the new configuration is bad. */
int manager_reload(Manager *m, char **ret_text) {
        _cleanup_(diags_done) Diags diags = {};
        _cleanup_(settings_freep) Settings *settings = NULL;
        _cleanup_(profile_set_freep) ProfileSet *profiles = NULL;
        int r;

        (void) sd_notifyf(/* unset_environment= */ false, "RELOADING=1\nMONOTONIC_USEC=%" PRIu64,
                clock_boottime(&clock_system));

        r = configuration_load(&m->options.source, &diags, &settings, &profiles);
        log_diags(&diags);
        if (r >= 0 && !streq(settings->state_directory, m->settings->state_directory))
                log_warning("state-directory is now '%s'; staying with '%s' until the next start",
                        settings->state_directory, m->settings->state_directory);
        if (r >= 0)
                r = manager_take_configuration(m, &settings, &profiles);

        if (r < 0) {
                if (ret_text)
                        *ret_text = diags_to_text(&diags);
                (void) log_event(LOG_ERR, r, MESSAGE_CONFIGURATION_BAD, NULL,
                        "The new configuration is not taken (%zu errors); going on with the old one",
                        diags.n_errors);
        } else
                (void) log_event(LOG_NOTICE, 0, MESSAGE_CONFIGURATION_RELOADED, NULL,
                        "The configuration was read again: %zu feeds, %zu profiles, %zu sinks",
                        m->settings->n_feeds, m->settings->n_profiles, m->settings->n_sinks);

        (void) sd_notify(/* unset_environment= */ false, "READY=1");
        m->status = mfree(m->status);
        manager_update_status(m);
        return r;
}

static int on_sighup(sd_event_source *source _unused_, const struct signalfd_siginfo *info _unused_,
        void *userdata) {
        (void) manager_reload(
                userdata, /* ret_text= */ NULL); /* logged there; the old state stays */
        return 0;
}

/* --- the pipeline's news --- */

static void on_commit(bool desktop, void *userdata) {
        Manager *m = userdata;

        manager_update_status(m);
        if (desktop && m->bus)
                bus_server_emit_pending(m->bus);
}

static void on_idle(void *userdata) {
        Manager *m = userdata;

        (void) sd_event_exit(m->event, MANAGER_OK);
}

static int on_once_timer(sd_event_source *source, uint64_t usec, void *userdata) {
        Manager *m = userdata;
        int r;

        if (m->held_finished) {
                log_notice("Time is up; what is left is kept for the next run");
                return sd_event_exit(m->event, MANAGER_OK);
        }

        m->held_finished = true;
        r = pipeline_finish_held(m->pipeline);
        if (r < 0)
                log_debug("What is held for pages stays so: it is durable"); /* the store's trouble
                                                                                was told */
        (void) sd_event_source_set_time(source, usec_add(usec, ONCE_END_USEC - ONCE_HELD_USEC));
        return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

/* --- start and stop --- */

static Manager *manager_free(Manager *m) {
        if (!m)
                return NULL;

        manager_forget_test(m);
        manager_close_network(m);
        (void) bus_server_free(m->bus);
        (void) pipeline_free(m->pipeline);
        (void) http_client_free(m->http);
        (void) store_close(m->store);
        (void) profile_set_free(m->profiles);
        (void) settings_free(m->settings);
        sd_event_source_disable_unref(m->once_timer);
        sd_event_unref(m->event);
        free(m->status);
        return mfree(m);
}
DEFINE_POINTER_CLEANUP(Manager, manager_free);

static int manager_open_loop(Manager *m) {
        int r;

        r = sd_event_default(&m->event);
        if (r < 0)
                return log_error_errno(r, "Failed to make the event loop: %m");
        r = sd_event_set_signal_exit(m->event, true);
        if (r < 0)
                return log_error_errno(r, "Failed to watch for SIGTERM: %m");
        r = sd_event_add_signal(m->event, /* ret= */ NULL, SIGHUP, on_sighup, m);
        if (r < 0)
                return log_error_errno(r, "Failed to watch for SIGHUP: %m");
        r = sd_event_set_watchdog(m->event, true);
        if (r < 0)
                return log_error_errno(r, "Failed to start the watchdog: %m");
        if (m->options.once) {
                r = sd_event_add_time_relative(m->event, &m->once_timer, CLOCK_BOOTTIME,
                        ONCE_HELD_USEC, 100 * USEC_PER_MSEC, on_once_timer, m);
                if (r < 0)
                        return log_error_errno(r, "Failed to set the time limit: %m");
                (void) sd_event_source_set_description(m->once_timer, "once");
        }

        return 0;
}

static int manager_open_store(Manager *m, const char *directory) {
        _cleanup_free_ char *message = NULL;
        int r;

        r = store_open(directory, /* flags= */ 0, &m->store, &message);
        if (r == -EBUSY)
                return log_error_errno(
                        r, "Another picketd uses '%s'; not starting a second one", directory);
        if (r < 0)
                return log_event(LOG_ERR, r, MESSAGE_STORE_TROUBLE, NULL,
                        "Failed to open the store in '%s': %s", directory,
                        message ? message : strerror(-r));

        if (store_upgraded_from(m->store) > 0)
                (void) log_event(LOG_NOTICE, 0, MESSAGE_STORE_UPGRADED, NULL,
                        "The store in '%s' was upgraded from version %i", directory,
                        store_upgraded_from(m->store));
        return 0;
}

static int manager_open_stages(Manager *m) {
        const PipelineOptions pipeline = {
                .event = m->event,
                .http = m->http,
                .store = m->store,
                .clock = &clock_system,
                .once = m->options.once,
                .on_commit = on_commit,
                .on_idle = on_idle,
                .on_network = manager_on_network,
                .userdata = m,
        };
        int r;

        r = pipeline_new(&pipeline, &m->pipeline);
        if (r < 0)
                return log_error_errno(r, "Failed to set up: %m");
        if (m->options.once)
                return 0;

        manager_watch_sleep(m);
        return manager_open_bus(m);
}

/* 0, or an exit status. */
static int manager_start(Manager *m) {
        _cleanup_(diags_done) Diags diags = {};
        _cleanup_(settings_freep) Settings *settings = NULL;
        _cleanup_(profile_set_freep) ProfileSet *profiles = NULL;
        int r;

        r = configuration_load(&m->options.source, &diags, &settings, &profiles);
        log_diags(&diags);
        if (r < 0) {
                (void) log_event(LOG_ERR, r, MESSAGE_CONFIGURATION_BAD, NULL,
                        "The configuration cannot be used (%zu errors): not starting",
                        diags.n_errors);
                return r == -EINVAL || r == -ENOENT ? MANAGER_CONFIG : MANAGER_FAILURE;
        }

        if (manager_open_loop(m) < 0 || manager_open_store(m, settings->state_directory) < 0)
                return MANAGER_FAILURE;

        r = http_client_new(m->event, "Picket/" PICKET_VERSION, &m->http);
        if (r < 0) {
                (void) log_error_errno(r, "Failed to set up HTTP: %m");
                return MANAGER_FAILURE;
        }
        if (manager_open_stages(m) < 0)
                return MANAGER_FAILURE;

        r = manager_take_configuration(m, &settings, &profiles);
        if (r < 0) {
                (void) log_error_errno(r, "Failed to take the configuration: %m");
                return MANAGER_FAILURE;
        }

        return MANAGER_OK;
}

int manager_run(const ManagerOptions *options) {
        _cleanup_(manager_freep) Manager *m = NULL;
        int r, status;

        m = new0(Manager, 1);
        if (!m) {
                (void) log_oom();
                return MANAGER_FAILURE;
        }
        m->options = *options;
        m->started_usec = clock_realtime(&clock_system);

        status = manager_start(m);
        if (status != MANAGER_OK) {
                (void) sd_notifyf(/* unset_environment= */ false,
                        "STOPPING=1\nSTATUS=Could not start, see the journal");
                return status;
        }

        (void) sd_notify(/* unset_environment= */ false, "READY=1");
        manager_update_status(m);
        (void) log_event(options->once ? LOG_DEBUG : LOG_NOTICE, 0, MESSAGE_STARTED, NULL,
                "Picket %s: watching %zu feeds for %zu profiles, %zu sinks, state in '%s'",
                PICKET_VERSION, m->settings->n_feeds, m->settings->n_profiles, m->settings->n_sinks,
                m->settings->state_directory);

        r = sd_event_loop(m->event);
        (void) sd_notify(/* unset_environment= */ false, "STOPPING=1\nSTATUS=Stopping");
        if (r < 0) {
                (void) log_error_errno(r, "The event loop failed: %m");
                status = MANAGER_FAILURE;
        } else
                status = r;

        r = pipeline_stop(m->pipeline);
        return r < 0 ? MANAGER_FAILURE : status;
}

int manager_check(const ManagerOptions *options) {
        _cleanup_(diags_done) Diags diags = {};
        _cleanup_(settings_freep) Settings *settings = NULL;
        _cleanup_(profile_set_freep) ProfileSet *profiles = NULL;
        int r;

        r = configuration_load(&options->source, &diags, &settings, &profiles);
        diags_print(&diags, stderr, /* color= */ false);
        if (r < 0)
                return r == -EINVAL || r == -ENOENT ? MANAGER_CONFIG : MANAGER_FAILURE;

        return MANAGER_OK;
}
