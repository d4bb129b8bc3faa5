/* SPDX-License-Identifier: MIT */
#pragma once

/* The configuration as a whole: settings and the profiles compiled of them. What picketd starts and
 * reloads with, and what picketctl checks, so that both say the same. */

#include "match/profile.h"
#include "settings/settings.h"

/* All that is wrong, in settings and in expressions alike, is in *diags after one run. 0; -EINVAL
 * when *diags holds errors; -ENOENT, or what else open() said, when the file that was asked for
 * cannot be read (said in *diags too); -ENOMEM. The caller owns both results. */
int configuration_load(const SettingsSource *source, Diags *diags, Settings **ret_settings,
        ProfileSet **ret_profiles) _warn_unused_;
