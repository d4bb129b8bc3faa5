/* SPDX-License-Identifier: MIT */

#include "settings/judge.h"

#include <arpa/inet.h>
#include <errno.h>

#include "base/url.h"

/* --- addresses that will be refused at run time --- */

static bool is_private_ipv4(uint32_t a) {
        static const struct {
                uint32_t network;
                unsigned n_bits;
        } networks[] = {
                { 0x00000000, 8 },  /* this network */
                { 0x0A000000, 8 },  /* RFC 1918 */
                { 0x64400000, 10 }, /* shared, RFC 6598 */
                { 0x7F000000, 8 },  /* loopback */
                { 0xA9FE0000, 16 }, /* link-local */
                { 0xAC100000, 12 }, /* RFC 1918 */
                { 0xC0A80000, 16 }, /* RFC 1918 */
        };

        for (size_t i = 0; i < ELEMENTSOF(networks); i++)
                if ((a ^ networks[i].network) >> (32 - networks[i].n_bits) == 0)
                        return true;

        return false;
}

static bool is_private_ipv6(const struct in6_addr *a) {
        uint32_t embedded;

        if (IN6_IS_ADDR_V4MAPPED(a)) {
                memcpy(&embedded, &a->s6_addr[12], sizeof(embedded));
                return is_private_ipv4(ntohl(embedded));
        }

        return IN6_IS_ADDR_LOOPBACK(a) || IN6_IS_ADDR_UNSPECIFIED(a) || IN6_IS_ADDR_LINKLOCAL(a) ||
                (a->s6_addr[0] & 0xFE) == 0xFC; /* RFC 4193 */
}

/* A hint for the person who writes the configuration: names are looked up, and judged, when they
 * are used. */
static bool is_private_literal(const char *url) {
        _cleanup_free_ char *host = NULL;
        struct in_addr ipv4;
        struct in6_addr ipv6;

        if (url_host(url, &host) < 0)
                return false;
        if (streq(host, "localhost") || endswith(host, ".localhost"))
                return true;
        if (inet_pton(AF_INET, host, &ipv4) == 1)
                return is_private_ipv4(ntohl(ipv4.s_addr));
        if (inet_pton(AF_INET6, host, &ipv6) == 1)
                return is_private_ipv6(&ipv6);

        return false;
}

static void warn_private(
        Diags *diags, const Section *section, const char *url, bool allow_private) {
        const Assignment *a = section_given(section, "url");
        SourcePos pos;

        if (!a || !url || allow_private || !is_private_literal(url))
                return;

        pos = assignment_value_pos(a);
        pos.source = NULL;
        diag_warning(diags, pos,
                "this address is private, and requests to it will be refused without "
                "allow-private = yes");
}

/* --- sections --- */

static void judge_xpath(Diags *diags, const Section *section, const FeedSettings *feed) {
        static const char *const keys[] = { "item", "title", "link", "summary", "date" };

        if (feed->kind == FEED_KIND_XPATH) {
                SourcePos pos = assignment_value_pos(section_given(section, "kind"));

                if (!feed->xpath_item.text)
                        diag_error(
                                diags, pos, "kind = xpath needs 'item', which selects the items");
                else if (!feed->xpath_title.text && !feed->xpath_link.text)
                        diag_error(diags, pos, "kind = xpath needs a 'title' or a 'link'");
                return;
        }

        for (size_t i = 0; i < ELEMENTSOF(keys); i++) {
                const Assignment *a = section_given(section, keys[i]);

                if (a)
                        diag_error(diags, assignment_key_pos(a), "'%s' goes with kind = xpath",
                                keys[i]);
        }
}

void judge_feed(Diags *diags, const Section *section, const FeedSettings *feed) {
        if (!section_given(section, "url"))
                diag_error(diags, section_pos(section), "a feed needs a url");

        warn_private(diags, section, feed->url.text, feed->allow_private);
        judge_xpath(diags, section, feed);
}

void judge_profile(Diags *diags, const Section *section, const ProfileSettings *profile) {
        /* No keyword is no score, and a threshold is over 0. */
        if (!section_given(section, "keyword"))
                diag_warning(
                        diags, section_pos(section), "a profile without a keyword never matches");

        if (profile->critical_at_milli < profile->threshold_milli)
                diag_warning(diags, assignment_value_pos(section_given(section, "critical-at")),
                        "below the threshold: every alert of this profile is critical");
}

static const char *const url_keys[] = { "url", "url-file", "url-credential" };
static const char *const secret_keys[] = { "secret-file", "secret-credential" };

/* How many of @keys are given? Reports each behind the first. */
static size_t count_given(
        Diags *diags, const Section *section, const char *const *keys, size_t n_keys) {
        const char *first = NULL;
        size_t n = 0;

        for (size_t i = 0; i < n_keys; i++) {
                const Assignment *a = section_given(section, keys[i]);
                SourcePos pos;

                if (!a)
                        continue;
                n++;
                if (!first) {
                        first = keys[i];
                        continue;
                }

                pos = assignment_key_pos(a);
                pos.source = NULL; /* may be the secret */
                diag_error(diags, pos, "'%s' and '%s' exclude each other", keys[i], first);
        }

        return n;
}

static void judge_desktop(Diags *diags, const Section *section) {
        static const char *const keys[] = { "format", "url", "url-file", "url-credential",
                "secret-file", "secret-credential", "header", "proxy", "allow-private" };

        for (size_t i = 0; i < ELEMENTSOF(keys); i++) {
                const Assignment *a = section_given(section, keys[i]);
                SourcePos pos;

                if (!a)
                        continue;
                pos = assignment_key_pos(a);
                pos.source = NULL;
                diag_error(diags, pos, "'%s' goes with type = webhook", keys[i]);
        }
}

/* Chat services put the secret into the address: who reads it can post. */
static void warn_shared_url(Diags *diags, const Section *section) {
        const Assignment *a = section_given(section, "url");
        SourcePos pos;

        if (!a || !a->file->shared)
                return;

        pos = assignment_value_pos(a);
        pos.source = NULL;
        diag_warning(diags, pos,
                "this address is a secret, and others can read this file; use url-credential or "
                "url-file, or take the file's rights away from them");
}

static void judge_webhook(Diags *diags, const Section *section, const SinkSettings *sink) {
        const Assignment *format = section_given(section, "format");

        if (count_given(diags, section, url_keys, ELEMENTSOF(url_keys)) == 0)
                diag_error(diags, section_pos(section),
                        "a webhook needs one of url, url-file and url-credential");

        if (count_given(diags, section, secret_keys, ELEMENTSOF(secret_keys)) > 0 &&
                sink->format != SINK_JSON)
                diag_error(diags, assignment_key_pos(format),
                        "a secret for signing goes with format = json alone");

        if (sink->format == SINK_SLACK || sink->format == SINK_DISCORD)
                warn_shared_url(diags, section);
        warn_private(diags, section, sink->url, sink->allow_private);
}

void judge_sink(Diags *diags, const Section *section, const SinkSettings *sink) {
        if (!section_given(section, "type")) {
                diag_error(diags, section_pos(section), "a sink needs a type: webhook or desktop");
                return;
        }

        switch (sink->type) {
        case SINK_WEBHOOK:
                judge_webhook(diags, section, sink);
                return;
        case SINK_DESKTOP:
                judge_desktop(diags, section);
                return;
        case SINK_TYPE_MAX: /* given and not understood: said before */
                return;
        }
}
