/* SPDX-License-Identifier: MIT */

/* One hop of a request as a libcurl handle, and what its callbacks see.
 *
 * Habits of libcurl that this file works around: CURLOPT_TIMECONDITION throws away the body of a
 * 200 whose date is not newer, so validators are plain header lines; CURLOPT_MAXFILESIZE counts
 * neither chunked nor inflated bytes, so we count; an open-socket callback does not see
 * connections that are reused, so the address guard sits in the pre-request callback too; its
 * inflating has no bounds, so it is off (http/inflate.h).
 *
 * Nothing here adds or removes handles: the callbacks run inside libcurl, where that is forbidden.
 * They note why a transfer is to stop and let libcurl end it. */

#include "http/client.h"

#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>

#include "base/str.h"
#include "base/url.h"
#include "http/guard.h"

/* Real heads stay under 8 KiB; nginx and Apache refuse to make such ones. */
#define HEAD_BYTES_MAX (UINT64_C(64) * 1024)
/* What a redirect says in its body interests nobody; reading a little keeps the connection. */
#define REDIRECT_BODY_BYTES_MAX (UINT64_C(64) * 1024)
/* What libcurl hands on at once at most. */
#define READ_BYTES ((long) CURL_MAX_WRITE_SIZE)
#define CONNECT_TIMEOUT_SECONDS 10L
/* Whoever is slower for so long has hung or wears us down on purpose. */
#define LOW_SPEED_BYTES 100L
#define LOW_SPEED_SECONDS 20L

/* --- what libcurl calls; userdata is the request --- */

static bool status_is_redirect(unsigned status) {
        return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

/* False: the transfer is to stop. */
static bool transfer_end_head(HttpRequest *request) {
        int r;

        if (request->answer.status < 200) /* 100, 103: the real one follows */
                return true;

        request->head_ended = true;
        request->is_redirect = request->n_redirects_max > 0 &&
                status_is_redirect(request->answer.status) && request->answer.location;
        if (!answer_has_plain_transfer(&request->answer)) {
                request_stop(request, HTTP_PROTOCOL, 0,
                        "the body is in a transfer coding that was not asked for");
                return false;
        }
        if (request->is_redirect || !request->handler.on_head)
                return true;

        request->head_given = true;
        request_fill_response(request);
        r = request->handler.on_head(request, &request->response, request->userdata);
        if (r < 0)
                request_stop(request, HTTP_ABORTED, r, "stopped at the head");
        return r >= 0 && !request->cancelled;
}

static size_t on_header(char *p, size_t size, size_t n, void *userdata) {
        HttpRequest *request = userdata;
        size_t n_bytes = size * n, n_line = n_bytes;

        if (request->cancelled)
                return 0;

        request->n_head_bytes += n_bytes;
        if (request->n_head_bytes > HEAD_BYTES_MAX) {
                request_stop(request, HTTP_PROTOCOL, 0, "the head of the answer is over 64 KiB");
                return 0;
        }
        if (request->head_ended) /* trailers behind a chunked body */
                return n_bytes;

        while (n_line > 0 && (p[n_line - 1] == '\n' || p[n_line - 1] == '\r'))
                n_line--;
        if (n_line == 0)
                return transfer_end_head(request) ? n_bytes : 0;
        if (answer_add_line(&request->answer, p, n_line) < 0) {
                request_stop(request, HTTP_ABORTED, -ENOMEM, "out of memory");
                return 0;
        }
        return n_bytes;
}

static size_t on_body(char *p, size_t size, size_t n, void *userdata) {
        HttpRequest *request = userdata;
        size_t n_bytes = size * n;

        if (request->cancelled)
                return 0;

        if (request->is_redirect) {
                request->n_body_received += n_bytes;
                return request->n_body_received <= REDIRECT_BODY_BYTES_MAX ? n_bytes : 0;
        }

        switch (body_take(request, p, n_bytes)) {
        case BODY_TAKEN:
                /* A rest of it, if there is one, goes on from the loop. */
                if (body_has_rest(request))
                        client_arm_work(request->client);
                return n_bytes;
        case BODY_PAUSE:
                request->paused = true;
                client_arm_work(request->client);
                return CURL_WRITEFUNC_PAUSE;
        case BODY_STOP:
                break;
        }
        return 0;
}

static int on_progress(void *userdata, curl_off_t dltotal, curl_off_t dlnow, curl_off_t ultotal,
        curl_off_t ulnow) {
        HttpRequest *request = userdata;

        (void) dltotal;
        (void) ultotal;
        (void) ulnow;
        if (request->cancelled)
                return 1;
        if (!request->is_redirect && (uint64_t) dlnow > body_wire_max(request)) {
                request_stop(request, HTTP_TOO_LARGE, 0, "the compressed body is over the limit");
                return 1;
        }
        return 0;
}

/* Every new connection. One address that is refused lets libcurl try the next; it is the end only
 * when there was no other. */
static curl_socket_t on_open_socket(
        void *userdata, curlsocktype purpose, struct curl_sockaddr *address) {
        HttpRequest *request = userdata;

        (void) purpose;
        queue_resolved(request);
        if (!request->allow_private && !request->proxied &&
                !guard_address_is_public(&address->addr)) {
                request->n_refused++;
                return CURL_SOCKET_BAD;
        }

        request->n_opened++;
        return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

/* Every request, also on a connection that another one opened. */
static int on_prerequest(
        void *userdata, char *primary_ip, char *local_ip, int primary_port, int local_port) {
        HttpRequest *request = userdata;
        struct sockaddr_storage address;

        (void) local_ip;
        (void) primary_port;
        (void) local_port;
        queue_resolved(request);
        if (request->allow_private || request->proxied)
                return CURL_PREREQFUNC_OK;
        if (guard_text_to_address(primary_ip, &address) &&
                guard_address_is_public((const struct sockaddr *) &address))
                return CURL_PREREQFUNC_OK;

        request_stop(request, HTTP_REFUSED, 0, GUARD_REFUSAL);
        return CURL_PREREQFUNC_ABORT;
}

/* --- one hop as a handle --- */

static int append_line(HttpRequest *request, const char *line) {
        struct curl_slist *fields = curl_slist_append(request->fields, line);

        if (!fields)
                return -ENOMEM;
        request->fields = fields;
        return 0;
}

/* NULL: no such field. */
static int add_field(HttpRequest *request, const char *name, const char *value) {
        _cleanup_free_ char *line = NULL;

        if (!value)
                return 0;
        /* "Name;" is how libcurl is told of an empty value, "Name:" would take the field out. */
        if (asprintf(&line, *value ? "%s: %s" : "%s;", name, value) < 0)
                return -ENOMEM;
        return append_line(request, line);
}

/* Is this hop the one that the validators came from? */
static bool is_conditional(const HttpRequest *request) {
        return request->conditional_url ? streq(request->conditional_url, request->at_url)
                                        : request->n_redirects == 0;
}

static int transfer_add_own_headers(HttpRequest *request) {
        int r;

        STRV_FOREACH (header, request->headers) {
                _cleanup_free_ char *copy = strdup(*header);
                char *colon;

                if (!copy)
                        return -ENOMEM;
                colon = strchr(copy, ':');
                *colon = '\0';
                r = add_field(request, strstrip(copy), strstrip(colon + 1));
                if (r < 0)
                        return r;
        }
        return add_field(request, "Authorization", request->authorization);
}

static bool has_header(char **headers, const char *name) {
        STRV_FOREACH (header, headers) {
                const char *rest = startswith_nocase(*header, name);

                if (rest && *rest == ':')
                        return true;
        }
        return false;
}

static int transfer_add_fields(HttpRequest *request) {
        _cleanup_free_ char *configured = NULL;
        bool at_home = request->n_redirects == 0;
        int r = 0;

        if (!at_home) {
                r = url_origin(request->url, &configured);
                if (r < 0)
                        return r;
                at_home = streq(configured, request->origin);
        }

        if (!at_home || !has_header(request->headers, "Accept"))
                r = add_field(request, "Accept", request->accept);
        if (r >= 0 && (!at_home || !has_header(request->headers, "Accept-Encoding")))
                r = add_field(request, "Accept-Encoding", INFLATE_ACCEPT);
        if (r >= 0 && at_home)
                r = transfer_add_own_headers(request);
        if (r >= 0 && is_conditional(request)) {
                r = add_field(request, "If-None-Match", request->if_none_match);
                if (r >= 0)
                        r = add_field(request, "If-Modified-Since", request->if_modified_since);
        }
        /* libcurl's own additions to a body: a type that is a guess, and a handshake that costs a
         * second with servers that do not know it. */
        if (r >= 0 && request->has_body && !has_header(request->headers, "Content-Type"))
                r = append_line(request, "Content-Type:");
        if (r >= 0 && request->has_body)
                r = append_line(request, "Expect:");
        return r;
}

static const struct {
        CURLoption option;
        long value;
} fixed_options[] = {
        { CURLOPT_NOSIGNAL, 1 },
        { CURLOPT_QUICK_EXIT, 1 }, /* else a stuck lookup blocks the loop when it is given up */
        { CURLOPT_FOLLOWLOCATION, 0 }, { CURLOPT_NETRC, CURL_NETRC_IGNORED },
        { CURLOPT_DISALLOW_USERNAME_IN_URL, 1 }, { CURLOPT_SUPPRESS_CONNECT_HEADERS, 1 },
        { CURLOPT_SSL_VERIFYPEER, 1 }, { CURLOPT_SSL_VERIFYHOST, 2 },
        { CURLOPT_HTTP_CONTENT_DECODING, 0 }, /* body.c does */
        { CURLOPT_CONNECTTIMEOUT, CONNECT_TIMEOUT_SECONDS },
        { CURLOPT_LOW_SPEED_LIMIT, LOW_SPEED_BYTES }, { CURLOPT_LOW_SPEED_TIME, LOW_SPEED_SECONDS },
        { CURLOPT_BUFFERSIZE, READ_BYTES }, { CURLOPT_NOPROGRESS, 0 }, /* it counts the wire */
};

/* A setting fails only when memory is out: names and values are fixed or were checked. */
#define SET(easy, option, value)                                             \
        do {                                                                 \
                if (curl_easy_setopt((easy), (option), (value)) != CURLE_OK) \
                        return -ENOMEM;                                      \
        } while (false)

static int transfer_set_method(HttpRequest *request) {
        CURL *easy = request->easy;

        if (request->has_body) {
                SET(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t) request->n_body_bytes);
                SET(easy, CURLOPT_POSTFIELDS, (char *) request->body);
                SET(easy, CURLOPT_CUSTOMREQUEST, request->at_method);
        } else if (streq(request->at_method, "HEAD"))
                SET(easy, CURLOPT_NOBODY, 1L);
        else if (!streq(request->at_method, "GET"))
                SET(easy, CURLOPT_CUSTOMREQUEST, request->at_method);
        return 0;
}

static int transfer_set_callbacks(HttpRequest *request) {
        CURL *easy = request->easy;

        SET(easy, CURLOPT_PRIVATE, request);
        SET(easy, CURLOPT_ERRORBUFFER, request->error_text);
        SET(easy, CURLOPT_HEADERFUNCTION, on_header);
        SET(easy, CURLOPT_HEADERDATA, request);
        SET(easy, CURLOPT_WRITEFUNCTION, on_body);
        SET(easy, CURLOPT_WRITEDATA, request);
        SET(easy, CURLOPT_XFERINFOFUNCTION, on_progress);
        SET(easy, CURLOPT_XFERINFODATA, request);
        SET(easy, CURLOPT_OPENSOCKETFUNCTION, on_open_socket);
        SET(easy, CURLOPT_OPENSOCKETDATA, request);
        SET(easy, CURLOPT_PREREQFUNCTION, on_prerequest);
        SET(easy, CURLOPT_PREREQDATA, request);
        return 0;
}

/* Through a proxy only what stands in the URL can be judged: an address, or this machine's name. */
static int transfer_judge_host(HttpRequest *request) {
        _cleanup_free_ char *host = NULL;
        struct sockaddr_storage address;
        bool is_private;
        int r;

        r = url_host(request->at_url, &host);
        if (r < 0)
                return r;

        if (guard_text_to_address(host, &address))
                is_private = !guard_address_is_public((const struct sockaddr *) &address);
        else
                is_private = streq(host, "localhost") || endswith(host, ".localhost");
        if (is_private)
                request_stop(request, HTTP_REFUSED, 0, GUARD_REFUSAL);
        return 0;
}

static int transfer_set_proxy(HttpRequest *request) {
        _cleanup_free_ char *found = NULL;
        const char *proxy = request->proxy;
        int r;

        if (!proxy) {
                r = proxy_from_environment(request->at_url, &found);
                if (r < 0)
                        return r;
                proxy = strempty(found);
        }

        request->proxied = *proxy != '\0';
        SET(request->easy, CURLOPT_PROXY, proxy);
        SET(request->easy, CURLOPT_NOPROXY, "");
        return request->proxied && !request->allow_private ? transfer_judge_host(request) : 0;
}

/* Whom to trust, where that is not the system's business: as OpenSSL's own tools and curl do it. */
static int transfer_set_trust(HttpRequest *request) {
        const char *file = secure_getenv("SSL_CERT_FILE"), *folder = secure_getenv("SSL_CERT_DIR");

        if (!isempty(file)) {
                SET(request->easy, CURLOPT_CAINFO, file);
                SET(request->easy, CURLOPT_PROXY_CAINFO, file);
        }
        if (!isempty(folder)) {
                SET(request->easy, CURLOPT_CAPATH, folder);
                SET(request->easy, CURLOPT_PROXY_CAPATH, folder);
        }
        return 0;
}

int transfer_open(HttpRequest *request) {
        usec_t left_usec = usec_sub(request->timeout_usec, request->used_usec);
        int r;

        answer_done(&request->answer);
        request->n_head_bytes = 0;
        body_done(request);
        request->head_ended = request->head_given = request->is_redirect = false;
        request->paused = request->finished = false;
        request->n_opened = request->n_refused = 0;
        request->error_text[0] = '\0';
        if (request->timeout_usec > 0 && left_usec == 0)
                request_stop(request, HTTP_TIMEOUT, 0, "no time left after redirects");
        /* A page's address comes from a feed, that of others from who runs this. */
        if (request->class == HTTP_PAGE && guard_port_is_bad(origin_port(request->origin)))
                request_stop(request, HTTP_REFUSED, 0, "its port belongs to another protocol");

        request->easy = curl_easy_init();
        if (!request->easy)
                return -ENOMEM;
        for (size_t i = 0; i < ELEMENTSOF(fixed_options); i++)
                SET(request->easy, fixed_options[i].option, fixed_options[i].value);
        SET(request->easy, CURLOPT_URL, request->at_url);
        SET(request->easy, CURLOPT_PROTOCOLS_STR, "http,https");
        SET(request->easy, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
        if (request->only_http1) /* and on a connection of its own */
                SET(request->easy, CURLOPT_FRESH_CONNECT, 1L);
        SET(request->easy, CURLOPT_HTTP_VERSION,
                (long) (request->only_http1 ? CURL_HTTP_VERSION_1_1 : CURL_HTTP_VERSION_2TLS));
        SET(request->easy, CURLOPT_USERAGENT, request->client->user_agent);
        if (request->timeout_usec > 0)
                SET(request->easy, CURLOPT_TIMEOUT_MS,
                        (long) MIN(left_usec / USEC_PER_MSEC + 1, (usec_t) INT32_MAX));

        r = transfer_set_callbacks(request);
        if (r >= 0)
                r = transfer_set_method(request);
        if (r >= 0)
                r = transfer_set_proxy(request);
        if (r >= 0)
                r = transfer_set_trust(request);
        if (r >= 0)
                r = transfer_add_fields(request);
        if (r < 0)
                return r;
        SET(request->easy, CURLOPT_HTTPHEADER, request->fields);
        return 0;
}

void transfer_close(HttpRequest *request) {
        curl_easy_cleanup(request->easy);
        request->easy = NULL;
        curl_slist_free_all(request->fields);
        request->fields = NULL;
}
