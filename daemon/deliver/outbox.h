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
        /* An attempt begins: as *delivery says now (SENDING, one more attempt), committed. When it
         * fails, nothing is sent, and it is asked again later. */
        int (*begin)(Delivery *delivery, void *userdata);
        /* It was accepted, will be tried again, or is dead: as *delivery says now. When it fails,
         * it is asked again later, and the message is not sent again meanwhile. */
        int (*finish)(const Delivery *delivery, void *userdata);
        void *userdata;
} OutboxStore;

/* Told after each change is stored, for the journal and status; any may be NULL. @wait_usec: until
 * the next try; 0 when there is none. From within, only outbox_kick() and outbox_status() may be
 * called. While a sink is in trouble its delivery's tries are not told one by one. */
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

/* @http must outlive the outbox; the structs are copied. */
int outbox_new(sd_event *event, HttpClient *http, const Clock *clock, const OutboxStore *store,
        const OutboxObserver *observer, Outbox **ret) _warn_unused_;
Outbox *outbox_free(Outbox *outbox);
DEFINE_POINTER_CLEANUP(Outbox, outbox_free);

/* Takes the sinks of a (new) configuration, which must outlive the outbox or the next call. Queues
 * of sinks that are gone rest; what is in flight goes on as it began; a sink in trouble is tried at
 * once. On failure the old sinks stay in force. */
int outbox_set_sinks(Outbox *outbox, const Settings *settings) _warn_unused_;
/* There may be something new to send, or a row was changed: after each such commit. Only notes it;
 * the queues look in the next turn of the loop. */
void outbox_kick(Outbox *outbox);
/* Whether the network is there. Without it nothing goes out but to this machine and the network
 * around it, and what fails without an answer counts against no sink; when it is back, what waits
 * is tried at once. True at first. */
void outbox_set_online(Outbox *outbox, bool online);
/* Does a delivery wait for the network? */
bool outbox_rests(const Outbox *outbox);
/* Lets one of them try all the same; its sink, or NULL. Lent. */
const char *outbox_probe(Outbox *outbox);
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

/* Sends a marked test alert straight to @sink, outside its queue and not stored, by the way that
 * alerts go; @on_done tells from the loop what the server answered, as clean text
 * (@status 0 and @answer "": none
 * came; @message says why, NULL when accepted). 0; -ENOENT: no such sink; -EOPNOTSUPP: not a
 * webhook; or -errno. outbox_free() ends it without a word. */
typedef void (*outbox_test_done_t)(const char *sink, SinkVerdict verdict, unsigned status,
        const char *answer, const char *message, void *userdata);
int outbox_test(Outbox *outbox, const char *sink, const Alert *alert, outbox_test_done_t on_done,
        void *userdata) _warn_unused_;
