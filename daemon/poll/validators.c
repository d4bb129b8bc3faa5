/* SPDX-License-Identifier: MIT */

/* Validators are left out in four cases alone:
 *
 *   - there are none;
 *   - an ETag with the name of a coding at its end, which was not recognised three times while the
 *     bytes stayed the same (Apache's mod_deflate and mod_brotli append it when they compress and
 *     compare without it): the Last-Modified beside it goes alone then, since a server looks at it
 *     only where there is no ETag (RFC 9110, 13.1.3);
 *   - the server has said 304 for a month and for ten times the feed's usual gap: then one request
 *     a month asks anew. Servers that say 304 to whatever is conditional would else hide a feed for
 *     good;
 *   - such a probe found news that the 304 had hidden: the server's 304 are not believed again. */

#include "poll/validators.h"

#include "base/str.h"
#include "poll/schedule.h"
#include "text/date.h"

/* Real ones are under 100 bytes; a request's head has to carry them. */
#define VALIDATOR_BYTES_MAX 1024
#define UNHEEDED_MAX 3
#define FUTURE_USEC USEC_PER_DAY

const char *validator_usable(const char *value) {
        if (isempty(value) || strlen(value) > VALIDATOR_BYTES_MAX)
                return NULL;
        for (const char *c = value; *c; c++)
                if ((unsigned char) *c < ' ' || *c == 0x7f)
                        return NULL;
        return value;
}

bool last_modified_usable(const char *last_modified, usec_t date_usec) {
        usec_t t;

        /* What is no date may still be compared as text. */
        return date_parse_http(last_modified, &t) < 0 || t <= usec_add(date_usec, FUTURE_USEC);
}

bool etag_has_coding(const char *etag) {
        static const char *const codings[] = { "gzip", "deflate", "br", "zstd" };
        size_t n = etag ? strlen(etag) : 0;

        if (n > 0 && etag[n - 1] == '"')
                n--;
        for (size_t i = 0; i < ELEMENTSOF(codings); i++) {
                size_t n_coding = strlen(codings[i]);

                if (n > n_coding && memcmp(etag + n - n_coding, codings[i], n_coding) == 0 &&
                        strchr("-;:.+", etag[n - n_coding - 1]))
                        return true;
        }
        return false;
}

bool poll_is_unheeded(const Feed *feed) {
        return feed->n_unheeded >= UNHEEDED_MAX;
}

static bool wants_probe(const Feed *feed, usec_t now_usec) {
        usec_t patience = MAX(
                POLL_PROBE_USEC, feed->gap_usec > USEC_PER_DAY * 3650 ? 0 : 10 * feed->gap_usec);

        if (feed->not_modified_since_usec == 0 || feed->n_failures > 0)
                return false;
        return usec_sub(now_usec, feed->not_modified_since_usec) > patience &&
                (feed->last_probe_usec == 0 ||
                        usec_sub(now_usec, feed->last_probe_usec) >= POLL_PROBE_USEC);
}

PollValidators poll_validators(const Feed *feed, usec_t now_usec) {
        PollValidators v = { .url = feed->validators_url };

        if (feed->not_modified_untrusted || (!feed->etag && !feed->last_modified))
                return v;
        if (wants_probe(feed, now_usec)) {
                v.probe = true;
                return v;
        }

        v.last_modified = feed->last_modified;
        if (!feed->etag_dropped || !feed->last_modified || !etag_has_coding(feed->etag))
                v.etag = feed->etag;
        return v;
}

void validators_forget(Feed *feed) {
        feed->etag = mfree(feed->etag);
        feed->last_modified = mfree(feed->last_modified);
        feed->validators_url = mfree(feed->validators_url);
        feed->body_hash = mfree(feed->body_hash);
        feed->n_same = 0;
        feed->not_modified_since_usec = 0;
}

int validators_check_access(Feed *feed, const char *key) {
        if (streq_ptr(feed->access_key, key))
                return 0;

        /* Rows of an older version do not have one: nothing is known to have changed. */
        if (feed->access_key)
                validators_forget(feed);
        return free_and_strdup(&feed->access_key, key);
}
