/* SPDX-License-Identifier: MIT */

#include "configuration.h"

#include <errno.h>

#include "feed/feed.h"
#include "text/utf8.h"

/* The expressions of a page are libxml2's to judge, and so cannot be when they are read. */
static int check_xpath(const SettingText *text, const char *key, bool elements, Diags *diags) {
        const char *message;
        SourcePos pos = setting_text_pos(text);
        size_t offset;
        int r;

        if (!text->text)
                return 0;
        r = feed_xpath_check(text->text, elements, &offset, &message);
        if (r != -EINVAL)
                return r;

        if (pos.column > 0)
                pos.column += (unsigned) utf8_n_chars(text->text, offset);
        diag_error(diags, pos, "%s: no XPath expression: %s", key, message);
        return 0;
}

static int check_pages(const Settings *settings, Diags *diags) {
        for (size_t i = 0; i < settings->n_feeds; i++) {
                const FeedSettings *feed = &settings->feeds[i];
                int r;

                r = check_xpath(&feed->xpath_item, "item", /* elements= */ true, diags);
                if (r >= 0)
                        r = check_xpath(&feed->xpath_title, "title", false, diags);
                if (r >= 0)
                        r = check_xpath(&feed->xpath_link, "link", false, diags);
                if (r >= 0)
                        r = check_xpath(&feed->xpath_summary, "summary", false, diags);
                if (r >= 0)
                        r = check_xpath(&feed->xpath_date, "date", false, diags);
                if (r < 0)
                        return r;
        }
        return 0;
}

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
        if (check_pages(settings, diags) < 0)
                return -ENOMEM;
        if (r < 0 || k < 0 || diags->n_errors > 0)
                return -EINVAL;

        *ret_settings = TAKE_PTR(settings);
        *ret_profiles = TAKE_PTR(profiles);
        return 0;
}
