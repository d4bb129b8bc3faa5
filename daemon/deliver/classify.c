/* SPDX-License-Identifier: MIT */

/* What an answer means for the queue. Two questions decide: would the same message be taken later,
 * and would another one? Where the answer leaves it open, the verdict is the one that loses
 * nothing: a status that nobody expects stops the queue and tells the administrator, rather than
 * throwing messages away one after the other. */

#include "base/url.h"
#include "deliver/render.h"

/* A server that asks for more may mean it, but an alert a day late is none; then it is asked again.
 */
#define WAIT_SECONDS_MAX 86400
#define WAIT_USEC_MAX (WAIT_SECONDS_MAX * USEC_PER_SEC)

/* Of the server's own words, as much as fits a line of the journal. */
#define WORDS_UNITS_MAX 200

/* Slack answers with a word. These stay true for every message until somebody acts, though some of
 * them come with status 400 (docs.slack.dev, "Handling errors" of incoming webhooks). */
static const char *const slack_dead_ends[] = {
        "action_prohibited",
        "channel_is_archived",
        "channel_not_found",
        "invalid_token",
        "no_active_hooks",
        "no_service",
        "no_service_id",
        "no_team",
        "posting_to_general_channel_denied",
        "team_disabled",
};

static bool slack_is_dead_end(const SinkSettings *sink, const SinkAnswer *answer) {
        if (sink->format != SINK_SLACK)
                return false;

        for (size_t i = 0; i < ELEMENTSOF(slack_dead_ends); i++)
                if (streq(strempty(answer->body), slack_dead_ends[i]))
                        return true;

        return false;
}

/* A 2xx is not always a yes. */
static bool is_accepted(const SinkSettings *sink, const SinkAnswer *answer) {
        switch (sink->format) {
        case SINK_SLACK:
                return answer->status == 200 && streq(strempty(answer->body), "ok");
        case SINK_DISCORD:
                return answer->status == 200 || answer->status == 204;
        case SINK_JSON:
        case SINK_FORMAT_MAX:
                break;
        }

        return true;
}

static SinkVerdict verdict_of(const SinkSettings *sink, const SinkAnswer *answer) {
        if (answer->status >= 200 && answer->status < 300 && is_accepted(sink, answer))
                return SINK_ACCEPTED;
        if (slack_is_dead_end(sink, answer))
                return SINK_DESTINATION_REFUSED;

        switch (answer->status) {
        case 400:
        case 413:
        case 415:
        case 422:
        /* The receiver holds something that this message contradicts, such as the same id with
         * another content. Nothing that we resend will settle that, and it says nothing about the
         * next message. */
        case 409:
                return SINK_MESSAGE_REFUSED;
        case 408:
        case 421:
        case 425:
                return SINK_RETRY;
        case 429:
                return SINK_RATE_LIMITED;
        case 501:
        case 505:
                return SINK_DESTINATION_REFUSED;
        case 503:
                return answer->retry_after_usec > 0 ? SINK_RATE_LIMITED : SINK_RETRY;
        default:
                break;
        }

        /* Redirects are not followed (a signed message goes where it was addressed, nowhere else),
         * so they too are for somebody to mend; as are 401, 403, 404, 410 and what else is 4xx. */
        return answer->status >= 300 && answer->status < 500 ? SINK_DESTINATION_REFUSED
                                                             : SINK_RETRY;
}

/* {"retry_after": 0.75}, seconds, as Discord and Slack have it. */
static usec_t wait_of_body(const SinkAnswer *answer) {
        _cleanup_(json_freep) Json *root = NULL;
        double seconds;

        if (!answer->body)
                return 0;

        root = json_loads(answer->body, /* flags= */ 0, /* error= */ NULL);
        seconds = json_number_value(json_object_get(root, "retry_after"));
        if (!(seconds > 0))
                return 0;
        if (seconds >= WAIT_SECONDS_MAX)
                return WAIT_USEC_MAX;

        return (usec_t) (seconds * (double) USEC_PER_SEC) + 1;
}

static usec_t wait_of(const SinkSettings *sink, const SinkAnswer *answer, SinkVerdict verdict) {
        usec_t wait_usec = answer->retry_after_usec;

        if (verdict == SINK_RATE_LIMITED && wait_usec == 0 && sink->format != SINK_JSON)
                wait_usec = wait_of_body(answer);

        return MIN(wait_usec, WAIT_USEC_MAX);
}

static const char *phrase_of(const SinkAnswer *answer, SinkVerdict verdict) {
        if (answer->status >= 300 && answer->status < 400)
                return " (a redirect, which is not followed: correct the address)";
        if (answer->status >= 200 && answer->status < 300)
                return ", but not with the words that mean yes";

        switch (verdict) {
        case SINK_RATE_LIMITED:
                return " (asks for time)";
        case SINK_MESSAGE_REFUSED:
                return " (this message is refused)";
        case SINK_DESTINATION_REFUSED:
                return " (this address takes nothing)";
        case SINK_ACCEPTED:
        case SINK_RETRY:
        case SINK_VERDICT_MAX:
                break;
        }

        return "";
}

/* "HTTP 404 (this address takes nothing): no_service" */
static char *message_of(const SinkAnswer *answer, SinkVerdict verdict) {
        _cleanup_(buffer_done) Buffer b = {}, words = {};
        _cleanup_free_ char *location = NULL;

        /* Where to is worth knowing, but the new address may be as secret as the old one. */
        if (answer->location) {
                location = url_redact(answer->location, /* secret_path= */ true);
                if (!location)
                        return NULL;
        }

        if (buffer_printf(&b, "HTTP %u%s", answer->status, phrase_of(answer, verdict)) < 0 ||
                render_text(&words, location ? location : answer->body, RENDER_PLAIN,
                        WORDS_UNITS_MAX) < 0)
                return NULL;
        if (words.n_bytes > 0 && buffer_printf(&b, ": %s", buffer_str(&words)) < 0)
                return NULL;

        return buffer_take(&b);
}

SinkVerdict sink_classify(const SinkSettings *sink, const SinkAnswer *answer, usec_t *ret_wait_usec,
        char **ret_message) {
        SinkVerdict verdict = verdict_of(sink, answer);

        *ret_wait_usec = verdict == SINK_ACCEPTED ? 0 : wait_of(sink, answer, verdict);
        *ret_message = verdict == SINK_ACCEPTED ? NULL : message_of(answer, verdict);
        return verdict;
}
