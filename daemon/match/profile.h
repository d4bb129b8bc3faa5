/* SPDX-License-Identifier: MIT */
#pragma once

/* Profiles, compiled: the language, the counting and the rounding. One pass over a text serves all
 * profiles.
 *
 * TODO(match): this comment becomes the grammar, how matches are counted, and how points are
 * rounded, as contracted. */

#include "base/diag.h"
#include "model/model.h"
#include "settings/settings.h"

typedef struct ProfileSet ProfileSet;

/* Compiles all profiles into one automaton; errors in expressions go to *diags, all of them. 0,
 * -EINVAL (diags hold errors) or -ENOMEM. Borrows nothing of @profiles. */
int profile_set_new(const ProfileSettings *profiles, size_t n_profiles, Diags *diags,
        ProfileSet **ret) _warn_unused_;
ProfileSet *profile_set_free(ProfileSet *set);
DEFINE_POINTER_CLEANUP(ProfileSet, profile_set_free);

size_t profile_set_size(const ProfileSet *set);

/* Scores @document against every profile, in their order: *ret is an array of profile_set_size()
 * verdicts, matched or not, for verdict_array_free(). @feed_weight_milli multiplies the sum. The
 * verdicts' body state is BODY_NOT_GIVEN; the caller knows better. 0 or -ENOMEM. */
int profile_set_score(ProfileSet *set, const Document *document, int64_t feed_weight_milli,
        Verdict **ret) _warn_unused_;
