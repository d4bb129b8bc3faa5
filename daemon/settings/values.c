/* SPDX-License-Identifier: MIT */

#include "settings/values.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "base/strv.h"
#include "base/url.h"
#include "settings/file.h"
#include "text/utf8.h"

/* A title is shown on one line. */
#define STRING_BYTES_MAX 512
/* Part of every request. */
#define CONTACT_BYTES_MAX 256
#define HEADERS_MAX 32
#define HEADER_BYTES_MAX ((size_t) 8 * 1024)
/* What a file name may have. */
#define CREDENTIAL_NAME_BYTES_MAX 255
#define REFERENCES_MAX 1000

#define INTERVAL_MIN_USEC USEC_PER_MINUTE
/* Longer is a mistake: such a feed is better left out. */
#define INTERVAL_MAX_USEC (366 * USEC_PER_DAY)
/* Stories are followed, and first polls judged, over a day. */
#define RETENTION_MIN_USEC USEC_PER_DAY

static int report(const SettingContext *context, const Assignment *a, const char *message) {
        value_error(context, a, a->value, "%s", message);
        return 0;
}

int setting_text_set(SettingText *text, const char *value, SourcePos pos) {
        SettingText t = { .line = pos.line, .column = pos.column };

        t.text = strdup(value);
        t.file = strdup(strempty(pos.file));
        t.source = pos.source ? strdup(pos.source) : NULL;
        if (!t.text || !t.file || (pos.source && !t.source)) {
                setting_text_done(&t);
                return -ENOMEM;
        }

        setting_text_done(text);
        *text = t;
        return 0;
}

void setting_text_done(SettingText *text) {
        free(text->text);
        free(text->file);
        free(text->source);
        *text = (SettingText){};
}

/* --- plain values --- */

int parse_string(const SettingContext *context, const Assignment *a, void *field) {
        if (strlen(a->value) > STRING_BYTES_MAX) {
                value_error(context, a, a->value, "longer than %d bytes", STRING_BYTES_MAX);
                return 0;
        }

        return free_and_strdup(field, a->value);
}

/* It stands in the User-Agent, inside parentheses (RFC 9110, 5.6.5). */
int parse_contact(const SettingContext *context, const Assignment *a, void *field) {
        for (const char *c = a->value; *c; c++)
                if (*c <= ' ' || *c > '~' || strchr("()\\", *c)) {
                        value_error(context, a, c,
                                "an address here has no white space, parentheses or letters "
                                "beyond ASCII");
                        return 0;
                }
        if (strlen(a->value) > CONTACT_BYTES_MAX) {
                value_error(context, a, a->value, "longer than %d bytes", CONTACT_BYTES_MAX);
                return 0;
        }

        return free_and_strdup(field, a->value);
}

int parse_path(const SettingContext *context, const Assignment *a, void *field) {
        char *path;
        int r;

        r = path_beside(a->file ? a->file->path : "", a->value, &path);
        if (r == -ENOMEM)
                return r;
        if (r < 0) {
                value_error(context, a, a->value, "cannot tell where this lies: %s", strerror(-r));
                return 0;
        }

        free(*(char **) field);
        *(char **) field = path;
        return 0;
}

int parse_flag(const SettingContext *context, const Assignment *a, void *field) {
        if (parse_boolean(a->value, field) < 0)
                return report(context, a, "expected yes or no");

        return 0;
}

int parse_include(const SettingContext *context _unused_, const Assignment *a _unused_,
        void *field _unused_) {
        return 0;
}

/* A token of RFC 9110, 5.6.2. */
static bool is_token_char(char c) {
        return ascii_isalpha(c) || ascii_isdigit(c) || (c && strchr("!#$%&'*+-.^_`|~", c));
}

int parse_header(const SettingContext *context, const Assignment *a, void *field) {
        char ***headers = field;
        const char *colon = a->value;

        while (is_token_char(*colon))
                colon++;
        if (colon == a->value || *colon != ':')
                return report(context, a, "expected 'NAME: VALUE'");
        if (strlen(a->value) > HEADER_BYTES_MAX)
                return report(context, a, "a header has at most 8 KiB");
        if (strv_length(*headers) >= HEADERS_MAX) {
                value_error(context, a, a->value, "more than %d headers", HEADERS_MAX);
                return 0;
        }

        return strv_extend(headers, a->value);
}

int parse_proxy(const SettingContext *context, const Assignment *a, void *field) {
        static const char *const schemes[] = { "http://", "https://", "socks5://", "socks5h://" };
        _cleanup_free_ char *host = NULL;

        for (size_t i = 0; i < ELEMENTSOF(schemes); i++) {
                int r;

                if (!startswith_nocase(a->value, schemes[i]))
                        continue;
                r = strlen(a->value) > URL_BYTES_MAX ? -EINVAL : url_host(a->value, &host);
                if (r == -ENOMEM)
                        return r;
                if (r < 0)
                        return report(context, a, "this is no address of a proxy");
                return free_and_strdup(field, a->value);
        }

        return report(context, a,
                "a proxy is http://HOST:PORT, https://HOST:PORT or "
                "socks5://HOST:PORT");
}

/* What systemd takes for a credential's name: a file name that can stand in LoadCredential=. */
int parse_credential(const SettingContext *context, const Assignment *a, void *field) {
        bool good = !streq(a->value, ".") && !streq(a->value, "..") &&
                strlen(a->value) <= CREDENTIAL_NAME_BYTES_MAX;

        for (const char *c = a->value; *c && good; c++)
                good = *c > ' ' && *c <= '~' && *c != '/' && *c != ':';
        if (!good)
                return report(context, a,
                        "the name of a credential is a file name without '/', "
                        "':' and white space");

        return free_and_strdup(field, a->value);
}

/* --- references --- */

static int parse_references(
        const SettingContext *context, const Assignment *a, SectionType type, char ***names) {
        const char *start = a->value;
        int r;

        while (*start != '\0') {
                _cleanup_free_ char *name = NULL;
                size_t n = strcspn(start, " \t");

                name = memdup_suffix0(start, n);
                if (!name)
                        return -ENOMEM;

                if (!config_outline_find(context->outline, type, name)) {
                        Suggestion s = config_outline_suggest(context->outline, type, name);

                        value_error(context, a, start, "there is no [%s %.*s]%s",
                                section_type_to_string(type), SHOWN(name), FORMAT_SUGGESTION(s));
                } else if (!strv_contains(*names, name)) {
                        if (strv_length(*names) >= REFERENCES_MAX) {
                                value_error(
                                        context, a, a->value, "more than %d names", REFERENCES_MAX);
                                return 0;
                        }
                        r = strv_consume(names, TAKE_PTR(name));
                        if (r < 0)
                                return r;
                }

                start += n;
                start += strspn(start, " \t");
        }

        return 0;
}

int parse_profiles(const SettingContext *context, const Assignment *a, void *field) {
        return parse_references(context, a, SECTION_PROFILE, field);
}

int parse_sinks(const SettingContext *context, const Assignment *a, void *field) {
        return parse_references(context, a, SECTION_SINK, field);
}

/* --- time --- */

/* Positive when it was read. */
static int parse_span(const SettingContext *context, const Assignment *a, usec_t *ret) {
        if (timespan_parse(a->value, ret) < 0)
                return report(context, a, "expected a time span, such as 10min or 1h 30min");

        return 1;
}

int parse_interval(const SettingContext *context, const Assignment *a, void *field) {
        FeedSettings *feed = field;
        usec_t span;

        if (streq(a->value, "auto")) {
                feed->interval_auto = true;
                return 0;
        }

        if (timespan_parse(a->value, &span) < 0)
                return report(context, a, "expected auto or a time span, such as 10min");
        if (span < INTERVAL_MIN_USEC)
                return report(context, a,
                        "an interval is at least 1min (a number without a unit "
                        "counts seconds)");
        if (span > INTERVAL_MAX_USEC)
                return report(context, a, "an interval is at most 1y");

        feed->interval_auto = false;
        feed->interval_usec = span;
        return 0;
}

int parse_retention(const SettingContext *context, const Assignment *a, void *field) {
        usec_t span;
        int r;

        r = parse_span(context, a, &span);
        if (r <= 0)
                return r;
        if (span < RETENTION_MIN_USEC)
                return report(context, a,
                        "retention is at least 1d (a number without a unit "
                        "counts seconds)");

        *(usec_t *) field = span;
        return 0;
}

/* --- numbers --- */

static int parse_milli_between(
        const SettingContext *context, const Assignment *a, int64_t min, int64_t max, void *field) {
        int64_t value;
        int r;

        r = parse_milli(a->value, &value);
        if (r == -EINVAL)
                return report(context, a, "expected a number with at most three decimals");
        if (r < 0 || value < min || value > max) {
                value_error(context, a, a->value, "expected a number from %s to %s",
                        format_milli(min, (char[32]){}), format_milli(max, (char[32]){}));
                return 0;
        }

        *(int64_t *) field = value;
        return 0;
}

int parse_feed_weight(const SettingContext *context, const Assignment *a, void *field) {
        return parse_milli_between(context, a, 0, 100 * 1000, field);
}

/* Thresholds: no score is higher than this with any sensible profile. */
int parse_points(const SettingContext *context, const Assignment *a, void *field) {
        return parse_milli_between(context, a, 1, INT64_C(1000000) * 1000, field);
}

int parse_factor(const SettingContext *context, const Assignment *a, void *field) {
        return parse_milli_between(context, a, 0, 100 * 1000, field);
}

/* --- addresses --- */

/* Positive when it can be fetched. */
static int check_url(const SettingContext *context, const Assignment *a) {
        Assignment hidden = *a;
        int r;

        hidden.source = NULL;

        r = url_check_fetchable(a->value);
        switch (r) {
        case 0:
                return 1;
        case -ENOMEM:
                return r;
        case -EPROTONOSUPPORT:
                return report(context, a, "an address starts with https:// or http://");
        case -EACCES:
                return report(context, &hidden,
                        "an address must not hold a user name or a password; "
                        "'credential' names where to find them");
        case -EFBIG:
                return report(context, &hidden, "an address has at most 8 KiB");
        default:
                return report(context, a, "this is no address");
        }
}

int parse_feed_url(const SettingContext *context, const Assignment *a, void *field) {
        int r;

        r = check_url(context, a);
        if (r <= 0)
                return r;

        return setting_text_set(field, a->value, assignment_value_pos(a));
}

int parse_sink_url(const SettingContext *context, const Assignment *a, void *field) {
        int r;

        r = check_url(context, a);
        if (r <= 0)
                return r;

        return free_and_strdup(field, a->value);
}
