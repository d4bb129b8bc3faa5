/* SPDX-License-Identifier: MIT */
#pragma once

/* The outbox at work: one queue per webhook sink, in order, one delivery in flight each; a slow or
 * dead sink delays no other. The rows are the store's; this engine asks for the next one, sends it,
 * and says what became of it. Nothing is sent that is not committed, and the next one goes out only
 * when the last one's outcome is committed. Desktop deliveries are not sent from here: agents claim
 * them (bus/). */

#include "base/random.h"
#include "deliver/sink.h"
#include "http/http.h"

typedef struct Outbox Outbox;

/* The store's side, set by the pipeline. All commit before they return. */
typedef struct OutboxStore {
        /* The oldest delivery of @sink that is pending, whether due or not, for delivery_done(). 0,
         * or -ENOENT when the queue is empty. */
        int (*next)(const char *sink, Delivery *ret, void *userdata);
        /* An attempt begins: state SENDING, committed. */
        int (*begin)(Delivery *delivery, void *userdata);
        /* It was accepted, will be tried again, or is dead: as *delivery says now. */
        int (*finish)(const Delivery *delivery, void *userdata);
        void *userdata;
} OutboxStore;

/* Told after each change, for the journal and status. @wait_usec: until the next try; 0 when there
 * is none. */
typedef struct OutboxObserver {
        void (*on_delivered)(const Delivery *delivery, void *userdata);
        void (*on_retry)(
                const Delivery *delivery, const char *message, usec_t wait_usec, void *userdata);
        void (*on_dead)(const Delivery *delivery, const char *message, void *userdata);
        void (*on_sink_trouble)(
                const char *sink, const char *message, usec_t wait_usec, void *userdata);
        void (*on_sink_recovered)(const char *sink, void *userdata);
        void *userdata;
} OutboxObserver;

int outbox_new(sd_event *event, HttpClient *http, const Clock *clock, const OutboxStore *store,
        const OutboxObserver *observer, Outbox **ret) _warn_unused_;
Outbox *outbox_free(Outbox *outbox);
DEFINE_POINTER_CLEANUP(Outbox, outbox_free);

/* Takes the sinks of a (new) configuration, which must outlive the outbox or the next call. Queues
 * of sinks that are gone rest. */
int outbox_set_sinks(Outbox *outbox, const Settings *settings) _warn_unused_;
/* There may be something new to send: after each commit that raised alerts. */
void outbox_kick(Outbox *outbox);
/* Anything in flight or due now? For --once. */
bool outbox_is_idle(const Outbox *outbox);

typedef struct SinkStatus {
        const char *sink; /* lent */
        bool in_trouble;
        const char *last_error;
        usec_t next_try_usec; /* wall clock; 0: none waits */
} SinkStatus;
/* Steps over the webhook sinks: start with 0; false at the end. */
bool outbox_status(const Outbox *outbox, size_t index, SinkStatus *ret);
