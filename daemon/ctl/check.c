/* SPDX-License-Identifier: MIT */

/* `picketctl check`: what is wrong with the configuration, and what it would do. */

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "base/hashmap.h"
#include "base/strv.h"
#include "base/url.h"
#include "configuration.h"
#include "ctl/ctl.h"
#include "model/verdict.h"
#include "store/store.h"
#include "text/utf8.h"

/* --- what only a look around can tell --- */

static void check_credential(Diags *diags, const SettingText *owner, const char *name) {
        _cleanup_(secret_freep) char *secret = NULL;
        int r;

        if (!name)
                return;

        r = settings_credential(name, &secret);
        if (r == -ENXIO)
                diag_warning(diags, setting_text_pos(owner),
                        "could not look for credential '%s': $CREDENTIALS_DIRECTORY is not set, "
                        "as it is in the service",
                        name);
        else if (r == -ENOENT)
                diag_warning(diags, setting_text_pos(owner),
                        "there is no credential '%s' or 'picket_%s' in $CREDENTIALS_DIRECTORY",
                        name, name);
        else if (r < 0)
                diag_warning(diags, setting_text_pos(owner), "cannot read credential '%s': %s",
                        name, strerror(-r));
}

/* An address kept elsewhere is judged as one in the configuration is; it is not shown. */
static void check_sink_url(Diags *diags, const SinkSettings *sink) {
        _cleanup_(secret_freep) char *url = NULL;
        int r;

        if (!sink->url_file && !sink->url_credential)
                return;

        r = settings_sink_url(sink, &url);
        if (r < 0 && sink->url_file)
                diag_warning(diags, setting_text_pos(&sink->name), "cannot read '%s': %s",
                        sink->url_file, strerror(-r));
        if (r >= 0 && url_check_fetchable(url) < 0)
                diag_warning(diags, setting_text_pos(&sink->name),
                        "what %s '%s' holds is no http or https address",
                        sink->url_file ? "the file" : "the credential",
                        sink->url_file ? sink->url_file : sink->url_credential);
}

static void check_sink_secret(Diags *diags, const SinkSettings *sink) {
        _cleanup_(secret_freep) char *secret = NULL;
        int r;

        if (!sink->secret_file)
                return;

        r = settings_sink_secret(sink, &secret);
        if (r < 0)
                diag_warning(diags, setting_text_pos(&sink->name), "cannot read '%s': %s",
                        sink->secret_file, strerror(-r));
}

/* Of two feeds with one address, one costs its publisher twice as much for nothing. */
static void check_twins(Diags *diags, const Settings *settings) {
        _cleanup_(hashmap_freep) Hashmap *seen = hashmap_new(/* free_value= */ NULL);

        for (size_t i = 0; seen && i < settings->n_feeds; i++) {
                FeedSettings *feed = &settings->feeds[i];
                const FeedSettings *other = hashmap_get(seen, feed->url.text);

                if (other)
                        diag_warning(diags, setting_text_pos(&feed->url),
                                "feed '%s' has the same address; both are polled",
                                other->name.text);
                else if (hashmap_put(seen, feed->url.text, feed) < 0)
                        return;
        }
}

/* What picketd found out meanwhile, where its state may be read: addresses that are out of date. */
static void check_moved(Diags *diags, const Settings *settings) {
        _cleanup_(store_closep) Store *store = NULL;
        Feed *feeds = NULL;
        size_t n = 0;

        if (store_open(settings->state_directory, STORE_READ_ONLY, &store,
                    /* ret_message= */ NULL) < 0 ||
                store_feeds(store, &feeds, &n) < 0)
                return;

        for (size_t i = 0; i < n; i++) {
                const FeedSettings *feed = settings_find_feed(settings, feeds[i].name);
                _cleanup_free_ char *shown =
                        url_redact(feeds[i].moved_to, /* secret_path= */ false);

                if (feed && feeds[i].moved_to && streq(feed->url.text, feeds[i].url))
                        diag_warning(diags, setting_text_pos(&feed->url),
                                "this feed has moved to '%s' and is polled there", shown);
                if (feed && feeds[i].gone && streq(feed->url.text, feeds[i].url))
                        diag_warning(diags, setting_text_pos(&feed->url),
                                "this feed is gone (HTTP status 410) and not polled any more");
                feed_done(&feeds[i]);
        }
        free(feeds);
}

static void check_surroundings(Diags *diags, const Settings *settings) {
        if (!settings->contact && settings->n_feeds > 0)
                diag_warning(diags, (SourcePos){},
                        "contact is not set in [picket]: publishers cannot reach you, and some "
                        "refuse requests that do not say whose they are");

        for (size_t i = 0; i < settings->n_feeds; i++)
                check_credential(diags, &settings->feeds[i].name, settings->feeds[i].credential);

        check_twins(diags, settings);
        check_moved(diags, settings);

        for (size_t i = 0; i < settings->n_sinks; i++) {
                const SinkSettings *sink = &settings->sinks[i];

                check_credential(diags, &sink->name, sink->url_credential);
                check_credential(diags, &sink->name, sink->secret_credential);
                check_sink_url(diags, sink);
                check_sink_secret(diags, sink);
        }
}

/* --- for people --- */

static void print_feeds(const Settings *settings) {
        printf("Polled (%zu):\n", settings->n_feeds);
        for (size_t i = 0; i < settings->n_feeds; i++) {
                const FeedSettings *feed = &settings->feeds[i];

                printf("  %-24s %-12s %s\n", feed->name.text,
                        feed->interval_auto ? "auto" : FORMAT_TIMESPAN(feed->interval_usec),
                        feed->url.text);
        }
}

static int print_profiles(const Settings *settings) {
        printf("Matched (%zu):\n", settings->n_profiles);
        for (size_t i = 0; i < settings->n_profiles; i++) {
                const ProfileSettings *profile = &settings->profiles[i];
                _cleanup_free_ char *sinks = NULL;

                sinks = strv_join(profile->sinks, " ");
                if (!sinks)
                        return -ENOMEM;
                printf("  %-24s %zu keywords, threshold %s, sent to %s\n", profile->name.text,
                        profile->n_keywords, format_milli(profile->threshold_milli, (char[32]){}),
                        isempty(sinks) ? "nobody (recorded only)" : sinks);
        }

        return 0;
}

static int print_sinks(const Settings *settings) {
        printf("Sent to (%zu):\n", settings->n_sinks);
        for (size_t i = 0; i < settings->n_sinks; i++) {
                const SinkSettings *sink = &settings->sinks[i];
                _cleanup_free_ char *shown = NULL;

                if (sink->type == SINK_DESKTOP) {
                        printf("  %-24s desktop\n", sink->name.text);
                        continue;
                }

                if (sink->url) {
                        shown = url_redact(sink->url, /* secret_path= */ sink->format != SINK_JSON);
                        if (!shown)
                                return -ENOMEM;
                }
                printf("  %-24s webhook, %s, %s%s\n", sink->name.text,
                        sink_format_to_string(sink->format),
                        sink->url_file                 ? "address in file "
                                : sink->url_credential ? "address in credential "
                                                       : "",
                        sink->url_file                 ? sink->url_file
                                : sink->url_credential ? sink->url_credential
                                                       : strna(shown));
        }

        return 0;
}

static int print_settings(const Settings *settings, size_t n_warnings) {
        int r;

        printf("The configuration is good%s\n", n_warnings > 0 ? ", with warnings" : "");
        print_feeds(settings);
        r = print_profiles(settings);
        if (r < 0)
                return r;
        r = print_sinks(settings);
        if (r < 0)
                return r;
        printf("State: %s\n", settings->state_directory);
        return fflush(stdout) == EOF ? -errno : 0;
}

/* --- for programs --- */

/* json_array_append_new() takes the reference whatever happens, and refuses NULL. */
static json_t *append(json_t *array, json_t *value) {
        if (array && json_array_append_new(array, value) >= 0)
                return array;
        if (!array)
                json_decref(value);
        json_decref(array);
        return NULL;
}

/* A path need not be UTF-8, which JSON must be. */
static json_t *text_to_json(const char *s) {
        _cleanup_(buffer_done) Buffer mended = {};

        if (!s)
                return json_null();
        if (utf8_append_mended(&mended, s, strlen(s)) < 0)
                return NULL;

        return json_string(buffer_str(&mended));
}

static json_t *diags_to_json(const Diags *diags, DiagSeverity severity) {
        json_t *array = json_array();

        for (size_t i = 0; array && i < diags->n_items; i++) {
                const Diag *d = &diags->items[i];

                if (d->severity == severity)
                        array = append(array,
                                json_pack("{s:o, s:i, s:i, s:s, s:o}", "file",
                                        text_to_json(d->file), "line", (int) d->line, "column",
                                        (int) d->column, "severity",
                                        diag_severity_to_string(d->severity), "message",
                                        text_to_json(d->message)));
        }

        return array;
}

static json_t *feeds_to_json(const Settings *settings) {
        json_t *array = json_array();

        for (size_t i = 0; array && settings && i < settings->n_feeds; i++) {
                const FeedSettings *feed = &settings->feeds[i];

                array = append(array,
                        json_pack("{s:s, s:s, s:o}", "name", feed->name.text, "url", feed->url.text,
                                "interval",
                                feed->interval_auto
                                        ? json_null()
                                        : json_integer((json_int_t) (feed->interval_usec /
                                                  USEC_PER_SEC))));
        }

        return array;
}

static json_t *strv_to_json(char **l) {
        json_t *array = json_array();

        STRV_FOREACH (s, l)
                array = append(array, json_string(*s));

        return array;
}

static json_t *profiles_to_json(const Settings *settings) {
        json_t *array = json_array();

        for (size_t i = 0; array && settings && i < settings->n_profiles; i++) {
                const ProfileSettings *profile = &settings->profiles[i];

                array = append(array,
                        json_pack("{s:s, s:s, s:o, s:I, s:o}", "name", profile->name.text, "title",
                                profile->title, "threshold", json_milli(profile->threshold_milli),
                                "keywords", (json_int_t) profile->n_keywords, "sinks",
                                strv_to_json(profile->sinks)));
        }

        return array;
}

static json_t *sinks_to_json(const Settings *settings) {
        json_t *array = json_array();

        for (size_t i = 0; array && settings && i < settings->n_sinks; i++) {
                const SinkSettings *sink = &settings->sinks[i];

                array = append(array,
                        json_pack("{s:s, s:s, s:s?}", "name", sink->name.text, "type",
                                sink_type_to_string(sink->type), "format",
                                sink->type == SINK_WEBHOOK ? sink_format_to_string(sink->format)
                                                           : NULL));
        }

        return array;
}

/* @settings may be NULL: then nothing would be done. */
static json_t *check_to_json(const Settings *settings, const Diags *diags) {
        return json_pack("{s:b, s:o, s:o, s:o, s:o, s:o, s:o}", "ok", settings != NULL, "errors",
                diags_to_json(diags, DIAG_ERROR), "warnings", diags_to_json(diags, DIAG_WARNING),
                "feeds", feeds_to_json(settings), "profiles", profiles_to_json(settings), "sinks",
                sinks_to_json(settings), "state_directory",
                text_to_json(settings ? settings->state_directory : NULL));
}

int ctl_check(const CtlArguments *arguments) {
        _cleanup_(diags_done) Diags diags = {};
        _cleanup_(settings_freep) Settings *settings = NULL;
        _cleanup_(profile_set_freep) ProfileSet *profiles = NULL;
        int r, status;

        r = configuration_load(&arguments->source, &diags, &settings, &profiles);
        if (settings)
                check_surroundings(&diags, settings);

        diags_print(&diags, stderr, arguments->color);
        if (r < 0 && diags.n_errors == 0)
                fprintf(stderr, "picketctl: failed to read the configuration: %s\n", strerror(-r));
        else if (r < 0)
                fprintf(stderr, "picketctl: the configuration has %zu error%s\n", diags.n_errors,
                        diags.n_errors == 1 ? "" : "s");

        status = r >= 0 ? CTL_OK : r == -EINVAL ? CTL_NO : CTL_FAILURE;
        if (arguments->json) {
                int printed = ctl_print_json(check_to_json(settings, &diags));

                return printed == CTL_OK ? status : printed;
        }

        if (settings) {
                r = print_settings(settings, diags.n_items);
                if (r < 0) {
                        fprintf(stderr, "picketctl: failed to write the answer: %s\n",
                                strerror(-r));
                        return CTL_FAILURE;
                }
        }

        return status;
}
