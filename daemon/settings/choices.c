/* SPDX-License-Identifier: MIT */

/* Values that are one of a few words, and the expressions of profiles. */

#include <errno.h>

#include "settings/values.h"

/* More keywords than any list of names that people keep by hand. */
#define KEYWORDS_MAX 10000
#define WEIGHT_MAX_MILLI (INT64_C(1000) * 1000)

/* Reports that @a is none of the words that @name_of counts up, from 0 until NULL. */
static int report_choice(const SettingContext *context, const Assignment *a,
        const char *(*name_of)(unsigned i), const char *expected) {
        Suggestion s = { .written = a->value };

        for (unsigned i = 0; name_of(i); i++)
                suggestion_consider(&s, name_of(i));

        value_error(context, a, a->value, "expected %s%s", expected, FORMAT_SUGGESTION(s));
        return 0;
}

static int report_unsupported(const SettingContext *context, const Assignment *a) {
        diag_error(context->diags, assignment_value_pos(a), "%s = %s is not supported yet", a->key,
                a->value);
        return 0;
}

static bool is_one_of(const char *s, const char *const *words, size_t n) {
        for (size_t i = 0; i < n; i++)
                if (streq(words[i], s))
                        return true;

        return false;
}

static const char *full_text_name(unsigned i) {
        return full_text_to_string((FullText) i);
}

int parse_full_text(const SettingContext *context, const Assignment *a, void *field) {
        if (full_text_from_string(a->value, field) < 0)
                return report_choice(context, a, full_text_name, "auto, always or never");

        return 0;
}

static const char *urgency_name(unsigned i) {
        return urgency_to_string((Urgency) i);
}

int parse_urgency(const SettingContext *context, const Assignment *a, void *field) {
        if (urgency_from_string(a->value, field) < 0)
                return report_choice(context, a, urgency_name, "low, normal or critical");

        return 0;
}

static const char *kind_name(unsigned i) {
        static const char *const names[] = {
                [FEED_KIND_AUTO] = "auto",
                [FEED_KIND_XPATH] = "xpath",
        };

        return i < ELEMENTSOF(names) ? names[i] : NULL;
}

int parse_kind(const SettingContext *context, const Assignment *a, void *field) {
        for (unsigned i = 0; kind_name(i); i++)
                if (streq(kind_name(i), a->value)) {
                        *(FeedKind *) field = (FeedKind) i;
                        return 0;
                }

        return report_choice(context, a, kind_name, "auto or xpath");
}

/* Compiled where libxml2 may be used, see configuration.c. */
int parse_xpath(const SettingContext *context _unused_, const Assignment *a, void *field) {
        return setting_text_set(field, a->value, assignment_value_pos(a));
}

int parse_unsupported(const SettingContext *context, const Assignment *a, void *field _unused_) {
        diag_error(context->diags, assignment_key_pos(a), "'%s' is not supported yet", a->key);
        return 0;
}

static const char *sink_type_name(unsigned i) {
        return sink_type_to_string((SinkType) i);
}

int parse_sink_type(const SettingContext *context, const Assignment *a, void *field) {
        static const char *const unsupported[] = { "email", "exec" };

        if (sink_type_from_string(a->value, field) >= 0)
                return 0;
        if (is_one_of(a->value, unsupported, ELEMENTSOF(unsupported)))
                return report_unsupported(context, a);

        return report_choice(context, a, sink_type_name, "webhook or desktop");
}

static const char *sink_format_name(unsigned i) {
        return sink_format_to_string((SinkFormat) i);
}

int parse_sink_format(const SettingContext *context, const Assignment *a, void *field) {
        static const char *const unsupported[] = { "cloudevents", "teams", "mattermost",
                "rocketchat", "google-chat", "matrix", "telegram", "ntfy", "gotify", "zulip" };

        if (sink_format_from_string(a->value, field) >= 0)
                return 0;
        if (is_one_of(a->value, unsupported, ELEMENTSOF(unsupported)))
                return report_unsupported(context, a);

        return report_choice(context, a, sink_format_name, "json, slack or discord");
}

/* --- expressions, whose meaning is for others to judge --- */

int parse_keyword(const SettingContext *context, const Assignment *a, void *field) {
        ProfileSettings *profile = field;
        KeywordSettings *grown, *keyword;
        SourcePos pos = assignment_value_pos(a);
        size_t n_weight = strcspn(a->value, " \t");
        const char *expression = a->value + n_weight + strspn(a->value + n_weight, " \t");
        _cleanup_free_ char *weight = NULL;
        int64_t weight_milli;
        int r;

        weight = memdup_suffix0(a->value, n_weight);
        if (!weight)
                return -ENOMEM;

        r = parse_milli(weight, &weight_milli);
        if (r == -EINVAL) {
                value_error(context, a, a->value,
                        "a keyword starts with its weight, a number with at most three decimals: "
                        "WEIGHT EXPRESSION");
                return 0;
        }
        if (r < 0 || weight_milli > WEIGHT_MAX_MILLI || weight_milli < -WEIGHT_MAX_MILLI) {
                value_error(context, a, a->value, "expected a weight from -1000 to 1000");
                return 0;
        }
        if (isempty(expression)) {
                value_error(context, a, expression, "an expression is missing behind the weight");
                return 0;
        }
        if (profile->n_keywords >= KEYWORDS_MAX) {
                value_error(context, a, a->value, "more than %d keywords", KEYWORDS_MAX);
                return 0;
        }

        grown = reallocarray(
                profile->keywords, profile->n_keywords + 1, sizeof(*profile->keywords));
        if (!grown)
                return -ENOMEM;
        profile->keywords = grown;

        keyword = &profile->keywords[profile->n_keywords];
        *keyword = (KeywordSettings){ .weight_milli = weight_milli };
        r = setting_text_set(
                &keyword->expression, expression, source_pos_at(pos, a->value, expression));
        if (r < 0)
                return r;

        profile->n_keywords++;
        return 0;
}

static int append_expression(
        const SettingContext *context, const Assignment *a, SettingText **list, size_t *n) {
        SettingText *grown;
        int r;

        if (*n >= KEYWORDS_MAX) {
                value_error(context, a, a->value, "more than %d expressions", KEYWORDS_MAX);
                return 0;
        }

        grown = reallocarray(*list, *n + 1, sizeof(**list));
        if (!grown)
                return -ENOMEM;
        *list = grown;

        grown[*n] = (SettingText){};
        r = setting_text_set(&grown[*n], a->value, assignment_value_pos(a));
        if (r < 0)
                return r;

        (*n)++;
        return 0;
}

int parse_require(const SettingContext *context, const Assignment *a, void *field) {
        ProfileSettings *profile = field;

        return append_expression(context, a, &profile->requires, &profile->n_requires);
}

int parse_exclude(const SettingContext *context, const Assignment *a, void *field) {
        ProfileSettings *profile = field;

        return append_expression(context, a, &profile->excludes, &profile->n_excludes);
}
