/* SPDX-License-Identifier: MIT */

#include "deliver/attempt.h"

#include <errno.h>

#include "base/buffer.h"
#include "base/url.h"
#include "deliver/render.h"
#include "http/guard.h"

/* The Standard Webhooks specification asks senders to wait 15 to 30 s for an answer. */
#define TIMEOUT_USEC (30 * USEC_PER_SEC)

/* Of a failure, as much as fits a line of the journal. */
#define MESSAGE_UNITS_MAX 400

struct Attempt {
        SinkSettings dialect; /* type and format alone: what reading an answer takes */
        char *address;        /* a secret */
        char *proxy;
        char *body;
        char **headers;
        bool allow_private, secret_path;

        HttpRequest *request; /* while under way */
        Buffer answer;
        attempt_done_t on_done;
        void *userdata;
};

Attempt *attempt_free(Attempt *attempt) {
        if (!attempt)
                return NULL;

        attempt->request = http_request_cancel(attempt->request);
        secret_free(attempt->address);
        strv_free(attempt->headers);
        free(attempt->proxy);
        free(attempt->body);
        buffer_done(&attempt->answer);
        return mfree(attempt);
}

bool attempt_is_local(const Attempt *attempt) {
        _cleanup_(secret_freep) char *host = NULL; /* a part of the address */

        return url_host(attempt->address, &host) >= 0 && guard_name_is_local(host);
}

/* "sink 'ops-chat': cannot read its address from credential 'ops-chat-url': No such file or
 * directory". Returns ATTEMPT_UNFIT, or -ENOMEM. */
static int unfit_source(const SinkSettings *sink, const char *what, const char *credential,
        const char *file, int error, char **ret_message) {
        if (error == -ENOMEM)
                return error;

        if (asprintf(ret_message, "sink '%s': cannot read its %s from %s '%s': %s", sink->name.text,
                    what, credential ? "credential" : "file", strna(credential ? credential : file),
                    error == -ENXIO ? "$CREDENTIALS_DIRECTORY is not set" : strerror(-error)) < 0) {
                *ret_message = NULL;
                return -ENOMEM;
        }

        return ATTEMPT_UNFIT;
}

static int unfit(const SinkSettings *sink, const char *why, char **ret_message) {
        if (asprintf(ret_message, "sink '%s': %s", sink->name.text, why) < 0) {
                *ret_message = NULL;
                return -ENOMEM;
        }

        return ATTEMPT_UNFIT;
}

static int read_address(Attempt *attempt, const SinkSettings *sink, char **ret_message) {
        _cleanup_(secret_freep) char *url = NULL;
        int r;

        r = settings_sink_url(sink, &url);
        if (r < 0)
                return unfit_source(
                        sink, "address", sink->url_credential, sink->url_file, r, ret_message);

        r = url ? sink_address(sink, url, &attempt->address) : -EINVAL;
        if (r == -EINVAL)
                return unfit(sink,
                        "its address is no http or https URL, or holds a user name or password",
                        ret_message);
        return r;
}

static int add_headers(Attempt *attempt, const SinkSettings *sink, const char *public_id,
        usec_t now_usec, char **ret_message) {
        _cleanup_(secret_freep) char *secret = NULL;
        _cleanup_free_ char *content_type = NULL;
        bool has_content_type = false;
        int r;

        r = settings_sink_secret(sink, &secret);
        if (r < 0)
                return unfit_source(
                        sink, "secret", sink->secret_credential, sink->secret_file, r, ret_message);

        r = sink_sign(public_id, now_usec, attempt->body, secret, &attempt->headers);
        if (r == -EINVAL)
                return unfit(
                        sink, "its secret is not whsec_ and 24 to 64 bytes in base64", ret_message);
        if (r < 0)
                return r;

        STRV_FOREACH (header, sink->headers) {
                if (startswith_nocase(*header, "Content-Type:"))
                        has_content_type = true;
                r = strv_extend(&attempt->headers, *header);
                if (r < 0)
                        return r;
        }
        if (has_content_type)
                return 0;

        if (asprintf(&content_type, "Content-Type: %s", sink_content_type(sink)) < 0)
                return -ENOMEM;
        return strv_extend(&attempt->headers, content_type);
}

int attempt_new(const SinkSettings *sink, const char *public_id, const char *body, usec_t now_usec,
        Attempt **ret, char **ret_message) {
        _cleanup_(attempt_freep) Attempt *attempt = NULL;
        int r;

        attempt = new0(Attempt, 1);
        if (!attempt)
                return -ENOMEM;

        attempt->dialect = (SinkSettings){ .type = sink->type, .format = sink->format };
        attempt->allow_private = sink->allow_private;
        attempt->secret_path = sink_has_secret_path(sink);
        attempt->body = strdup(strempty(body));
        if (!attempt->body || free_and_strdup(&attempt->proxy, sink->proxy) < 0)
                return -ENOMEM;

        r = read_address(attempt, sink, ret_message);
        if (r != 0)
                return r;
        r = add_headers(attempt, sink, public_id, now_usec, ret_message);
        if (r != 0)
                return r;

        *ret = TAKE_PTR(attempt);
        return 0;
}

static int on_data(HttpRequest *request _unused_, const void *p, size_t n_bytes, void *userdata) {
        Attempt *attempt = userdata;

        return buffer_append(
                &attempt->answer, p, MIN(n_bytes, SINK_ANSWER_BYTES_MAX - attempt->answer.n_bytes));
}

/* No answer: what that means without one. The words may quote a server (a certificate's name), so
 * they are cleaned like any text from outside. */
static SinkVerdict judge_failure(const HttpResponse *response, HttpFailure failure,
        const char *message, char **ret_message) {
        bool passing = failure == HTTP_ABORTED || http_failure_is_passing(failure);
        _cleanup_(buffer_done) Buffer b = {};

        if (render_text(&b, message ? message : http_failure_to_string(failure), RENDER_PLAIN,
                    MESSAGE_UNITS_MAX) >= 0 &&
                (!passing || !response->body_sent ||
                        buffer_append_str(&b, "; it may have arrived all the same") >= 0))
                *ret_message = buffer_take(&b);

        return passing ? SINK_RETRY : SINK_DESTINATION_REFUSED;
}

static void on_done(HttpRequest *request _unused_, const HttpResponse *response,
        HttpFailure failure, int error _unused_, const char *message, void *userdata) {
        Attempt *attempt = userdata;
        _cleanup_free_ char *said = NULL;
        AttemptOutcome outcome = {
                .status = response->status,
                .answer = buffer_str(&attempt->answer),
        };

        attempt->request = NULL;

        /* A status is an answer, whatever became of the body behind it: a server that said 200 has
         * the message, and would have it twice if its broken page counted for more. */
        if (response->status != 0) {
                const SinkAnswer answer = {
                        .status = response->status,
                        .body = outcome.answer,
                        .retry_after_usec = response->retry_after_usec,
                        .location = response->location,
                };

                outcome.verdict =
                        sink_classify(&attempt->dialect, &answer, &outcome.wait_usec, &said);
        } else
                outcome.verdict = judge_failure(response, failure, message, &said);

        outcome.message = said;
        attempt->on_done(attempt, &outcome, attempt->userdata);
}

int attempt_start(Attempt *attempt, HttpClient *http, attempt_done_t done, void *userdata) {
        const HttpSpec spec = {
                .class = HTTP_SINK,
                .url = attempt->address,
                .method = "POST",
                .body = attempt->body,
                .n_body_bytes = strlen(attempt->body),
                .headers = (const char *const *) attempt->headers,
                .proxy = attempt->proxy,
                .allow_private = attempt->allow_private,
                .secret_path = attempt->secret_path,
                .n_redirects_max = 0,
                .body_bytes_max = SINK_ANSWER_BYTES_MAX,
                .timeout_usec = TIMEOUT_USEC,
                .handler = { .on_data = on_data, .on_done = on_done },
                .userdata = attempt,
        };

        attempt->on_done = done;
        attempt->userdata = userdata;
        return http_request_start(http, &spec, &attempt->request);
}
