/* SPDX-License-Identifier: MIT */

/* How requests begin and end. Three rules of libcurl shape it:
 *
 *  - Inside a call of libcurl no handle may be added or removed. So whatever begins or ends a
 *    transfer happens in on_work(), a deferred source of the loop: one finished request a turn,
 *    then resumed transfers, then new ones. `in_curl` marks the calls; a cancel within one is put
 *    off until work.
 *  - Transfers can finish in any call of libcurl, without an event of socket or timer. So after
 *    each call the number of those that still run is compared with those that should, and whatever
 *    else calls libcurl than client_action() arms the work source.
 *  - After a failed callback or socket_action the state of all transfers is uncertain. Then all
 *    active requests end with a failure, and the multi is made anew.
 *
 * A request that was queued always ends in on_done, from the loop: also when memory is out. */

#include "http/client.h"

#include <errno.h>
#include <stdio.h>

#include "base/url.h"
#include "http/guard.h"

void client_arm_work(HttpClient *client) {
        if (!client->closing)
                (void) sd_event_source_set_enabled(client->work, SD_EVENT_ONESHOT);
}

void client_break(HttpClient *client) {
        client->broken = true;
        client_arm_work(client);
}

/* --- the end of a request --- */

/* "the body is over the limit (https://example.org/feed)". NULL when memory is out. */
static char *request_message(const HttpRequest *request, CURLcode code) {
        _cleanup_free_ char *shown = url_redact(request->at_url, request->secret_path);
        const char *words = request->stop_reason;
        char *message;

        if (!words)
                words = *request->error_text ? request->error_text : curl_easy_strerror(code);
        if (asprintf(&message, "%s (%s)", words, strna(shown)) < 0)
                return NULL;
        return message;
}

/* Calls on_done and frees. The request is in no list. */
static void request_over(HttpRequest *request, CURLcode code) {
        _cleanup_(request_freep) _unused_ HttpRequest *owned = request;
        _cleanup_free_ char *message = NULL;
        HttpFailure failure = request->stop;
        int error = request->stop_error;

        request->state = REQUEST_OVER;
        if (failure == HTTP_OK) {
                failure = failure_from_curl(code);
                if (failure == HTTP_ABORTED)
                        error = -ENOMEM;
                else if (failure == HTTP_OK && !request->head_ended)
                        failure = HTTP_PROTOCOL;
        }

        if (failure != HTTP_OK)
                message = request_message(request, code);
        request_fill_response(request);
        if (request->handler.on_done)
                request->handler.on_done(request, &request->response, failure, error,
                        failure == HTTP_OK ? NULL
                                : message  ? message
                                           : "out of memory",
                        request->userdata);
}

static void request_fail(HttpRequest *request, int error) {
        if (request->stop == HTTP_OK) {
                request->stop = HTTP_ABORTED;
                request->stop_error = error;
                request->stop_reason = "out of memory";
        }
        request_over(request, CURLE_OUT_OF_MEMORY);
}

/* Did all of it go out? Then nobody knows what the server did with it. */
static bool request_was_sent(const HttpRequest *request) {
        curl_off_t n_uploaded = 0;
        long n_request_bytes = 0;

        if (curl_easy_getinfo(request->easy, CURLINFO_REQUEST_SIZE, &n_request_bytes) != CURLE_OK ||
                curl_easy_getinfo(request->easy, CURLINFO_SIZE_UPLOAD_T, &n_uploaded) != CURLE_OK)
                return true;
        return n_request_bytes > 0 &&
                (!request->has_body || (uint64_t) n_uploaded >= request->n_body_bytes);
}

/* What is known only as long as the handle lives. */
static void request_note_peer(HttpRequest *request, CURLcode code) {
        const char *address = NULL;

        request->blame = blame_from_curl(request, code, request->resolving);
        if (request->proxied ||
                curl_easy_getinfo(request->easy, CURLINFO_PRIMARY_IP, &address) != CURLE_OK)
                address = NULL;
        (void) snprintf(
                request->address_text, sizeof request->address_text, "%s", strempty(address));
}

/* Takes a hop out of libcurl and gives its place back. */
static void request_detach(HttpRequest *request, CURLcode code) {
        HttpClient *client = request->client;
        bool was_resolving = request->resolving;

        request_note_peer(request, code);
        request->response.body_sent = request_was_sent(request);
        request->used_usec += usec_sub(clock_boottime(&clock_system), request->started_usec);

        client->in_curl = true;
        (void) curl_multi_remove_handle(client->multi, request->easy);
        transfer_close(request);
        client->in_curl = false;

        queue_give_place(request);
        if (was_resolving && failure_from_curl(code) != HTTP_RESOLVE && !client->closing)
                queue_add_stuck(client);
}

/* libcurl gathers a line of the head up to 100 KiB before it hands it on, and says "out of memory"
 * of a longer one. Memory that is out for real is told as early as the connection is made, as a
 * rule; a request that is tried again is the right answer to both. */
static bool head_is_too_long(const HttpRequest *request, CURLcode code) {
        curl_off_t first_byte_usec = 0;

        return code == CURLE_OUT_OF_MEMORY && !request->client->broken && !request->head_ended &&
                curl_easy_getinfo(request->easy, CURLINFO_STARTTRANSFER_TIME_T, &first_byte_usec) ==
                CURLE_OK &&
                first_byte_usec > 0;
}

/* A hop is over, with @code unless one of our callbacks stopped it. */
static void client_end(HttpRequest *request, CURLcode code) {
        HttpClient *client = request->client;
        bool again;
        int r;

        if (code != CURLE_OK && request->stop == HTTP_OK && !request->cancelled) {
                if (request->n_refused > 0 && request->n_opened == 0) {
                        /* Not one address was let through by the guard. */
                        request->stop = HTTP_REFUSED;
                        request->stop_reason = GUARD_REFUSAL;
                } else if (head_is_too_long(request, code)) {
                        request->stop = HTTP_PROTOCOL;
                        request->stop_reason = "the head of the answer is too long";
                }
        }

        body_note_oddity(request);
        again = downgrade_after(request, code);
        request_detach(request, code);
        if (request->cancelled) {
                request_free(request);
                return;
        }

        if (again) {
                queue_prepend(request);
                client_arm_work(client);
                return;
        }

        if (request->head_ended && request->is_redirect && request->stop == HTTP_OK) {
                r = request_follow(request);
                if (r >= 0) {
                        queue_prepend(request);
                        client_arm_work(client);
                } else
                        request_fail(request, r);
                return;
        }

        request_over(request, code);
}

/* --- work --- */

static void client_rebuild(HttpClient *client) {
        while (client->active)
                client_end(client->active, CURLE_OUT_OF_MEMORY);
        multi_close(client);
        client->broken = false; /* the next start opens another */
}

static void client_reap_cancelled(HttpClient *client) {
        LIST_FOREACH_SAFE (queue, request, client->active)
                if (request->cancelled)
                        client_end(request, CURLE_ABORTED_BY_CALLBACK);
}

/* One message a turn: a handler may commit to disk. */
static void client_reap_finished(HttpClient *client) {
        HttpRequest *request = NULL;
        CURLMsg *message;
        CURLcode code;
        int n_left = 0;

        if (!client->multi)
                return;
        message = curl_multi_info_read(client->multi, &n_left);
        if (!message || message->msg != CURLMSG_DONE)
                return;
        if (n_left > 0)
                client_arm_work(client);

        code = message->data.result; /* the message dies with the handle's removal */
        if (curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &request) != CURLE_OK)
                return;

        /* What came and is still to be inflated counts, also of a body that was cut off. */
        if (request->stop == HTTP_OK && !request->cancelled && request->inflate) {
                if (code == CURLE_OK)
                        body_end(request);
                request->finished = true;
                request->end_code = code;
        } else
                client_end(request, code);
}

/* Of those that have bytes to hand on, the one that waited longest; or NULL. */
static HttpRequest *client_next_to_serve(HttpClient *client) {
        HttpRequest *found = NULL;

        LIST_FOREACH (queue, request, client->active)
                if (!request->cancelled &&
                        (request->paused || request->finished || body_has_rest(request)) &&
                        (!found || request->n_served < found->n_served))
                        found = request;
        return found;
}

/* False: it has ended, and its handler may have ended others. */
static bool client_serve(HttpClient *client, HttpRequest *request) {
        CURLcode code = CURLE_OK;

        request->n_served = ++client->n_served;
        client->in_curl = true;
        if (body_has_rest(request) && !body_go_on(request))
                code = CURLE_WRITE_ERROR;
        else if (request->paused && !body_has_rest(request) && !client_turn_is_over(client)) {
                request->paused = false;
                code = curl_easy_pause(request->easy, CURLPAUSE_CONT);
        }
        client->in_curl = false;
        if (request->cancelled)
                return true; /* reaped next turn */

        if (request->finished && !body_has_rest(request))
                code = code != CURLE_OK ? code : request->end_code;
        else if (code == CURLE_OK)
                return true;
        client_end(request, code);
        return false;
}

static void client_resume(HttpClient *client) {
        HttpRequest *request;

        client_begin_turn(client);
        while (!client_turn_is_over(client) && (request = client_next_to_serve(client)))
                if (!client_serve(client, request))
                        break;
        if (client_next_to_serve(client))
                client_arm_work(client);
}

static int client_start(HttpClient *client, HttpRequest *request) {
        CURLMcode code;
        int r;

        if (!client->multi) {
                r = multi_open(client);
                if (r < 0)
                        return r;
        }
        request->only_http1 = downgrade_is_known(client, request->origin);
        r = transfer_open(request);
        if (r < 0)
                return r;
        if (request->stop != HTTP_OK)
                return -ECANCELED;

        request->started_usec = clock_boottime(&clock_system);
        client->in_curl = true;
        code = curl_multi_add_handle(client->multi, request->easy);
        client->in_curl = false;
        return code == CURLM_OK ? 0 : -ENOMEM;
}

static void client_start_waiting(HttpClient *client) {
        HttpRequest *request;
        int r;

        while (!client->broken && (request = queue_next(client))) {
                r = queue_take_place(request);
                if (r < 0) {
                        request_fail(request, r);
                        continue;
                }
                r = client_start(client, request);
                if (r < 0) {
                        transfer_close(request);
                        queue_give_place(request);
                        request_fail(request, r);
                }
        }
}

static int on_work(sd_event_source *source, void *userdata) {
        HttpClient *client = userdata;

        (void) source;
        client->starts_soon = true;
        if (client->broken)
                client_rebuild(client);
        client_reap_cancelled(client);
        client_reap_finished(client);
        client_resume(client);
        client->starts_soon = false;
        client_start_waiting(client);
        multi_act_if_due(client); /* those that were just started */
        return 0;
}

/* --- the face --- */

int http_client_new(sd_event *event, const char *user_agent, HttpClient **ret) {
        _cleanup_(http_client_freep) HttpClient *client = NULL;
        static bool initialized = false;
        int r;

        if (!initialized && curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
                return -ENOMEM;
        initialized = true;

        client = new0(HttpClient, 1);
        if (!client)
                return -ENOMEM;
        client->event = sd_event_ref(event);
        client->due_usec = client->armed_usec = USEC_INFINITY;
        client->user_agent = strdup(user_agent);
        client->places = hashmap_new(/* free_value= */ NULL);
        client->http1_only = hashmap_new(mfree);
        if (!client->user_agent || !client->places || !client->http1_only)
                return -ENOMEM;

        r = sd_event_add_defer(event, &client->work, on_work, client);
        if (r >= 0)
                r = sd_event_source_set_enabled(client->work, SD_EVENT_OFF);
        if (r >= 0)
                r = sd_event_source_set_description(client->work, "http-work");
        if (r >= 0) /* an accuracy of 0 would mean 250 ms */
                r = sd_event_add_time(event, &client->timer, CLOCK_BOOTTIME, 0, /* accuracy= */ 1,
                        multi_on_time, client);
        if (r >= 0)
                r = sd_event_source_set_enabled(client->timer, SD_EVENT_OFF);
        if (r >= 0)
                r = sd_event_source_set_description(client->timer, "http-timer");
        if (r >= 0)
                r = sd_event_add_time(event, &client->stuck, CLOCK_BOOTTIME, 0,
                        /* accuracy= */ USEC_PER_SEC, queue_on_stuck, client);
        if (r >= 0)
                r = sd_event_source_set_enabled(client->stuck, SD_EVENT_OFF);
        if (r >= 0)
                r = sd_event_source_set_description(client->stuck, "http-stuck-lookups");
        if (r >= 0)
                r = multi_open(client);
        if (r < 0)
                return r;

        *ret = TAKE_PTR(client);
        return 0;
}

HttpClient *http_client_free(HttpClient *client) {
        if (!client)
                return NULL;
        assert(!client->in_curl);

        client->closing = true;
        while (client->active) {
                client->active->cancelled = true;
                client_end(client->active, CURLE_ABORTED_BY_CALLBACK);
        }
        for (HttpClass class = 0; class < HTTP_CLASS_MAX; class ++)
                while (client->waiting[class]) {
                        HttpRequest *request = client->waiting[class];

                        queue_remove(request);
                        request_free(request);
                }

        multi_close(client);
        sd_event_source_disable_unref(client->work);
        sd_event_source_disable_unref(client->timer);
        sd_event_source_disable_unref(client->stuck);
        hashmap_free(client->places);
        hashmap_free(client->http1_only);
        free(client->user_agent);
        sd_event_unref(client->event);
        free(client);
        return NULL;
}

int http_client_set_user_agent(HttpClient *client, const char *user_agent) {
        return free_and_strdup(&client->user_agent, user_agent);
}

int http_request_start(HttpClient *client, const HttpSpec *spec, HttpRequest **ret) {
        HttpRequest *request;
        int r;

        r = request_new(client, spec, &request);
        if (r < 0)
                return r;
        r = sd_event_source_set_enabled(client->work, SD_EVENT_ONESHOT);
        if (r < 0) {
                request_free(request);
                return r;
        }

        queue_append(request);
        if (ret)
                *ret = request;
        return 0;
}

HttpRequest *http_request_cancel(HttpRequest *request) {
        if (!request || request->state == REQUEST_OVER)
                return NULL;

        if (request->state == REQUEST_WAITING) {
                queue_remove(request);
                request_free(request);
                return NULL;
        }

        request->cancelled = true;
        if (request->client->in_curl)
                client_arm_work(request->client);
        else
                client_end(request, CURLE_ABORTED_BY_CALLBACK);
        return NULL;
}
