/* SPDX-License-Identifier: MIT */

#include "configuration.h"

#include <errno.h>

int configuration_load(const SettingsSource *source, Diags *diags, Settings **ret_settings,
        ProfileSet **ret_profiles) {
        _cleanup_(settings_freep) Settings *settings = NULL;
        _cleanup_(profile_set_freep) ProfileSet *profiles = NULL;
        int r, k;

        /* Expressions are compiled even when a key elsewhere is wrong: one run tells all. */
        r = settings_load_partial(source, diags, &settings);
        if (!settings)
                return r;

        k = profile_set_new(settings->profiles, settings->n_profiles, diags, &profiles);
        if (k < 0 && k != -EINVAL)
                return k;
        if (r < 0 || k < 0 || diags->n_errors > 0)
                return -EINVAL;

        *ret_settings = TAKE_PTR(settings);
        *ret_profiles = TAKE_PTR(profiles);
        return 0;
}
