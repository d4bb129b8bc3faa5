/* SPDX-License-Identifier: MIT */

#include "text/attributes.h"

#include "base/str.h"

/* Where in a tag. Only what libxml2 takes for a quoted value as well is one: a quote elsewhere
 * means nothing to it, and each word behind is an attribute. */
typedef enum Place {
        PLACE_TEXT,
        PLACE_LESS, /* behind '<' */
        PLACE_SPACE,
        PLACE_NAME,
        PLACE_BEHIND_NAME, /* white space, and what follows may be '=' */
        PLACE_EQUALS,      /* behind '=' */
        PLACE_WORD,        /* a value without quotes, or junk */
        PLACE_QUOTED,
} Place;

static bool begins_name(char c) {
        return ascii_isalpha(c) || c == '_' || c == ':' || c == '.';
}

static Place place_behind(Place place, char c, char *quote) {
        if (place == PLACE_QUOTED)
                return c == *quote ? PLACE_SPACE : PLACE_QUOTED;
        if (place == PLACE_TEXT || place == PLACE_LESS) {
                if (place == PLACE_LESS && ascii_isalpha(c))
                        return PLACE_WORD; /* the tag's own name, which no '=' follows */
                return c == '<' ? PLACE_LESS : PLACE_TEXT;
        }
        if (c == '>')
                return PLACE_TEXT;
        if (ascii_isspace(c))
                return place == PLACE_NAME || place == PLACE_BEHIND_NAME ? PLACE_BEHIND_NAME
                        : place == PLACE_EQUALS                          ? PLACE_EQUALS
                                                                         : PLACE_SPACE;
        switch (place) {
        case PLACE_NAME:
        case PLACE_BEHIND_NAME:
                if (c == '=')
                        return PLACE_EQUALS;
                if (place == PLACE_NAME)
                        return begins_name(c) || ascii_isdigit(c) || c == '-' ? PLACE_NAME
                                                                              : PLACE_WORD;
                return begins_name(c) ? PLACE_NAME : PLACE_WORD;
        case PLACE_SPACE:
                return begins_name(c) ? PLACE_NAME : PLACE_WORD;
        case PLACE_EQUALS:
                if (c != '"' && c != '\'')
                        return PLACE_WORD;
                *quote = c;
                return PLACE_QUOTED;
        case PLACE_TEXT:
        case PLACE_LESS:
        case PLACE_WORD:
        case PLACE_QUOTED:
                break;
        }
        return place;
}

/* Does a word begin here that is not the value of one before? */
static bool begins_word(Place before, Place place) {
        if (place != PLACE_NAME && place != PLACE_WORD)
                return false;
        return before == PLACE_LESS || before == PLACE_SPACE || before == PLACE_BEHIND_NAME;
}

size_t html_limit_attributes(AttributeLimit *limit, char *html, size_t n_bytes) {
        size_t n = 0;

        for (size_t i = 0; i < n_bytes; i++) {
                const Place before = limit->place;
                const Place place = place_behind(before, html[i], &limit->quote);

                /* The first word is the tag's own name. */
                if (place == PLACE_TEXT)
                        limit->n_words = 0;
                else if (begins_word(before, place))
                        limit->n_words++;
                limit->place = place;
                if (limit->n_words <= 1 + HTML_ATTRIBUTES_MAX)
                        html[n++] = html[i];
        }

        return n;
}
