/* SPDX-License-Identifier: MIT */

#include "http/client.h"

#include <errno.h>

static const char *const failure_table[HTTP_FAILURE_MAX] = {
        [HTTP_OK] = "ok",
        [HTTP_RESOLVE] = "resolve",
        [HTTP_CONNECT] = "connect",
        [HTTP_TLS] = "tls",
        [HTTP_TIMEOUT] = "timeout",
        [HTTP_REFUSED] = "refused",
        [HTTP_REDIRECT] = "redirect",
        [HTTP_TOO_LARGE] = "too-large",
        [HTTP_PROTOCOL] = "protocol",
        [HTTP_RESET] = "reset",
        [HTTP_ABORTED] = "aborted",
};

const char *http_failure_to_string(HttpFailure failure) {
        return (size_t) failure < ELEMENTSOF(failure_table) ? failure_table[failure] : NULL;
}

bool http_failure_is_passing(HttpFailure failure) {
        return failure != HTTP_OK && failure != HTTP_REFUSED && failure != HTTP_REDIRECT &&
                failure != HTTP_TOO_LARGE;
}

/* The one place that maps libcurl's codes. What our own callbacks caused (write error, aborted) is
 * known by the request's stop field and never comes here. */
HttpFailure failure_from_curl(CURLcode code) {
        switch ((int) code) {
        case CURLE_OK:
                return HTTP_OK;

        case CURLE_COULDNT_RESOLVE_HOST:
        case CURLE_COULDNT_RESOLVE_PROXY:
                return HTTP_RESOLVE;

        case CURLE_COULDNT_CONNECT:
        case CURLE_PROXY:
        case CURLE_INTERFACE_FAILED:
                return HTTP_CONNECT;

        case CURLE_SSL_CONNECT_ERROR:
        case CURLE_PEER_FAILED_VERIFICATION:
        case CURLE_SSL_ENGINE_NOTFOUND:
        case CURLE_SSL_ENGINE_SETFAILED:
        case CURLE_SSL_ENGINE_INITFAILED:
        case CURLE_SSL_CERTPROBLEM:
        case CURLE_SSL_CIPHER:
        case CURLE_SSL_CACERT_BADFILE:
        case CURLE_SSL_CRL_BADFILE:
        case CURLE_SSL_ISSUER_ERROR:
        case CURLE_SSL_SHUTDOWN_FAILED:
        case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
        case CURLE_SSL_INVALIDCERTSTATUS:
        case CURLE_SSL_CLIENTCERT:
        case CURLE_USE_SSL_FAILED:
                return HTTP_TLS;

        case CURLE_OPERATION_TIMEDOUT:
                return HTTP_TIMEOUT;

        case CURLE_URL_MALFORMAT:
                return HTTP_REFUSED;

        case CURLE_TOO_MANY_REDIRECTS:
                return HTTP_REDIRECT;

        case CURLE_FILESIZE_EXCEEDED:
                return HTTP_TOO_LARGE;

        case CURLE_PARTIAL_FILE:
        case CURLE_GOT_NOTHING:
        case CURLE_SEND_ERROR:
        case CURLE_RECV_ERROR:
        case CURLE_HTTP2_STREAM:
                return HTTP_RESET;

        case CURLE_OUT_OF_MEMORY:
        case CURLE_WRITE_ERROR:
        case CURLE_READ_ERROR:
        case CURLE_ABORTED_BY_CALLBACK:
        case CURLE_FAILED_INIT:
        case CURLE_BAD_FUNCTION_ARGUMENT:
        case CURLE_UNKNOWN_OPTION:
                return HTTP_ABORTED;

        default: /* HTTP/0.9 ("unsupported protocol"), weird replies, bad content encodings, HTTP/2
                    framing and kin */
                return HTTP_PROTOCOL;
        }
}

/* What connect(2) or socket(2) said last. */
static HttpBlame blame_from_errno(long error) {
        switch (error) {
        case ENETUNREACH:
        case EHOSTUNREACH:
        case ENETDOWN:
        case EHOSTDOWN:
        case EADDRNOTAVAIL: /* no address of ours is left */
                return HTTP_BLAME_NETWORK;
        case EMFILE:
        case ENFILE:
        case ENOBUFS:
        case ENOMEM:
                return HTTP_BLAME_OURSELVES;
        default:
                return HTTP_BLAME_SERVER;
        }
}

HttpBlame blame_from_curl(const HttpRequest *request, CURLcode code, bool resolving) {
        long error = 0;

        if (request->stop != HTTP_OK || request->cancelled)
                return HTTP_BLAME_SERVER;
        /* libcurl's words where pthread_create() failed, for which it has no code. */
        if ((code == CURLE_COULDNT_RESOLVE_HOST || code == CURLE_COULDNT_RESOLVE_PROXY) &&
                strstr(request->error_text, "thread failed to start"))
                return HTTP_BLAME_OURSELVES;
        /* All that a proxy fails at is the proxy's. */
        if (request->proxied)
                return HTTP_BLAME_SERVER;

        switch ((int) code) {
        case CURLE_COULDNT_RESOLVE_HOST:
                return HTTP_BLAME_NETWORK;
        case CURLE_OPERATION_TIMEDOUT:
                return resolving ? HTTP_BLAME_NETWORK : HTTP_BLAME_SERVER;
        case CURLE_COULDNT_CONNECT:
                if (curl_easy_getinfo(request->easy, CURLINFO_OS_ERRNO, &error) != CURLE_OK)
                        return HTTP_BLAME_SERVER;
                return blame_from_errno(error);
        case CURLE_PEER_FAILED_VERIFICATION:
                return HTTP_BLAME_CERTIFICATE;
        default:
                return HTTP_BLAME_SERVER;
        }
}
