/* SPDX-License-Identifier: MIT */
#pragma once

/* What a sink is, apart from the network: rendering an alert into a body, and reading what a server
 * answered. One file per dialect (json.c, slack.c, discord.c, desktop.c); this is the face they
 * share. Pure: no sockets, no store, no clock. */

#include "model/model.h"
#include "settings/settings.h"

typedef enum AlertType {
        ALERT_RAISED, /* "alert.raised" */
        ALERT_TEST,   /* a marked test, picketctl test */
} AlertType;

/* Renders @alert for @sink. The body is stored in the outbox in the commit of the alert and sent as
 * it stands over all tries.
 * @public_id is the delivery's. Text from feeds is escaped for the format and cut to its limits. 0
 * or -ENOMEM; the caller owns *ret. */
int sink_render(const SinkSettings *sink, AlertType type, const Alert *alert, const char *public_id,
        char **ret) _warn_unused_;

/* Where and how to send: "application/json", and for some formats an addition to the URL. */
const char *sink_content_type(const SinkSettings *sink);
/* The address to post to, from the configured one. The caller owns *ret (a secret). 0, -EINVAL or
 * -ENOMEM. */
int sink_address(const SinkSettings *sink, const char *url, char **ret) _warn_unused_;
/* Is the path of the address a secret, as with chat services? */
bool sink_has_secret_path(const SinkSettings *sink);

/* The Standard Webhooks headers (standard-webhooks.md 1.0.0): webhook-id, webhook-timestamp and,
 * with @secret ("whsec_..."), webhook-signature over "ID.TIMESTAMP.BODY". Both ids and timestamp
 * are sent without a secret too. Several secrets, separated by white space, sign side by side
 * (rotation). 0, -EINVAL (a secret that is none) or -ENOMEM; *ret is a strv of "Name: value". */
int sink_sign(const char *public_id, usec_t now_usec, const char *body, const char *secret,
        char ***ret) _warn_unused_;

typedef enum SinkVerdict {
        SINK_ACCEPTED,
        SINK_RETRY,           /* passing trouble: again with backoff */
        SINK_RATE_LIMITED,    /* wait as told; costs no attempt */
        SINK_MESSAGE_REFUSED, /* this message will never be taken: dead letter, go on with the next
                               */
        SINK_DESTINATION_REFUSED, /* nothing will be taken until somebody acts: the queue waits,
                                     rare probes */
        SINK_VERDICT_MAX,
} SinkVerdict;
DECLARE_STRING_TABLE(sink_verdict, SinkVerdict);

typedef struct SinkAnswer {
        unsigned status;
        const char *body;        /* first SINK_ANSWER_BYTES_MAX bytes, NUL-terminated */
        usec_t retry_after_usec; /* from the headers; 0: absent */
        const char *location;    /* of a redirect; NULL: absent */
} SinkAnswer;

#define SINK_ANSWER_BYTES_MAX ((size_t) 64 * 1024)

/* What an answer means. *ret_wait_usec is how long the server asks to wait (0: not said);
 * *ret_message says it for people, owned by the caller, NULL for SINK_ACCEPTED or when memory is
 * out. */
SinkVerdict sink_classify(const SinkSettings *sink, const SinkAnswer *answer, usec_t *ret_wait_usec,
        char **ret_message);
