/* SPDX-License-Identifier: MIT */

/* A file is groups: some user-agent lines, then the rules for them. All groups of one product are
 * one (RFC 9309, 2.2.1), so every line is looked at once, and its rules go to ours, to those of
 * "*", or nowhere. Other lines, Crawl-delay among them, end no group, as the RFC asks (2.2.4).
 *
 * Paths and patterns are compared in one spelling (2.2.2): letters, digits and - . _ ~ as they are;
 * what is percent-encoded otherwise stays so, in upper case; bytes beyond ASCII are encoded. */

#include "poll/robots.h"

#include <errno.h>

#include "base/buffer.h"
#include "base/str.h"

typedef struct Rule {
        size_t start, n_bytes; /* of its pattern, in the rules' text */
        bool allows;
} Rule;

typedef struct Rules {
        Buffer text; /* all patterns, in the one spelling */
        Rule *rules;
        size_t n_rules, n_allocated;
        usec_t delay_usec;
        bool found; /* there was such a group, be it empty */
        bool cut;
} Rules;

struct Robots {
        Rules rules;
};

static void rules_done(Rules *rules) {
        buffer_done(&rules->text);
        free(rules->rules);
}

Robots *robots_free(Robots *robots) {
        if (!robots)
                return NULL;

        rules_done(&robots->rules);
        return mfree(robots);
}

/* --- the one spelling --- */

static bool is_unreserved(char c) {
        return ascii_isalpha(c) || ascii_isdigit(c) || (c != '\0' && strchr("-._~", c));
}

static int hex_value(char c) {
        if (ascii_isdigit(c))
                return c - '0';
        c = ascii_tolower(c);
        return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static int append_encoded(Buffer *b, uint8_t byte) {
        static const char digits[] = "0123456789ABCDEF";
        const char encoded[3] = { '%', digits[byte >> 4], digits[byte & 15] };

        return buffer_append(b, encoded, sizeof(encoded));
}

/* A '*' or '$' has its meaning in a pattern alone; in a path it is a character like others, which a
 * pattern writes %2A or %24. */
static int append_spelled(Buffer *b, const char *s, size_t n_bytes, bool is_pattern) {
        int r = 0;

        for (size_t i = 0; i < n_bytes && r >= 0; i++) {
                char c = s[i];
                int high = -1, low = -1;

                if (c == '%' && i + 2 < n_bytes) {
                        high = hex_value(s[i + 1]);
                        low = hex_value(s[i + 2]);
                }
                if (high >= 0 && low >= 0) {
                        uint8_t byte = (uint8_t) (high << 4 | low);

                        i += 2;
                        r = is_unreserved((char) byte) ? buffer_append_char(b, (char) byte)
                                                       : append_encoded(b, byte);
                } else if ((c & 0x80) || c <= ' ' || c == 0x7f ||
                        (!is_pattern && (c == '*' || c == '$')))
                        r = append_encoded(b, (uint8_t) c);
                else
                        r = buffer_append_char(b, c);
        }
        return r;
}

/* --- reading --- */

typedef struct Text {
        const char *s;
        size_t n_bytes;
} Text;

static Text text_strip(Text t) {
        while (t.n_bytes > 0 && ascii_isspace(t.s[0])) {
                t.s++;
                t.n_bytes--;
        }
        while (t.n_bytes > 0 && ascii_isspace(t.s[t.n_bytes - 1]))
                t.n_bytes--;
        return t;
}

static bool text_is(Text t, const char *word) {
        return t.n_bytes == strlen(word) && strncasecmp(t.s, word, t.n_bytes) == 0;
}

/* The next line without its comment; false at the end. Lines end with CR, LF or both. */
static bool next_line(Text *rest, Text *ret) {
        size_t n = 0, n_line;

        if (rest->n_bytes == 0)
                return false;
        while (n < rest->n_bytes && rest->s[n] != '\n' && rest->s[n] != '\r')
                n++;
        for (n_line = 0; n_line < n && rest->s[n_line] != '#'; n_line++)
                ;
        *ret = (Text){ rest->s, n_line };
        n += n < rest->n_bytes;
        rest->s += n;
        rest->n_bytes -= n;
        return true;
}

static int rules_add(Rules *rules, Text pattern, bool allows) {
        size_t start = rules->text.n_bytes;
        int r;

        if (pattern.n_bytes == 0) /* "Disallow:" forbids nothing */
                return 0;
        if (rules->n_rules >= ROBOTS_RULES_MAX) {
                rules->cut = true;
                return 0;
        }

        r = append_spelled(&rules->text, pattern.s, pattern.n_bytes, /* is_pattern= */ true);
        if (r >= 0)
                r = ARRAY_GROW(rules->rules, rules->n_allocated, rules->n_rules + 1);
        if (r < 0)
                return r;
        rules->rules[rules->n_rules++] = (Rule){
                .start = start,
                .n_bytes = rules->text.n_bytes - start,
                .allows = allows,
        };
        return 0;
}

/* Seconds, perhaps with a fraction. What is no number says nothing. */
static void rules_set_delay(Rules *rules, Text value) {
        usec_t delay = 0, unit = USEC_PER_SEC;
        size_t i = 0;

        for (; i < value.n_bytes && ascii_isdigit(value.s[i]); i++)
                delay = MIN(delay * 10 + (usec_t) (value.s[i] - '0') * USEC_PER_SEC,
                        ROBOTS_DELAY_MAX_USEC);
        if (i == 0)
                return;
        if (i < value.n_bytes && value.s[i] == '.')
                for (i++; i < value.n_bytes && ascii_isdigit(value.s[i]); i++) {
                        unit /= 10;
                        delay += (usec_t) (value.s[i] - '0') * unit;
                }
        if (i == value.n_bytes)
                rules->delay_usec = MAX(rules->delay_usec, MIN(delay, ROBOTS_DELAY_MAX_USEC));
}

/* Whom a user-agent line names: its leading token, as some write a version behind it. */
static bool agent_is(Text value, const char *product) {
        size_t n = 0;

        while (n < value.n_bytes &&
                (ascii_isalpha(value.s[n]) || value.s[n] == '-' || value.s[n] == '_'))
                n++;
        return text_is((Text){ value.s, n }, product);
}

static bool agent_is_all(Text value) {
        return value.n_bytes > 0 && value.s[0] == '*' &&
                (value.n_bytes == 1 || ascii_isspace(value.s[1]));
}

typedef struct Reading {
        Rules ours, all;
        bool for_us, for_all; /* the group that is being read */
        bool has_rules;       /* the next user-agent begins another group */
} Reading;

static int read_line(Reading *reading, Text line, const char *product) {
        const char *colon = memchr(line.s, ':', line.n_bytes);
        Text name, value;
        bool allows;
        int r = 0;

        if (!colon)
                return 0;
        name = text_strip((Text){ line.s, (size_t) (colon - line.s) });
        value = text_strip((Text){ colon + 1, line.n_bytes - (size_t) (colon + 1 - line.s) });

        if (text_is(name, "user-agent")) {
                if (reading->has_rules)
                        reading->for_us = reading->for_all = reading->has_rules = false;
                reading->for_us = reading->for_us || agent_is(value, product);
                reading->for_all = reading->for_all || agent_is_all(value);
                reading->ours.found = reading->ours.found || reading->for_us;
                reading->all.found = reading->all.found || reading->for_all;
                return 0;
        }
        if (text_is(name, "crawl-delay")) {
                if (reading->for_us)
                        rules_set_delay(&reading->ours, value);
                if (reading->for_all)
                        rules_set_delay(&reading->all, value);
                return 0;
        }

        allows = text_is(name, "allow");
        if (!allows && !text_is(name, "disallow"))
                return 0;
        reading->has_rules = true;
        if (reading->for_us)
                r = rules_add(&reading->ours, value, allows);
        if (r >= 0 && reading->for_all)
                r = rules_add(&reading->all, value, allows);
        return r;
}

int robots_parse(const char *text, size_t n_bytes, const char *product, Robots **ret) {
        _cleanup_(robots_freep) Robots *robots = NULL;
        Text rest = { text, MIN(n_bytes, ROBOTS_BYTES_MAX) }, line;
        Reading reading = {};
        int r = 0;

        robots = new0(Robots, 1);
        if (!robots)
                return -ENOMEM;

        if (rest.n_bytes >= 3 && memcmp(rest.s, "\xef\xbb\xbf", 3) == 0) {
                rest.s += 3;
                rest.n_bytes -= 3;
        }
        while (r >= 0 && next_line(&rest, &line))
                r = read_line(&reading, line, product);

        robots->rules = reading.ours.found ? reading.ours : reading.all;
        rules_done(reading.ours.found ? &reading.all : &reading.ours);
        if (r < 0)
                return r;

        r = n_bytes > ROBOTS_BYTES_MAX || robots->rules.cut ? ROBOTS_CUT : 0;
        *ret = TAKE_PTR(robots);
        return r;
}

/* --- judging --- */

/* Does @pattern match from the beginning of @path? Each piece between two '*' is taken where it
 * first occurs, which leaves most to those behind it; the last before a '$' has to be the end. */
static bool pattern_matches(Text pattern, Text path) {
        bool ends = pattern.n_bytes > 0 && pattern.s[pattern.n_bytes - 1] == '$', first = true;

        pattern.n_bytes -= ends;
        for (;;) {
                const char *star = memchr(pattern.s, '*', pattern.n_bytes);
                size_t n = star ? (size_t) (star - pattern.s) : pattern.n_bytes;
                const char *at = path.s;

                if (n > path.n_bytes)
                        return false;
                if (!star && ends) {
                        if (first && n != path.n_bytes)
                                return false;
                        at = path.s + path.n_bytes - n;
                        return memcmp(at, pattern.s, n) == 0;
                }
                if (first ? memcmp(at, pattern.s, n) != 0
                          : !(at = memmem(path.s, path.n_bytes, pattern.s, n)))
                        return false;
                if (!star)
                        return true;

                path.n_bytes -= (size_t) (at + n - path.s);
                path.s = at + n;
                pattern.s += n + 1;
                pattern.n_bytes -= n + 1;
                first = false;
        }
}

bool robots_allow(const Robots *robots, const char *path) {
        _cleanup_(buffer_done) Buffer spelled = {};
        const Rule *best = NULL;

        if (!robots || robots->rules.n_rules == 0 || streq(path, "/robots.txt"))
                return true;
        if (append_spelled(&spelled, path, strlen(path), /* is_pattern= */ false) < 0)
                return false;

        for (size_t i = 0; i < robots->rules.n_rules; i++) {
                const Rule *rule = &robots->rules.rules[i];

                if (best &&
                        (rule->n_bytes < best->n_bytes ||
                                (rule->n_bytes == best->n_bytes && !rule->allows)))
                        continue;
                if (pattern_matches((Text){ robots->rules.text.data + rule->start, rule->n_bytes },
                            (Text){ buffer_str(&spelled), spelled.n_bytes }))
                        best = rule;
        }
        return !best || best->allows;
}

usec_t robots_delay(const Robots *robots) {
        return robots ? robots->rules.delay_usec : 0;
}

size_t robots_n_bytes(const Robots *robots) {
        return robots ? sizeof(*robots) + robots->rules.text.n_allocated +
                        robots->rules.n_allocated * sizeof(Rule)
                      : 0;
}
