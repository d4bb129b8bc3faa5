/* SPDX-License-Identifier: MIT */

#include "match/profile.h"

#include <errno.h>

#include "base/buffer.h"
#include "base/hashmap.h"
#include "match/score.h"
#include "text/markup.h"

/* The expressions of all profiles lie in one array, each profile's keywords first, then its
 * requires and excludes. The index numbers their terms; each term knows the rules that name it.
 * After a text was read, the terms that occur give the rules worth looking at (every expression
 * has at least one term that must occur), and the others are never touched. */

typedef struct Rule {
        char *text; /* as written */
        int64_t weight_milli;
        Expression *expression;
        uint64_t stamp; /* of the last text in which one of its terms occurred */
} Rule;

typedef struct Profile {
        char *name;
        int64_t threshold_milli;
        int64_t factor_milli[FIELD_MAX];
        size_t first_rule;
        size_t n_keywords, n_requires, n_excludes;
} Profile;

/* One rule that names a term, and the next one; 0 ends the list. */
typedef struct Use {
        uint32_t rule, next;
} Use;

struct ProfileSet {
        Profile *profiles;
        size_t n_profiles;
        Rule *rules;
        size_t n_rules, n_rules_allocated;
        Index *index;
        Use *uses; /* the first is not used */
        size_t n_uses, n_uses_allocated;
        uint32_t *first_use; /* by term */
        size_t n_first_use_allocated;

        /* the text at hand */
        uint64_t stamp;
        uint32_t *candidates; /* rules, ascending */
        size_t n_candidates;
};

ProfileSet *profile_set_free(ProfileSet *set) {
        if (!set)
                return NULL;

        for (size_t i = 0; i < set->n_rules; i++) {
                free(set->rules[i].text);
                expression_free(set->rules[i].expression);
        }
        for (size_t i = 0; set->profiles && i < set->n_profiles; i++)
                free(set->profiles[i].name);
        free(set->profiles);
        free(set->rules);
        free(set->uses);
        free(set->first_use);
        free(set->candidates);
        index_free(set->index);
        return mfree(set);
}

size_t profile_set_size(const ProfileSet *set) {
        return set->n_profiles;
}

/* --- compiling --- */

static int add_use(ProfileSet *set, uint32_t term, uint32_t rule) {
        size_t n_terms = index_n_terms(set->index), before = set->n_first_use_allocated;

        if (ARRAY_GROW(set->first_use, set->n_first_use_allocated, n_terms) < 0 ||
                ARRAY_GROW(set->uses, set->n_uses_allocated, set->n_uses + 1) < 0)
                return -ENOMEM;
        if (set->n_first_use_allocated > before)
                memset(set->first_use + before, 0,
                        (set->n_first_use_allocated - before) * sizeof(uint32_t));

        /* The rule at hand is always the last one added. */
        if (set->first_use[term] > 0 && set->uses[set->first_use[term]].rule == rule)
                return 0;
        set->uses[set->n_uses] = (Use){ rule, set->first_use[term] };
        set->first_use[term] = (uint32_t) set->n_uses++;
        return 0;
}

static int number_terms(ProfileSet *set, Expression *e, uint32_t rule) {
        int r;

        if (e->kind == EXPRESSION_TERM) {
                r = index_add_term(set->index, e->folded, e->prefix, &e->term);
                if (r < 0)
                        return r;
                e->folded = mfree(e->folded); /* the index has it */
                return add_use(set, e->term, rule);
        }

        for (size_t i = 0; i < e->n_children; i++) {
                r = number_terms(set, e->children[i], rule);
                if (r < 0)
                        return r;
        }

        return 0;
}

/* 0, -EINVAL (in the diags) or -ENOMEM. */
static int add_rule(ProfileSet *set, const SettingText *text, int64_t weight_milli, Diags *diags) {
        _cleanup_(expression_freep) Expression *e = NULL;
        _cleanup_(buffer_done) Buffer shown = {};
        _cleanup_free_ char *copy = NULL;
        int r;

        r = expression_parse(text, diags, &e);
        if (r < 0)
                return r;

        /* What was wrapped over several lines is shown as one. */
        r = text_fold_space(text->text, strlen(text->text), &shown);
        if (r < 0)
                return r;
        copy = buffer_take(&shown);
        if (!copy || ARRAY_GROW(set->rules, set->n_rules_allocated, set->n_rules + 1) < 0)
                return -ENOMEM;
        r = number_terms(set, e, (uint32_t) set->n_rules);
        if (r < 0)
                return r;

        set->rules[set->n_rules++] = (Rule){
                .text = TAKE_PTR(copy),
                .weight_milli = weight_milli,
                .expression = TAKE_PTR(e),
        };
        return 0;
}

/* The same keyword twice counts twice, which is hardly meant. */
static int warn_of_duplicates(const ProfileSettings *settings, Diags *diags) {
        _cleanup_(hashmap_freep) Hashmap *seen = hashmap_new(NULL);

        if (!seen)
                return -ENOMEM;

        for (size_t i = 0; i < settings->n_keywords; i++) {
                const SettingText *text = &settings->keywords[i].expression;
                int r;

                r = hashmap_put(seen, text->text, (void *) text);
                if (r == -ENOMEM)
                        return r;
                if (r == -EEXIST) {
                        const SettingText *first = hashmap_get(seen, text->text);

                        diag_warning(diags, setting_text_pos(text),
                                "this keyword stands in %s:%u already; both count",
                                first->file ? first->file : "the configuration", first->line);
                }
        }

        return 0;
}

/* Compiles what it can of one profile, so that all errors are found. 0, -EINVAL or -ENOMEM. */
static int add_profile(ProfileSet *set, const ProfileSettings *settings, Diags *diags) {
        Profile *profile = &set->profiles[set->n_profiles++];
        bool bad = false;
        int r = 0;

        *profile = (Profile){
                .name = strdup(settings->name.text),
                .threshold_milli = settings->threshold_milli,
                .first_rule = set->n_rules,
                .n_keywords = settings->n_keywords,
                .n_requires = settings->n_requires,
                .n_excludes = settings->n_excludes,
        };
        memcpy(profile->factor_milli, settings->factor_milli, sizeof profile->factor_milli);
        if (!profile->name)
                return -ENOMEM;

        for (size_t i = 0; i < settings->n_keywords && r != -ENOMEM; i++) {
                r = add_rule(set, &settings->keywords[i].expression,
                        settings->keywords[i].weight_milli, diags);
                bad = bad || r < 0;
        }
        for (size_t i = 0; i < settings->n_requires && r != -ENOMEM; i++) {
                r = add_rule(set, &settings->requires[i], 0, diags);
                bad = bad || r < 0;
        }
        for (size_t i = 0; i < settings->n_excludes && r != -ENOMEM; i++) {
                r = add_rule(set, &settings->excludes[i], 0, diags);
                bad = bad || r < 0;
        }
        if (r == -ENOMEM)
                return r;

        r = warn_of_duplicates(settings, diags);
        return r < 0 ? r : bad ? -EINVAL : 0;
}

int profile_set_new(
        const ProfileSettings *profiles, size_t n_profiles, Diags *diags, ProfileSet **ret) {
        _cleanup_(profile_set_freep) ProfileSet *set = NULL;
        bool bad = false;
        int r;

        set = new0(ProfileSet, 1);
        if (!set)
                return -ENOMEM;

        set->n_uses = 1;
        set->profiles = new0(Profile, MAX(n_profiles, (size_t) 1));
        set->index = index_new();
        if (!set->profiles || !set->index)
                return -ENOMEM;

        for (size_t i = 0; i < n_profiles; i++) {
                r = add_profile(set, &profiles[i], diags);
                if (r < 0 && r != -EINVAL)
                        return r;
                bad = bad || r < 0;
        }
        if (bad)
                return -EINVAL;

        set->candidates = new (uint32_t, MAX(set->n_rules, (size_t) 1));
        if (!set->candidates)
                return -ENOMEM;

        *ret = TAKE_PTR(set);
        return 0;
}

/* --- scoring --- */

static int rule_compare(const void *a, const void *b) {
        uint32_t x = *(const uint32_t *) a, y = *(const uint32_t *) b;

        return x < y ? -1 : x > y;
}

/* The rules that name a term that occurs. */
static void find_candidates(ProfileSet *set) {
        const uint32_t *terms;
        size_t n_terms;

        set->stamp++;
        set->n_candidates = 0;
        terms = index_terms_found(set->index, &n_terms);
        for (size_t i = 0; i < n_terms; i++)
                for (uint32_t use = set->first_use[terms[i]]; use > 0; use = set->uses[use].next) {
                        Rule *rule = &set->rules[set->uses[use].rule];

                        if (rule->stamp == set->stamp)
                                continue;
                        rule->stamp = set->stamp;
                        set->candidates[set->n_candidates++] = set->uses[use].rule;
                }

        if (set->n_candidates > 0)
                qsort(set->candidates, set->n_candidates, sizeof(uint32_t), rule_compare);
}

/* 1, 0 or -ENOMEM. */
static int rule_matches(const ProfileSet *set, size_t rule) {
        return set->rules[rule].stamp == set->stamp
                ? score_matches(set->index, set->rules[rule].expression)
                : 0;
}

static int set_blocked_by(Verdict *v, const char *key, const Rule *rule) {
        _cleanup_(buffer_done) Buffer b = {};
        int r;

        r = buffer_printf(&b, "%s = %s", key, rule->text);
        if (r < 0)
                return r;

        free(v->blocked_by);
        v->blocked_by = buffer_take(&b);
        return v->blocked_by ? 0 : -ENOMEM;
}

/* The keywords among the candidates [*at, n): moves *at behind them. */
static int score_keywords(ProfileSet *set, const Profile *profile, size_t *at, Verdict *v,
        int64_t *ret_sum, bool *ret_positive) {
        size_t end = profile->first_rule + profile->n_keywords, last = *at;
        int r;

        while (last < set->n_candidates && set->candidates[last] < end)
                last++;
        if (last == *at)
                return 0;

        v->hits = new0(KeywordHit, last - *at);
        if (!v->hits)
                return -ENOMEM;

        for (; *at < last; (*at)++) {
                const Rule *rule = &set->rules[set->candidates[*at]];
                KeywordHit *hit = &v->hits[v->n_hits];

                r = score_keyword(set->index, rule->expression, rule->weight_milli,
                        profile->factor_milli, hit);
                if (r < 0)
                        return r;
                if (r == 0)
                        continue;
                v->n_hits++;
                hit->expression = strdup(rule->text);
                if (!hit->expression)
                        return -ENOMEM;
                if (__builtin_add_overflow(*ret_sum, hit->points_milli, ret_sum))
                        *ret_sum = hit->points_milli > 0 ? INT64_MAX : INT64_MIN;
                *ret_positive = *ret_positive || rule->weight_milli > 0;
        }

        return 0;
}

/* *ret_required: every require matches; *ret_excluded: an exclude does. */
static int judge(const ProfileSet *set, const Profile *profile, Verdict *v, bool *ret_required,
        bool *ret_excluded) {
        size_t require = profile->first_rule + profile->n_keywords,
               exclude = require + profile->n_requires;
        int r;

        *ret_required = true;
        *ret_excluded = false;
        for (size_t i = require; i < exclude && *ret_required; i++) {
                r = rule_matches(set, i);
                if (r == 0) {
                        *ret_required = false;
                        r = set_blocked_by(v, "require", &set->rules[i]);
                }
                if (r < 0)
                        return r;
        }
        for (size_t i = exclude; i < exclude + profile->n_excludes && !*ret_excluded; i++) {
                r = rule_matches(set, i);
                if (r > 0) {
                        *ret_excluded = true;
                        r = set_blocked_by(v, "exclude", &set->rules[i]);
                }
                if (r < 0)
                        return r;
        }

        return 0;
}

/* Consumes the candidates of the profile from *at on. */
static int score_profile(ProfileSet *set, const Profile *profile, int64_t feed_weight_milli,
        size_t *at, Verdict *v) {
        size_t end = profile->first_rule + profile->n_keywords + profile->n_requires +
                profile->n_excludes;
        bool positive = false, required, excluded;
        int64_t sum = 0;
        int r;

        v->profile = strdup(profile->name);
        if (!v->profile)
                return -ENOMEM;
        v->threshold_milli = profile->threshold_milli;

        r = score_keywords(set, profile, at, v, &sum, &positive);
        if (r < 0)
                return r;
        r = judge(set, profile, v, &required, &excluded);
        if (r < 0)
                return r;
        while (*at < set->n_candidates && set->candidates[*at] < end)
                (*at)++;

        v->score_milli = score_total(sum, feed_weight_milli);
        v->matched = v->score_milli >= v->threshold_milli && required && !excluded;
        v->near = !excluded &&
                ((__int128) v->score_milli * 2 >= v->threshold_milli || (required && positive));
        return 0;
}

int profile_set_score(
        ProfileSet *set, const Document *document, int64_t feed_weight_milli, Verdict **ret) {
        Verdict *verdicts;
        size_t at = 0;
        int r;

        r = index_read(set->index, document);
        if (r < 0)
                return r;
        find_candidates(set);

        verdicts = new0(Verdict, MAX(set->n_profiles, (size_t) 1));
        if (!verdicts)
                return -ENOMEM;

        for (size_t i = 0; i < set->n_profiles; i++) {
                r = score_profile(set, &set->profiles[i], feed_weight_milli, &at, &verdicts[i]);
                if (r < 0) {
                        verdict_array_free(verdicts, set->n_profiles);
                        return r;
                }
        }

        *ret = verdicts;
        return 0;
}
