/* SPDX-License-Identifier: MIT */

#include <strings.h>

#include "base/str.h"
#include "text/date-parts.h"

/* --- names of offsets --- */

/* RFC 822 section 5.1, and what the press adds. Names that mean several zones in earnest (IST is
 * India, Israel and Ireland) are left out: such a date is refused, not guessed at. EST, CST, MST
 * and PST are North America's by RFC 822, BST is taken for Britain's. */
static const struct {
        const char *name;
        int minutes;
} zones[] = {
        { "UT", 0 },
        { "UTC", 0 },
        { "GMT", 0 },
        { "Z", 0 },
        { "ZULU", 0 },
        { "EST", -5 * 60 },
        { "EDT", -4 * 60 },
        { "CST", -6 * 60 },
        { "CDT", -5 * 60 },
        { "MST", -7 * 60 },
        { "MDT", -6 * 60 },
        { "PST", -8 * 60 },
        { "PDT", -7 * 60 },
        { "AKST", -9 * 60 },
        { "AKDT", -8 * 60 },
        { "HST", -10 * 60 },
        { "NST", -(3 * 60 + 30) },
        { "NDT", -(2 * 60 + 30) },
        { "AST", -4 * 60 },
        { "ADT", -3 * 60 },
        { "BRT", -3 * 60 },
        { "ART", -3 * 60 },
        { "WET", 0 },
        { "WEST", 1 * 60 },
        { "BST", 1 * 60 },
        { "CET", 1 * 60 },
        { "CEST", 2 * 60 },
        { "MEZ", 1 * 60 },
        { "MET", 1 * 60 },
        { "MEST", 2 * 60 },
        { "MESZ", 2 * 60 },
        { "WAT", 1 * 60 },
        { "CAT", 2 * 60 },
        { "SAST", 2 * 60 },
        { "EET", 2 * 60 },
        { "EEST", 3 * 60 },
        { "IDT", 3 * 60 },
        { "EAT", 3 * 60 },
        { "MSK", 3 * 60 },
        { "МСК", 3 * 60 },
        { "MSD", 4 * 60 },
        { "TRT", 3 * 60 },
        { "IRST", 3 * 60 + 30 },
        { "SAMT", 4 * 60 },
        { "AFT", 4 * 60 + 30 },
        { "YEKT", 5 * 60 },
        { "UZT", 5 * 60 },
        { "NPT", 5 * 60 + 45 },
        { "NOVT", 7 * 60 },
        { "KRAT", 7 * 60 },
        { "IRKT", 8 * 60 },
        { "WITA", 8 * 60 },
        { "YAKT", 9 * 60 },
        { "VLAT", 10 * 60 },
        { "COT", -5 * 60 },
        { "PET", -5 * 60 },
        { "GST", 4 * 60 },
        { "PKT", 5 * 60 },
        { "ICT", 7 * 60 },
        { "WIB", 7 * 60 },
        { "SGT", 8 * 60 },
        { "HKT", 8 * 60 },
        { "AWST", 8 * 60 },
        { "JST", 9 * 60 },
        { "KST", 9 * 60 },
        { "ACST", 9 * 60 + 30 },
        { "ACDT", 10 * 60 + 30 },
        { "AEST", 10 * 60 },
        { "AEDT", 11 * 60 },
        { "NZST", 12 * 60 },
        { "NZDT", 13 * 60 },
};

bool zone_find(const char *word, size_t n_bytes, int *ret_minutes) {
        for (size_t i = 0; i < ELEMENTSOF(zones); i++)
                if (strlen(zones[i].name) == n_bytes &&
                        strncasecmp(word, zones[i].name, n_bytes) == 0) {
                        *ret_minutes = zones[i].minutes;
                        return true;
                }

        /* The military letters were defined the wrong way round in RFC 822, so RFC 5322, 4.3 has
         * them all mean UTC. There is no J. */
        if (n_bytes == 1 && ascii_isalpha(*word) && ascii_tolower(*word) != 'j') {
                *ret_minutes = 0;
                return true;
        }

        return false;
}

/* --- regions --- */

/* Whose clocks change when, as far as that is law and did not change since. */
typedef enum ZoneRule {
        RULE_NONE,   /* the clocks do not change */
        RULE_EUROPE, /* at 01:00 UTC, the last Sundays of March and October (2000/84/EC) */
        RULE_US,     /* at 02:00, second Sunday of March and first of November (15 U.S.C. 260a);
                      * until 2006 the first of April and the last of October */
} ZoneRule;

struct ZoneRegion {
        const char *name;
        int minutes; /* in winter */
        ZoneRule rule;
        int since_year; /* the first whole year */
};

static const ZoneRegion regions[] = {
        { "Africa/Johannesburg", 120, RULE_NONE, 1970 },
        { "Africa/Lagos", 60, RULE_NONE, 1970 },
        { "Africa/Nairobi", 180, RULE_NONE, 1970 },
        { "America/Anchorage", -9 * 60, RULE_US, 1987 },
        { "America/Chicago", -6 * 60, RULE_US, 1987 },
        { "America/Denver", -7 * 60, RULE_US, 1987 },
        { "America/Halifax", -4 * 60, RULE_US, 1987 },
        { "America/Los_Angeles", -8 * 60, RULE_US, 1987 },
        { "America/New_York", -5 * 60, RULE_US, 1987 },
        { "America/Phoenix", -7 * 60, RULE_NONE, 1970 },
        { "America/Toronto", -5 * 60, RULE_US, 1987 },
        { "Asia/Baghdad", 3 * 60, RULE_NONE, 2008 },
        { "Asia/Bangkok", 7 * 60, RULE_NONE, 1970 },
        { "Asia/Dubai", 4 * 60, RULE_NONE, 1970 },
        { "Asia/Hong_Kong", 8 * 60, RULE_NONE, 1980 },
        { "Asia/Istanbul", 3 * 60, RULE_NONE, 2017 },
        { "Asia/Karachi", 5 * 60, RULE_NONE, 2010 },
        { "Asia/Kolkata", 5 * 60 + 30, RULE_NONE, 1970 },
        { "Asia/Riyadh", 3 * 60, RULE_NONE, 1970 },
        { "Asia/Seoul", 9 * 60, RULE_NONE, 1989 },
        { "Asia/Shanghai", 8 * 60, RULE_NONE, 1992 },
        { "Asia/Singapore", 8 * 60, RULE_NONE, 1983 },
        { "Asia/Taipei", 8 * 60, RULE_NONE, 1980 },
        { "Asia/Tehran", 3 * 60 + 30, RULE_NONE, 2023 },
        { "Asia/Tokyo", 9 * 60, RULE_NONE, 1970 },
        { "Etc/GMT", 0, RULE_NONE, 1970 },
        { "Etc/UTC", 0, RULE_NONE, 1970 },
        { "Europe/Amsterdam", 60, RULE_EUROPE, 1997 },
        { "Europe/Athens", 120, RULE_EUROPE, 1997 },
        { "Europe/Belgrade", 60, RULE_EUROPE, 1997 },
        { "Europe/Berlin", 60, RULE_EUROPE, 1997 },
        { "Europe/Bratislava", 60, RULE_EUROPE, 1997 },
        { "Europe/Brussels", 60, RULE_EUROPE, 1997 },
        { "Europe/Bucharest", 120, RULE_EUROPE, 1998 },
        { "Europe/Budapest", 60, RULE_EUROPE, 1997 },
        { "Europe/Copenhagen", 60, RULE_EUROPE, 1997 },
        { "Europe/Dublin", 0, RULE_EUROPE, 1997 },
        { "Europe/Helsinki", 120, RULE_EUROPE, 1997 },
        { "Europe/Istanbul", 3 * 60, RULE_NONE, 2017 },
        { "Europe/Kiev", 120, RULE_EUROPE, 1997 },
        { "Europe/Kyiv", 120, RULE_EUROPE, 1997 },
        { "Europe/Lisbon", 0, RULE_EUROPE, 1997 },
        { "Europe/Ljubljana", 60, RULE_EUROPE, 1997 },
        { "Europe/London", 0, RULE_EUROPE, 1997 },
        { "Europe/Luxembourg", 60, RULE_EUROPE, 1997 },
        { "Europe/Madrid", 60, RULE_EUROPE, 1997 },
        { "Europe/Minsk", 3 * 60, RULE_NONE, 2012 },
        { "Europe/Moscow", 3 * 60, RULE_NONE, 2015 },
        { "Europe/Oslo", 60, RULE_EUROPE, 1997 },
        { "Europe/Paris", 60, RULE_EUROPE, 1997 },
        { "Europe/Podgorica", 60, RULE_EUROPE, 1997 },
        { "Europe/Prague", 60, RULE_EUROPE, 1997 },
        { "Europe/Pristina", 60, RULE_EUROPE, 1997 },
        { "Europe/Riga", 120, RULE_EUROPE, 2002 },
        { "Europe/Rome", 60, RULE_EUROPE, 1997 },
        { "Europe/Sarajevo", 60, RULE_EUROPE, 1997 },
        { "Europe/Skopje", 60, RULE_EUROPE, 1997 },
        { "Europe/Sofia", 120, RULE_EUROPE, 1998 },
        { "Europe/Stockholm", 60, RULE_EUROPE, 1997 },
        { "Europe/Tallinn", 120, RULE_EUROPE, 2003 },
        { "Europe/Tirane", 60, RULE_EUROPE, 1997 },
        { "Europe/Vienna", 60, RULE_EUROPE, 1997 },
        { "Europe/Vilnius", 120, RULE_EUROPE, 2004 },
        { "Europe/Warsaw", 60, RULE_EUROPE, 1997 },
        { "Europe/Zagreb", 60, RULE_EUROPE, 1997 },
        { "Europe/Zurich", 60, RULE_EUROPE, 1997 },
        { "Pacific/Honolulu", -10 * 60, RULE_NONE, 1970 },
};

const ZoneRegion *zone_region_find(const char *word, size_t n_bytes) {
        for (size_t i = 0; i < ELEMENTSOF(regions); i++)
                if (strlen(regions[i].name) == n_bytes &&
                        strncasecmp(word, regions[i].name, n_bytes) == 0)
                        return &regions[i];

        return NULL;
}

/* Zones by names of more words, and those of North America that leave it to the date whether it is
 * summer. What begins another stands behind it. */
static const struct {
        const char *phrase, *region; /* NULL: the offset */
        int minutes;
} phrases[] = {
        { "Coordinated Universal Time", NULL, 0 },
        { "Greenwich Mean Time", NULL, 0 },
        { "Central European Standard Time", NULL, 60 },
        { "Central European Summer Time", NULL, 120 },
        { "Central European Time", "Europe/Berlin", 0 },
        { "Eastern European Standard Time", NULL, 120 },
        { "Eastern European Summer Time", NULL, 180 },
        { "Eastern Standard Time", NULL, -5 * 60 },
        { "Eastern Daylight Time", NULL, -4 * 60 },
        { "Eastern Time", "America/New_York", 0 },
        { "Central Standard Time", NULL, -6 * 60 },
        { "Central Daylight Time", NULL, -5 * 60 },
        { "Mountain Standard Time", NULL, -7 * 60 },
        { "Mountain Daylight Time", NULL, -6 * 60 },
        { "Pacific Standard Time", NULL, -8 * 60 },
        { "Pacific Daylight Time", NULL, -7 * 60 },
        { "Pacific Time", "America/Los_Angeles", 0 },
        { "Moscow Standard Time", NULL, 180 },
        { "India Standard Time", NULL, 5 * 60 + 30 },
        { "Japan Standard Time", NULL, 9 * 60 },
        { "Korea Standard Time", NULL, 9 * 60 },
        { "EST5EDT", "America/New_York", 0 },
        { "CST6CDT", "America/Chicago", 0 },
        { "MST7MDT", "America/Denver", 0 },
        { "PST8PDT", "America/Los_Angeles", 0 },
        { "AT", "America/Halifax", 0 },
        { "ET", "America/New_York", 0 },
        { "CT", "America/Chicago", 0 },
        { "MT", "America/Denver", 0 },
        { "PT", "America/Los_Angeles", 0 },
};

size_t zone_phrase_find(const char *s, const ZoneRegion **ret_region, int *ret_minutes) {
        for (size_t i = 0; i < ELEMENTSOF(phrases); i++) {
                const char *rest = startswith_nocase(s, phrases[i].phrase);

                if (!rest || ascii_isalpha(*rest) || ascii_isdigit(*rest))
                        continue;
                *ret_region = phrases[i].region
                        ? zone_region_find(phrases[i].region, strlen(phrases[i].region))
                        : NULL;
                *ret_minutes = phrases[i].minutes;
                return (size_t) (rest - s);
        }

        return 0;
}

/* 1970-01-01 was a Thursday: day 3 a Sunday. */
static int64_t sunday_not_before(int64_t days) {
        return days + (10 - days % 7) % 7;
}

bool zone_region_offset(const ZoneRegion *region, const Parts *local, int *ret_minutes) {
        int64_t now, start = 0, end = 0; /* minutes since 1970, as the clocks in winter show them */

        if (local->year < region->since_year)
                return false;

        now = days_from_date(local->year, local->month, local->day) * 1440 + local->hour * 60 +
                local->minute;
        switch (region->rule) {
        case RULE_NONE:
                *ret_minutes = region->minutes;
                return true;
        case RULE_EUROPE:
                start = sunday_not_before(days_from_date(local->year, 3, 25)) * 1440 + 60 +
                        region->minutes;
                end = sunday_not_before(days_from_date(local->year, 10, 25)) * 1440 + 60 +
                        region->minutes;
                break;
        case RULE_US:
                if (local->year < 2007) {
                        start = sunday_not_before(days_from_date(local->year, 4, 1)) * 1440 + 120;
                        end = sunday_not_before(days_from_date(local->year, 10, 25)) * 1440 + 60;
                } else {
                        start = sunday_not_before(days_from_date(local->year, 3, 8)) * 1440 + 120;
                        end = sunday_not_before(days_from_date(local->year, 11, 1)) * 1440 + 60;
                }
                break;
        }

        /* The hour behind the start does not exist, the one behind the end comes twice. */
        if ((now >= start && now < start + 60) || (now >= end && now < end + 60))
                return false;

        *ret_minutes = region->minutes + (now >= start && now < end ? 60 : 0);
        return true;
}
