/* SPDX-License-Identifier: MIT */
#pragma once

/* Profiles, compiled: the language, the counting and the rounding. One pass over a text serves all
 * profiles; keywords whose words do not occur cost nothing.
 *
 * --- The language ---
 *
 *      expression = operand { "&" operand } | operand { "|" operand }
 *      operand    = [ "!" ] near                   "!" only beside "&"
 *      near       = primary { "NEAR/n" primary }   n from 0 to 100
 *      primary    = [ field ":" ] ( phrase | "(" expression ")" )
 *      phrase     = word { word }                  quotes of any style around words change nothing
 *      word       = [ "=" ] text [ "*" ]           "*" behind three letters or more
 *      field      = "title" | "summary" | "body" | "category" | "author" | "feed"
 *
 * Phrases bind tightest, then NEAR, then "&" and "|", which do not mix without parentheses. Between
 * quotes, signs are no operators. What a word is and what folds to the same word is in text/fold.h;
 * "=" compares the letters as written, and the signs between them (K.F.O.R., KFOR) do not count. A
 * word with a hyphen is found with the hyphen, with a space instead and without either; a word with
 * an apostrophe with the apostrophe or without.
 *
 *      KFOR                              Kosovo Force          "Kosovo Force"
 *      Kosovo NEAR/12 (peacekeep* | troop* | NATO)             title:(summit | zirve*)
 *      =NMI & (Iraq | Irak) & !New Mexico
 *
 * --- Where it matches ---
 *
 * A word matches where a word of the text folds to the same, and its bytes are the match. A phrase
 * matches where its words stand at successive positions. "A NEAR/n B" matches from the first byte
 * of the one to the last of the other, wherever both stand in one field, in either order, do not
 * overlap, and have at most n words between; its spans are the two sides. "A | B" matches wherever
 * A or B does. No phrase and no NEAR reaches from one category or author to the next. Without a
 * field, a word is looked for in all but "feed".
 *
 * Of matches that overlap (share a byte), the leftmost counts, and of those that start together the
 * longest: "Kosovo | Kosovo Force" finds one match in "Kosovo Force" and two in "Kosovo, Kosovo
 * Force". NEAR takes the furthest partner: "Kosovo NEAR/9 troop*" finds one match in "Kosovo troops
 * and more troops".
 *
 * "&" holds over the whole item: its parts may stand in different fields, and it counts once. "!"
 * demands that a part stands nowhere. When a "|" has an "&" among its alternatives, the alternative
 * that gives most counts.
 *
 * --- What it gives ---
 *
 * All numbers are integers in thousandths. With n matches in a field,
 *
 *      points = weight * factor * (3n - 1) / (2000 n)
 *
 * in one division, toward zero; so the first match gives weight * factor, and many at most half as
 * much again. Each field is counted alone, and the best field's points are the keyword's (the first
 * field of a tie). Weight 10 and factor 1.5: once 15, twice 18.75, three times 20.
 *
 * "&": n is 1. A part has the highest factor among the fields that hold it; the keyword has the
 * lowest factor among its parts. "Kosovo & Rutte" with Kosovo in title and body and Rutte in the
 * body alone: 10 * 0.75.
 *
 * A negative weight counts once: its factor is 1, or 0.5 when it, or a part of its "&", stands in
 * the body alone. "-8 football" in the body: -4; in title and body: -8.
 *
 * A weight of 0 is a trial: its hit is shown with its count and 0 points.
 *
 * The score is the sum of the points, times the feed's weight / 1000, toward zero. An item matches
 * when score >= threshold, every require matches and no exclude does. It is near when no exclude
 * matches, and 2 * score >= threshold, or every require and a keyword of positive weight match. */

#include "base/diag.h"
#include "model/model.h"
#include "settings/settings.h"

typedef struct ProfileSet ProfileSet;

/* Compiles all profiles, over one table of terms; errors in expressions go to *diags, all of them,
 * and warnings too. 0, -EINVAL (diags hold errors) or -ENOMEM. Borrows nothing of @profiles. */
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
