/* SPDX-License-Identifier: MIT */
#pragma once

/* The queue of one webhook sink: its oldest pending delivery, when it is due, on its way, and what
 * became of it. Owned by the outbox, which outlives it; knows of no other queue. */

#include "deliver/outbox.h"

/* What all queues of an outbox share. */
typedef struct OutboxEngine {
        sd_event *event;
        HttpClient *http;
        Clock clock;
        OutboxStore store;
        OutboxObserver observer;
        Random random;
        bool offline; /* only what is near is sent */
} OutboxEngine;

typedef struct SinkQueue SinkQueue;

/* At rest until it is given settings. 0 or -errno. */
int sink_queue_new(OutboxEngine *engine, const char *name, SinkQueue **ret) _warn_unused_;
/* What is under way is cut off; its outcome is unknown, as after a crash. */
SinkQueue *sink_queue_free(SinkQueue *queue);
DEFINE_POINTER_CLEANUP(SinkQueue, sink_queue_free);

const char *sink_queue_name(const SinkQueue *queue);
/* NULL: at rest. */
const SinkSettings *sink_queue_settings(const SinkQueue *queue);
/* @settings must live until the next call; NULL puts it to rest. A queue in trouble tries again at
 * once: somebody has acted. */
void sink_queue_set_settings(SinkQueue *queue, const SinkSettings *settings);
/* Looks at the store in the next turn of the loop. */
void sink_queue_kick(SinkQueue *queue);
/* The network is back: what it failed at is tried at once. */
void sink_queue_wake(SinkQueue *queue);
/* Has it a delivery that waits for the network? */
bool sink_queue_rests(const SinkQueue *queue);
/* Lets it try all the same. False: it does not rest. */
bool sink_queue_probe(SinkQueue *queue);
bool sink_queue_is_idle(const SinkQueue *queue);
void sink_queue_status(const SinkQueue *queue, SinkStatus *ret);
