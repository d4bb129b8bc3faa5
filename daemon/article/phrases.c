/* SPDX-License-Identifier: MIT */

#include "article/phrases.h"

#include <errno.h>

#include "base/macro.h"
#include "base/str.h"
#include "text/fold.h"

/* What is longer is no label of a button. */
#define ACCEPTANCE_BYTES_MAX ((size_t) 60)
/* An invitation is a line; a paragraph that is longer has something to tell. */
#define INVITATION_BYTES_MAX ((size_t) 260)
/* How early the verb comes: "Also follow us ...". */
#define INVITING_WORDS 2
/* Enough of a text to know what it is about. */
#define WORDS_MAX 400

/* Stems; with a '$' the word is whole. */
static const char *const accepting[] = { "accept", "agree", "allow", "akzept", "zustimm",
        "einverstanden", "acept", "aceit", "accett", "autoris", "akkoord", "godk", "godta",
        "hyvaks", "souhlas", "prijm", "prijat", "suhlas", "elfogad", "zgadzam", "kabul", "prihva",
        "slazem", "pranoj", "prinima", "prinja", "soglas", "priin", "pogodzu",
        "\xCE\xB1\xCF\x80\xCE\xBF\xCE\xB4\xCE\xBF\xCF\x87", /* apodoch */
        "\xCF\x83\xCF\x85\xCE\xBC\xCF\x86\xCF\x89\xCE\xBD", /* symfon */
        "\xEB\x8F\x99\xEC\x9D\x98" /* dong-ui */ };

static const char *const consenting[] = { "cookie", "kolac", "cerez", "privacy", "privat", "prive$",
        "partner", "consent", "einwillig", "datenschutz", "donnee", "dato$", "datos$", "dati$",
        "data$", "daten$", "personal", "personne", "device", "gerat", "appareil", "identifi",
        "purpose", "zweck", "finalit", "tracking", "advertis", "preferenc", "kvkk", "verileri",
        "podatk", "podac", "osobn", "licn", "vendor", "store$", "process" };

/* Another channel of the publisher's: mostly names, which are the same everywhere. */
static const char *const channels[] = { "telegram", "viber", "whatsapp", "facebook", "fejsbuk",
        "instagram", "twitter", "youtube", "tiktok", "linkedin", "bluesky", "newsletter", "bulten$",
        "kanal", "channel$", "canal$", "app$", "aplikac", "aplikacion", "uygulama", "podcast",
        "notifications$", "bildirim", "discord$", "mastodon$", "infolettre" };

/* Verbs that call upon the reader, which begin the line... */
static const char *const inviting_first[] = { "follow$", "subscribe$", "join$", "download$",
        "sign$", "get$", "like$", "pratite", "preuzmite", "pridruzite", "prijavite", "ndiqni$",
        "ndiqna", "shkarko", "bashkohu", "folgen$", "abonnieren$", "abonnez$", "abonati$",
        "suivez$", "rejoignez$", "inscrivez$", "telechargez$", "siga$", "sigue$", "siguenos$",
        "seguici$", "segui$", "iscriviti$", "unete$", "suscribete$", "suscribase$", "podpis",
        "pidpis", "citaite$", "prisoed", "doluc", "dolacz$", "kovess", "iratkoz", "sledite$",
        "sledujte$", "obserwuj$", "aboneaza$", "urmareste$", "descarca$",
        "\xCE\xB1\xCE\xBA\xCE\xBF\xCE\xBB\xCE\xBF\xCF\x85\xCE\xB8" /* akolouth */,
        "\xD8\xAA\xD8\xA7\xD8\xA8\xD8\xB9\xD9\x88\xD9\x86\xD8\xA7" /* tabi'una */ };
/* ...or, where verbs come last, end it. */
static const char *const inviting_last[] = { "indirin$", "katilin$", "edin$", "olun$", "tiklayin$",
        "yukleyin$" };

static bool has_stem(const Word *word, const char *const *stems, size_t n_stems) {
        for (size_t i = 0; i < n_stems; i++) {
                const size_t n = strcspn(stems[i], "$");

                if (strncmp(word->folded, stems[i], n) == 0 &&
                        (stems[i][n] == '\0' || word->folded[n] == '\0'))
                        return true;
        }

        return false;
}

/* *ret_n_words without joined forms. 0 or -ENOMEM. */
static int count_stems(const char *text, size_t n_bytes, const char *const *stems, size_t n_stems,
        size_t *ret_n_found, size_t *ret_n_words) {
        _cleanup_(word_list_done) WordList list = {};
        size_t n_found = 0, n_words = 0;
        int r;

        r = fold_words(text, n_bytes, /* first_position= */ 0, WORDS_MAX, &list,
                /* ret_next_position= */ NULL);
        if (r < 0)
                return r;
        for (size_t i = 0; i < list.n_words; i++)
                if (!list.words[i].joined) {
                        n_words++;
                        n_found += has_stem(list.words + i, stems, n_stems);
                }

        *ret_n_found = n_found;
        *ret_n_words = n_words;
        return 0;
}

int phrase_is_acceptance(const char *text) {
        const size_t n_bytes = strlen(text);
        size_t n_found, n_words;
        int r;

        if (n_bytes == 0 || n_bytes > ACCEPTANCE_BYTES_MAX)
                return false;
        r = count_stems(text, n_bytes, accepting, ELEMENTSOF(accepting), &n_found, &n_words);
        return r < 0 ? r : n_found > 0;
}

int phrase_is_about_consent(const char *text, size_t n_bytes) {
        size_t n_found, n_words;
        int r;

        /* An article on the law of data has some 3 such words in a hundred. */
        r = count_stems(text, n_bytes, consenting, ELEMENTSOF(consenting), &n_found, &n_words);
        return r < 0 ? r : n_found >= 3 && n_found * 12 >= n_words;
}

int phrase_is_invitation(const char *text, size_t n_bytes) {
        _cleanup_(word_list_done) WordList list = {};
        bool has_channel = false, invites = false;
        int r;

        if (n_bytes == 0 || n_bytes > INVITATION_BYTES_MAX)
                return false;
        r = fold_words(text, n_bytes, /* first_position= */ 0, WORDS_MAX, &list,
                /* ret_next_position= */ NULL);
        if (r < 0)
                return r;

        for (size_t i = 0; i < list.n_words; i++) {
                const Word *word = list.words + i;

                has_channel |= has_stem(word, channels, ELEMENTSOF(channels));
                invites |= has_stem(word, inviting_last, ELEMENTSOF(inviting_last)) ||
                        (i < INVITING_WORDS &&
                                has_stem(word, inviting_first, ELEMENTSOF(inviting_first)));
        }
        return has_channel && invites;
}
