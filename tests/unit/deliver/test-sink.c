/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>

#include "base/strv.h"
#include "deliver/sink.h"

#define SECRET_A "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
#define SECRET_E "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
#define ID_A "msg_p5jXN8AQM9LWM0D4loKWxJek"
#define ID_B "msg_2KWPBgLlAfxdpx2AI54pPJ85f4W"
#define SIGNATURE_A "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
#define SIGNATURE_E "v1,O4Gjv1HqPqsMrjmczoggs/sWA8gZD0VyHG+fLh4+ktI="

/* The first is the vector of the Standard Webhooks reference libraries. */
static void test_sign(void **state _unused_) {
        static const struct {
                const char *secret, *id;
                uint64_t timestamp;
                const char *body, *signature;
        } cases[] = {
                { SECRET_A, ID_A, 1614265330, "{\"test\": 2432232314}", SIGNATURE_A },
                { SECRET_A, ID_B, 1674087231,
                        "{\"type\":\"contact.created\","
                        "\"timestamp\":\"2022-11-03T20:26:10.344522Z\","
                        "\"data\":{\"id\":\"1f81eb52-5198-4599-803e-771906343485\"}}",
                        "v1,ARw42xaAApl/nxRo+iPGYwSaMQaOwMo2eyH5JBRA+bQ=" },
                { SECRET_A, ID_B, 1674087231, "",
                        "v1,A5hMMR9P/3wRdDlYQIpfU6eGBMB4KECXzx5EMRv7TBg=" },
                { SECRET_A, ID_A, 1614265330,
                        "{\"t\":\"Gr\xc3\xb6\xc3\x9f"
                        "e \xe2\x80\x93 \xe9\x98\xb2\xe8\xa1\x9b\"}",
                        "v1,56fx6PltfvsPF/RaI/3qZf57MZrhOrg/gb4EIb4HYQM=" },
                { SECRET_E, ID_A, 1614265330, "{\"test\": 2432232314}", SIGNATURE_E },
                { "\t" SECRET_A "\n" SECRET_E " ", ID_A, 1614265330, "{\"test\": 2432232314}",
                        SIGNATURE_A " " SIGNATURE_E },
                /* Some libraries hand it out without the prefix. */
                { "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", ID_A, 1614265330, "{\"test\": 2432232314}",
                        SIGNATURE_A },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_(strv_freep) char **headers = NULL;
                _cleanup_free_ char *id = NULL, *timestamp = NULL, *signature = NULL;

                assert_int_equal(sink_sign(cases[i].id, cases[i].timestamp * USEC_PER_SEC + 999999,
                                         cases[i].body, cases[i].secret, &headers),
                        0);
                assert_int_equal(strv_length(headers), 3);
                assert_true(asprintf(&id, "webhook-id: %s", cases[i].id) > 0);
                assert_true(asprintf(&timestamp, "webhook-timestamp: %lu",
                                    (unsigned long) cases[i].timestamp) > 0);
                assert_true(asprintf(&signature, "webhook-signature: %s", cases[i].signature) > 0);
                assert_string_equal(headers[0], id);
                assert_string_equal(headers[1], timestamp);
                assert_string_equal(headers[2], signature);
        }
}

static void test_sign_without_secret(void **state _unused_) {
        _cleanup_(strv_freep) char **headers = NULL;

        assert_int_equal(sink_sign("abc", 5 * USEC_PER_SEC, "{}", /* secret= */ NULL, &headers), 0);
        assert_int_equal(strv_length(headers), 2);
        assert_string_equal(headers[0], "webhook-id: abc");
        assert_string_equal(headers[1], "webhook-timestamp: 5");
}

static void test_sign_refuses(void **state _unused_) {
        static const struct {
                const char *name, *id, *secret;
        } cases[] = {
                { "dot in the id", "a.b", SECRET_A },
                { "line break in the id", "a\r\nb", NULL },
                { "no id", "", NULL },
                { "empty secret", "a", "" },
                { "white space alone", "a", " \n" },
                { "no base64", "a", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLa!!" },
                { "23 bytes", "a", "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRY=" },
                { "66 bytes", "a",
                        "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4vMDEy"
                        "MzQ1Njc4OTo7PD0+P0BB" },
                { "one of two is bad", "a", SECRET_A " whsec_x" },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                char **headers = NULL;

                if (sink_sign(cases[i].id, 0, "", cases[i].secret, &headers) != -EINVAL || headers)
                        fail_msg("%s", cases[i].name);
        }
}

static void test_classify(void **state _unused_) {
        static const struct {
                SinkFormat format;
                unsigned status;
                const char *body;
                usec_t retry_after_usec;
                SinkVerdict verdict;
                usec_t wait_usec;
        } cases[] = {
                { SINK_JSON, 200, "", 0, SINK_ACCEPTED, 0 },
                { SINK_JSON, 202, "anything", 0, SINK_ACCEPTED, 0 },
                { SINK_JSON, 204, NULL, 0, SINK_ACCEPTED, 0 },
                { SINK_JSON, 302, "", 0, SINK_DESTINATION_REFUSED, 0 },
                { SINK_JSON, 400, "", 0, SINK_MESSAGE_REFUSED, 0 },
                { SINK_JSON, 401, "", 0, SINK_DESTINATION_REFUSED, 0 },
                { SINK_JSON, 403, "", 0, SINK_DESTINATION_REFUSED, 0 },
                { SINK_JSON, 404, "", 0, SINK_DESTINATION_REFUSED, 0 },
                { SINK_JSON, 405, "", 0, SINK_DESTINATION_REFUSED, 0 },
                { SINK_JSON, 408, "", 0, SINK_RETRY, 0 },
                { SINK_JSON, 409, "", 0, SINK_MESSAGE_REFUSED, 0 },
                { SINK_JSON, 410, "", 0, SINK_DESTINATION_REFUSED, 0 },
                { SINK_JSON, 413, "", 0, SINK_MESSAGE_REFUSED, 0 },
                { SINK_JSON, 415, "", 0, SINK_MESSAGE_REFUSED, 0 },
                { SINK_JSON, 422, "", 0, SINK_MESSAGE_REFUSED, 0 },
                { SINK_JSON, 425, "", 0, SINK_RETRY, 0 },
                { SINK_JSON, 429, "{\"retry_after\":5}", 0, SINK_RATE_LIMITED, 0 },
                { SINK_JSON, 429, "", 7 * USEC_PER_SEC, SINK_RATE_LIMITED, 7 * USEC_PER_SEC },
                { SINK_JSON, 429, "", 7 * USEC_PER_DAY, SINK_RATE_LIMITED, USEC_PER_DAY },
                { SINK_JSON, 500, "", 0, SINK_RETRY, 0 },
                { SINK_JSON, 500, "", USEC_PER_MINUTE, SINK_RETRY, USEC_PER_MINUTE },
                { SINK_JSON, 501, "", 0, SINK_DESTINATION_REFUSED, 0 },
                { SINK_JSON, 502, "", 0, SINK_RETRY, 0 },
                { SINK_JSON, 503, "", 0, SINK_RETRY, 0 },
                { SINK_JSON, 503, "", USEC_PER_SEC, SINK_RATE_LIMITED, USEC_PER_SEC },
                { SINK_JSON, 504, "", 0, SINK_RETRY, 0 },
                { SINK_JSON, 505, "", 0, SINK_DESTINATION_REFUSED, 0 },
                { SINK_JSON, 999, "", 0, SINK_RETRY, 0 },
                { SINK_SLACK, 200, "ok", 0, SINK_ACCEPTED, 0 },
                { SINK_SLACK, 200, "{\"ok\":false}", 0, SINK_RETRY, 0 },
                { SINK_SLACK, 200, "", 0, SINK_RETRY, 0 },
                { SINK_SLACK, 201, "ok", 0, SINK_RETRY, 0 },
                { SINK_SLACK, 200, "invalid_token", 0, SINK_DESTINATION_REFUSED, 0 },
                { SINK_SLACK, 400, "invalid_payload", 0, SINK_MESSAGE_REFUSED, 0 },
                { SINK_SLACK, 400, "no_team", 0, SINK_DESTINATION_REFUSED, 0 },
                { SINK_SLACK, 429, "{\"retry_after\":30,\"ok\":false}", 0, SINK_RATE_LIMITED,
                        30 * USEC_PER_SEC + 1 },
                { SINK_SLACK, 500, "rollup_error", 0, SINK_RETRY, 0 },
                { SINK_DISCORD, 200, "{\"id\":\"1\"}", 0, SINK_ACCEPTED, 0 },
                { SINK_DISCORD, 204, "", 0, SINK_ACCEPTED, 0 },
                { SINK_DISCORD, 202, "", 0, SINK_RETRY, 0 },
                { SINK_DISCORD, 429, "{\"retry_after\":0.75,\"global\":false}", 0,
                        SINK_RATE_LIMITED, 750001 },
                { SINK_DISCORD, 429, "{\"retry_after\":1e300}", 0, SINK_RATE_LIMITED,
                        USEC_PER_DAY },
                { SINK_DISCORD, 429, "{\"retry_after\":-1}", 0, SINK_RATE_LIMITED, 0 },
                { SINK_DISCORD, 429, "{\"retry_after\":\"x\"", 0, SINK_RATE_LIMITED, 0 },
                { SINK_DISCORD, 429, "[]", USEC_PER_SEC, SINK_RATE_LIMITED, USEC_PER_SEC },
                { SINK_DISCORD, 404, "{\"code\":10015}", 0, SINK_DESTINATION_REFUSED, 0 },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                const SinkSettings sink = { .type = SINK_WEBHOOK, .format = cases[i].format };
                const SinkAnswer answer = { .status = cases[i].status,
                        .body = cases[i].body,
                        .retry_after_usec = cases[i].retry_after_usec };
                _cleanup_free_ char *message = NULL;
                SinkVerdict verdict;
                usec_t wait_usec = 12345;

                verdict = sink_classify(&sink, &answer, &wait_usec, &message);
                if (verdict != cases[i].verdict || wait_usec != cases[i].wait_usec ||
                        (verdict == SINK_ACCEPTED) != !message)
                        fail_msg("%s %u '%s': %s, %lu us, %s",
                                sink_format_to_string(cases[i].format), cases[i].status,
                                strna(cases[i].body), sink_verdict_to_string(verdict),
                                (unsigned long) wait_usec, strna(message));
        }
}

static void test_message(void **state _unused_) {
        static const struct {
                SinkAnswer answer;
                const char *expected;
        } cases[] = {
                { { .status = 404, .body = "no_service\x1b[31m\n" },
                        "HTTP 404 (this address takes nothing): no_service[31m" },
                { { .status = 308, .body = "moved", .location = "https://b.example/secret" },
                        "HTTP 308 (a redirect, which is not followed: correct the address): "
                        "https://b.example/..." },
                { { .status = 503 }, "HTTP 503" },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                const SinkSettings sink = { .type = SINK_WEBHOOK, .format = SINK_SLACK };
                _cleanup_free_ char *message = NULL;
                usec_t wait_usec;

                (void) sink_classify(&sink, &cases[i].answer, &wait_usec, &message);
                assert_string_equal(message, cases[i].expected);
        }
}

static void test_address(void **state _unused_) {
        static const struct {
                SinkFormat format;
                const char *url, *expected;
        } cases[] = {
                { SINK_JSON, "https://a.example/x?y=z", "https://a.example/x?y=z" },
                { SINK_SLACK, "https://hooks.slack.com/services/T/B/X",
                        "https://hooks.slack.com/services/T/B/X" },
                { SINK_DISCORD, "https://discord.com/api/webhooks/1/t",
                        "https://discord.com/api/webhooks/1/t?wait=true" },
                { SINK_DISCORD, "https://discord.com/api/webhooks/1/t?thread_id=5",
                        "https://discord.com/api/webhooks/1/t?thread_id=5&wait=true" },
                { SINK_DISCORD, "https://discord.com/a?wait=false&thread_id=5&&x#f",
                        "https://discord.com/a?thread_id=5&x&wait=true" },
                { SINK_DISCORD, "https://discord.com/a?", "https://discord.com/a?wait=true" },
                { SINK_JSON, "ftp://a.example/", NULL },
                { SINK_DISCORD, "discord.com/a", NULL },
                { SINK_JSON, "https://u:p@a.example/", NULL },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                const SinkSettings sink = { .type = SINK_WEBHOOK, .format = cases[i].format };
                _cleanup_free_ char *address = NULL;
                int r;

                r = sink_address(&sink, cases[i].url, &address);
                if (r != (cases[i].expected ? 0 : -EINVAL) ||
                        !streq_ptr(address, cases[i].expected))
                        fail_msg("%s: %d, '%s'", cases[i].url, r, strna(address));
        }
}

static void test_secret_path(void **state _unused_) {
        assert_true(sink_has_secret_path(
                &(SinkSettings){ .format = SINK_SLACK, .url = (char *) "https://a.example/" }));
        assert_true(sink_has_secret_path(
                &(SinkSettings){ .format = SINK_JSON, .url_credential = (char *) "x" }));
        assert_false(sink_has_secret_path(
                &(SinkSettings){ .format = SINK_JSON, .url = (char *) "https://a.example/" }));
}

static void test_verdict_names(void **state _unused_) {
        for (SinkVerdict v = 0; v < SINK_VERDICT_MAX; v++) {
                SinkVerdict back;

                assert_int_equal(sink_verdict_from_string(sink_verdict_to_string(v), &back), 0);
                assert_int_equal(back, v);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_sign),
                cmocka_unit_test(test_sign_without_secret),
                cmocka_unit_test(test_sign_refuses),
                cmocka_unit_test(test_classify),
                cmocka_unit_test(test_message),
                cmocka_unit_test(test_address),
                cmocka_unit_test(test_secret_path),
                cmocka_unit_test(test_verdict_names),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
