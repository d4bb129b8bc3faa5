/* SPDX-License-Identifier: MIT */

/* Labels that send the reader elsewhere, as fold_words() has them: the same for Latin and Cyrillic
 * letters, without accents. What may as well head a part of a report ("More on ...", "Related
 * work", "Recommended actions") is not here. */

#include <errno.h>

#include "article/phrases.h"
#include "base/macro.h"
#include "base/str.h"
#include "text/fold.h"

#define LABEL_BYTES_MAX ((size_t) 120)
/* "Read also our report on": words behind the phrase. */
#define LABEL_WORDS_MORE 3
#define POINTER_WORDS_MORE 1
#define POINTER_BYTES_MAX ((size_t) 400)
/* How early the colon comes. */
#define POINTER_COLON_BYTES_MAX ((size_t) 48)
#define LEAP_WORDS_MAX 8
#define WORDS_MAX 80

/* Words that follow each other at the beginning; the last may go on. With a '$' there are no more.
 */
static const char *const elsewhere[] = {
        "read also", "read next", "also read", "see also", "watch also", "related$", "recommended$",
        "related stor", "related article", "related news", "related content", "related coverage",
        "related topic", "related link", "related post", "related video", "recommended for",
        "recommended stor", "recommended article", "recommended reading", "you may also",
        "you might also", "more from", "more stories", "more news", "most read", "most popular",
        "up next", "lesen sie auch", "lesen sie mehr", "lesen sie dazu", "lies auch",
        "mehr zum thema", "das konnte sie", "auch interessant", "meistgelesen", "a lire aussi",
        "lire aussi", "a voir aussi", "a lire egalement", "sur le meme sujet", "lea tambien",
        "lee tambien", "le puede interesar", "te puede interesar", "mas noticias",
        "noticias relacionad", "leia tambem", "leia mais", "veja tambem", "leggi anche",
        "potrebbe interessar", "articoli correlat", "lees ook", "lees meer", "meer over",
        "laes ogsa", "laes mere", "les ogsa", "las ocksa", "las mer", "lue myos", "lue lisaa",
        "czytaj tez", "czytaj takze", "czytaj rowniez", "czytaj wiecej", "przeczytaj tez",
        "przeczytaj takze", "przeczytaj rowniez", "zobacz tez", "zobacz takze", "zobacz rowniez",
        "wybrane dla", "polecane", "polecamy", "najczesciej czytane", "ctete take", "prectete si",
        "citajte aj", "precitajte si", "olvassa el", "olvasd el", "kapcsolodo cikk", "citeste si",
        "cititi si", "citeste mai", "pe aceeasi tema", "procitajte jos", "procitajte i",
        "citajte jos", "pogledajte jos", "povezane vijesti", "povezane vesti", "povezani clan",
        "preberite tudi", "beri tudi", "lexo edhe", "lexoni edhe", "lexo me shume",
        "lexo gjithashtu", "lajme te ngjashme", "procetete osce", "procetete i", "vizte osce",
        "osce po temata", "citaite takze", "smotrite takze", "materialy po teme", "po teme$",
        "citaite takoz", "divitsja takoz", "ilgili haber", "ilgili icerik", "ayrica oku",
        "ayrica bak", "bunlar da ilgin", "ilginizi cek", "sizin icin sectik", "diger haber",
        "diger galeri", "onerilen haber", "en cok okunan",
        ("\xCE\xB4\xCE\xB9\xCE\xB1\xCE\xB2\xCE\xB1\xCF\x83\xCF\x84\xCE\xB5 "
         "\xCE\xB5\xCF\x80\xCE\xB9\xCF\x83\xCE\xB7\xCF\x83"), /* diavaste episis */
        ("\xCE\xB4\xCE\xB5\xCE\xB9\xCF\x84\xCE\xB5 "
         "\xCE\xB5\xCF\x80\xCE\xB9\xCF\x83\xCE\xB7\xCF\x83"),                /* deite episis */
        "\xD8\xA7\xD9\x82\xD8\xB1\xD8\xA7 \xD8\xA7\xD9\x8A\xD8\xB6\xD8\xA7", /* iqra' aydan */
        "\xEA\xB4\x80\xEB\xA0\xA8 \xEA\xB8\xB0\xEC\x82\xAC",                 /* gwallyeon gisa */
        "\xE9\x96\xA2 \xE9\x80\xA3 \xE8\xA8\x98 \xE4\xBA\x8B",               /* kanren kiji */
        "\xE7\x9B\xB8 \xE5\x85\xB3 \xE9\x98\x85 \xE8\xAF\xBB",               /* xiangguan yuedu */
};

/* In the plural: "Commentary" and "Komentar" head an opinion. */
static const char *const comments[] = { "comments", "kommentare", "kommentarer", "kommentarii",
        "komentari", "komentarze", "komentare", "komentarii", "komentet", "commentaires",
        "comentarios", "comentarii", "commenti", "reacties", "kommentit", "hozzaszolasok",
        "yorumlar", "\xCF\x83\xCF\x87\xCE\xBF\xCE\xBB\xCE\xB9\xCE\xB1", /* scholia */
        "\xEB\x8C\x93\xEA\xB8\x80" /* daetgeul */ };

/* How many of @words the phrase takes; 0: they do not begin with it. */
static size_t phrase_takes(const char *phrase, const Word *words, size_t n_words) {
        size_t n_taken = 0;

        while (*phrase && *phrase != '$') {
                const size_t n = strcspn(phrase, " $");
                const bool last = phrase[n] == '\0';

                while (n_taken < n_words && words[n_taken].joined)
                        n_taken++;
                if (n_taken >= n_words || strncmp(words[n_taken].folded, phrase, n) != 0 ||
                        (!last && words[n_taken].folded[n] != '\0'))
                        return 0;
                n_taken++;
                phrase += n + (phrase[n] == ' ');
        }

        return *phrase == '$' && n_taken < n_words ? 0 : n_taken;
}

static size_t sends_elsewhere(const Word *words, size_t n_words) {
        for (size_t i = 0; i < ELEMENTSOF(elsewhere); i++) {
                const size_t n = phrase_takes(elsewhere[i], words, n_words);

                if (n > 0)
                        return n;
        }

        return 0;
}

/* "Comments", "114 comments", "Comments (3)" */
static bool counts_comments(const Word *words, size_t n_words) {
        bool found = false;

        for (size_t i = 0; i < n_words; i++) {
                bool is_name = false;

                for (size_t k = 0; k < ELEMENTSOF(comments) && !is_name; k++)
                        is_name = streq(words[i].folded, comments[k]);
                if (!is_name && !ascii_isdigit(words[i].folded[0]))
                        return false;
                found |= is_name;
        }

        return found;
}

int phrase_heads_aside(const char *text, size_t n_bytes) {
        _cleanup_(word_list_done) WordList list = {};
        size_t n;
        int r;

        if (n_bytes == 0 || n_bytes > LABEL_BYTES_MAX)
                return PHRASE_ASIDE_NONE;
        r = fold_words(text, n_bytes, /* first_position= */ 0, WORDS_MAX, &list,
                /* ret_next_position= */ NULL);
        if (r < 0)
                return r;

        if (counts_comments(list.words, list.n_words))
                return PHRASE_ASIDE_COMMENTS;
        n = sends_elsewhere(list.words, list.n_words);
        return n > 0 && list.n_words <= n + LABEL_WORDS_MORE ? PHRASE_ASIDE_ELSEWHERE
                                                             : PHRASE_ASIDE_NONE;
}

static size_t count_words_before(const WordList *list, size_t offset) {
        size_t n = 0;

        for (size_t i = 0; i < list->n_words; i++)
                n += !list->words[i].joined && list->words[i].offset < offset;

        return n;
}

/* "Continue reading after the advertisement": a few words, one of each kind. */
static bool leaps_over_ad(const Word *words, size_t n_words) {
        static const char *const going[] = { "continu", "weiter", "fortgesetzt", "fortsetz",
                "suite", "devam", "nastav", "prodolz", "prodovz", "dals", "ciag", "segue", "sigue",
                "pokrac", "fortsaett", "fortsatt", "folytat", "jatku", "vazhdon", "below",
                "verder" };
        static const char *const advertising[] = { "advert", "ad", "anzeige", "werbung", "publicit",
                "publicid", "pubblicit", "reklam", "oglas", "mainos", "annons", "annonce",
                "hirdetes", "advertentie" };
        bool goes_on = false, is_ad = false;

        for (size_t i = 0; i < n_words && n_words <= LEAP_WORDS_MAX; i++) {
                for (size_t k = 0; k < ELEMENTSOF(going); k++)
                        goes_on |= startswith(words[i].folded, going[k]) != NULL;
                for (size_t k = 0; k < ELEMENTSOF(advertising); k++)
                        is_ad |= k == 1 ? streq(words[i].folded, advertising[k])
                                        : startswith(words[i].folded, advertising[k]) != NULL;
        }

        return goes_on && is_ad;
}

int phrase_is_pointer(const char *text, size_t n_bytes) {
        _cleanup_(word_list_done) WordList list = {};
        const char *colon = memchr(text, ':', MIN(n_bytes, POINTER_COLON_BYTES_MAX));
        size_t n;
        int r;

        if (n_bytes == 0 || n_bytes > POINTER_BYTES_MAX)
                return false;
        /* Most lines are none, and known for that at once. */
        if (!colon && n_bytes > LABEL_BYTES_MAX && !memmem(text, n_bytes, "Ctrl", strlen("Ctrl")))
                return false;
        r = fold_words(text, n_bytes, /* first_position= */ 0, WORDS_MAX, &list,
                /* ret_next_position= */ NULL);
        if (r < 0)
                return r;

        /* Mark a mistake and press two keys: the habit of a whole region. */
        for (size_t i = 0; i + 1 < list.n_words; i++)
                if (streq(list.words[i].folded, "ctrl") && streq(list.words[i + 1].folded, "enter"))
                        return true;

        if (text[n_bytes - 1] != '.' && leaps_over_ad(list.words, list.n_words))
                return true;
        n = sends_elsewhere(list.words, list.n_words);
        if (n == 0)
                return false;
        if (list.n_words == n)
                return true;
        return colon &&
                count_words_before(&list, (size_t) (colon - text)) <= n + POINTER_WORDS_MORE;
}
