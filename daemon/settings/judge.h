/* SPDX-License-Identifier: MIT */
#pragma once

/* What no single key can tell: keys that need, exclude or endanger each other in one section.
 * Called once the section's values were read; reports and changes nothing. */

#include "settings/keys.h"

void judge_feed(Diags *diags, const Section *section, const FeedSettings *feed);
void judge_profile(Diags *diags, const Section *section, const ProfileSettings *profile);
void judge_sink(Diags *diags, const Section *section, const SinkSettings *sink);
