/* SPDX-License-Identifier: MIT */
#pragma once

/* The road from a feed's bytes to what is delivered: the one place that knows all stages. It polls
 * feeds that are due, hands bytes to the parser, decides of each item whether it is new, scores it,
 * asks for its page, joins it to a story, raises alerts and queues their deliveries; and it decides
 * what one commit holds (store/store.h). Made and fed by the manager. */

#include "http/http.h"
#include "match/profile.h"
#include "settings/settings.h"
#include "store/store.h"

typedef struct Pipeline Pipeline;

typedef struct PipelineOptions {
        sd_event *event;
        HttpClient *http;
        Store *store;
        const Clock *clock;
        bool once; /* poll what is due, once */
        void (*on_commit)(
                bool desktop, void *userdata); /* with desktop: agents have something to claim */
        void (*on_idle)(void *userdata);       /* with once: all is done that can be done now */
        /* The network went, or came back; may be NULL. Whoever can tell of changes while it is gone
         * calls pipeline_network_changed(). */
        void (*on_network)(bool online, void *userdata);
        void *userdata;
} PipelineOptions;

int pipeline_new(const PipelineOptions *options, Pipeline **ret) _warn_unused_;
Pipeline *pipeline_free(Pipeline *pipeline);
DEFINE_POINTER_CLEANUP(Pipeline, pipeline_free);

/* Takes a configuration, the first or a new one; both are borrowed until the next call or the
 * pipeline's end. Feeds that stay keep their state and timers. 0, or a negative error that leaves
 * the old configuration in force. */
int pipeline_set_configuration(
        Pipeline *pipeline, const Settings *settings, ProfileSet *profiles) _warn_unused_;

/* Commits what is open. For an orderly stop; what is in flight is forgotten and will be done again.
 */
int pipeline_stop(Pipeline *pipeline) _warn_unused_;
/* With once, when time is up: raises what is held for pages and commits. */
int pipeline_finish_held(Pipeline *pipeline) _warn_unused_;

/* Polls @feed now. 0; -ENOENT: no such feed; -EAGAIN: its server asked to be left alone until
 * *ret_until_usec (wall clock); -EALREADY: it is being polled. */
int pipeline_poll(Pipeline *pipeline, const char *feed, usec_t *ret_until_usec) _warn_unused_;
/* The machine slept, or is back from it. */
void pipeline_resumed(Pipeline *pipeline);
/* Links, addresses or routes of the machine changed. */
void pipeline_network_changed(Pipeline *pipeline);
/* "online", "offline" or "resuming", since *ret_since_usec (wall clock; USEC_INFINITY: always). */
const char *pipeline_network_state(const Pipeline *pipeline, usec_t *ret_since_usec);
/* Looks into the outbox again: after somebody else changed it. */
void pipeline_kick(Pipeline *pipeline);

/* Desktop deliveries for one user; see store_desktop_claim(). */
int pipeline_desktop_claim(Pipeline *pipeline, uint32_t uid, size_t n_max, Delivery **ret,
        size_t *ret_n) _warn_unused_;
int pipeline_desktop_acknowledge(Pipeline *pipeline, uint32_t uid, char *const *ids) _warn_unused_;

/* The engine that sends, for tests of sinks and status; lent. */
struct Outbox *pipeline_outbox(Pipeline *pipeline);
size_t pipeline_n_polling(const Pipeline *pipeline);
