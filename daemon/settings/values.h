/* SPDX-License-Identifier: MIT */
#pragma once

/* The parsers that the tables of keys name, one per kind of value; the field each one fills is said
 * behind it. */

#include "settings/keys.h"

int parse_string(const SettingContext *context, const Assignment *a, void *field);     /* char * */
int parse_contact(const SettingContext *context, const Assignment *a, void *field);    /* char * */
int parse_path(const SettingContext *context, const Assignment *a, void *field);       /* char * */
int parse_flag(const SettingContext *context, const Assignment *a, void *field);       /* bool */
int parse_header(const SettingContext *context, const Assignment *a, void *field);     /* char ** */
int parse_proxy(const SettingContext *context, const Assignment *a, void *field);      /* char * */
int parse_credential(const SettingContext *context, const Assignment *a, void *field); /* char * */
int parse_profiles(const SettingContext *context, const Assignment *a, void *field);   /* char ** */
int parse_sinks(const SettingContext *context, const Assignment *a, void *field);      /* char ** */
int parse_retention(const SettingContext *context, const Assignment *a, void *field);  /* usec_t */
int parse_interval(
        const SettingContext *context, const Assignment *a, void *field); /* FeedSettings */
int parse_full_text(const SettingContext *context, const Assignment *a, void *field);

/* Thousandths, int64_t. */
int parse_feed_weight(const SettingContext *context, const Assignment *a, void *field);
int parse_points(const SettingContext *context, const Assignment *a, void *field);
int parse_factor(const SettingContext *context, const Assignment *a, void *field);

int parse_feed_url(const SettingContext *context, const Assignment *a, void *field);
int parse_sink_url(const SettingContext *context, const Assignment *a, void *field); /* char * */
int parse_kind(const SettingContext *context, const Assignment *a, void *field);     /* FeedKind */
int parse_xpath(const SettingContext *context, const Assignment *a, void *field); /* SettingText */
int parse_urgency(const SettingContext *context, const Assignment *a, void *field);
int parse_sink_type(const SettingContext *context, const Assignment *a, void *field);
int parse_sink_format(const SettingContext *context, const Assignment *a, void *field);

/* These append to lists of a ProfileSettings. */
int parse_keyword(const SettingContext *context, const Assignment *a, void *field);
int parse_require(const SettingContext *context, const Assignment *a, void *field);
int parse_exclude(const SettingContext *context, const Assignment *a, void *field);

/* Known by name, and refused. */
int parse_unsupported(const SettingContext *context, const Assignment *a, void *field);
/* Acted on when the file was read. */
int parse_include(const SettingContext *context, const Assignment *a, void *field);

/* All messages about a value begin with its key. */
#define value_error(context, a, at, format, ...)                                               \
        diag_error((context)->diags, source_pos_at(assignment_value_pos(a), (a)->value, (at)), \
                "%s: " format, (a)->key __VA_OPT__(, ) __VA_ARGS__)

/* Copies @value and where it stands into @text, over what was there. 0 or -ENOMEM. */
int setting_text_set(SettingText *text, const char *value, SourcePos pos) _warn_unused_;
void setting_text_done(SettingText *text);
