/* SPDX-License-Identifier: MIT */

#include "article/phrases.h"

#include <errno.h>

#include "base/macro.h"
#include "base/str.h"
#include "text/fold.h"

/* What is longer is no label of a button. */
#define LABEL_BYTES_MAX ((size_t) 60)
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

static const char *const replying[] = { "reply$", "respond$", "antwort", "repondre$", "odgovor",
        "yanitla$", "cevapla$", "otvetit", "vidpovisti$", "responder$", "rispondi$", "beantwoord",
        "svar$", "odpov", "valasz", "pergjigj", "raspunde$",
        "\xEB\x8B\xB5\xEA\xB8\x80$" /* dapgeul */ };

static const char *const subscribing[] = { "subscribe", "sign$", "signup$", "register$", "abonn",
        "anmelden$", "registrieren$", "inscri", "iscriv", "abbonati$", "suscrib", "assine$",
        "abone$", "prijavi", "pretplati", "podpis", "pidpis", "zapisz$", "aboneaza$", "abonohu$",
        "prenumerera$", "testen$", "essayer$", "probar$" };

static const char *const paying[] = { "subscriber", "subscription", "subscribe$", "abonn",
        "abonent", "premium$", "members$", "member$", "assinant", "suscriptor", "abbonat",
        "pretplat", "podpisc", "predplatn", "prenumer" };
static const char *const keeping[] = { "reserv", "reste$", "exclusiv", "only$", "continue$",
        "remaining$", "left$", "read$", "unlock$", "weiterlesen$", "lesen$", "lire$", "leer$",
        "leggere$", "exklusiv", "vorbehalten$", "nastav", "solo$", "samo$", "tol'ko$", "tolko$" };

/* What a subscription is offered with, beside its own name. */
static const char *const offering[] = { "month", "monat", "mois$", "mes$", "mese$", "mesec",
        "mjesec", "ay$", "mesiac", "miesiac", "trial", "gratis", "gratuit", "kostenlos", "besplatn",
        "ucretsiz", "unlimited", "unbegrenzt", "illimit", "ilimit", "sinirsiz", "access$", "acced",
        "acces$", "zugang", "zugriff", "pristup", "erisim", "offer", "offre", "angebot", "oferta",
        "offerta", "cancel", "kundig", "kundbar", "resili", "reader", "abo$" };

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
        "sign$", "get$", "pratite", "preuzmite", "pridruzite", "prijavite", "ndiqni$", "ndiqna",
        "shkarko", "bashkohu", "folgen$", "abonnieren$", "abonnez$", "abonati$", "suivez$",
        "rejoignez$", "inscrivez$", "telechargez$", "siga$", "sigue$", "siguenos$", "seguici$",
        "segui$", "iscriviti$", "unete$", "suscribete$", "suscribase$", "podpisyvaites$",
        "podpisites$", "pidpisuites$", "pidpisites$", "citaite$", "prisoedinjai", "dolucaites$",
        "dolacz$", "kovess", "iratkoz", "sledite$", "sledujte$", "obserwuj$", "aboneaza$",
        "urmareste$", "descarca$",
        "\xCE\xB1\xCE\xBA\xCE\xBF\xCE\xBB\xCE\xBF\xCF\x85\xCE\xB8" /* akolouth */,
        "\xD8\xAA\xD8\xA7\xD8\xA8\xD8\xB9\xD9\x88\xD9\x86\xD8\xA7" /* tabi'una */ };
/* ...or, where verbs come last, end it. */
static const char *const inviting_last[] = { "indirin$", "katilin$", "edin$", "olun$", "tiklayin$",
        "yukleyin$" };

/* In scripts without spaces, where there are no words to count. */
static const char *const barriers[] = {
        /* yuryo kaiin: paying members */
        "\xE6\x9C\x89\xE6\x96\x99\xE4\xBC\x9A\xE5\x93\xA1",
        /* yuryo kiji: a paid article */
        "\xE6\x9C\x89\xE6\x96\x99\xE8\xA8\x98\xE4\xBA\x8B",
        /* tsuzuki wo yomu: read on */
        "\xE7\xB6\x9A\xE3\x81\x8D\xE3\x82\x92\xE8\xAA\xAD\xE3\x82\x80",
        /* zenbun wo yomu: read the whole */
        "\xE5\x85\xA8\xE6\x96\x87\xE3\x82\x92\xE8\xAA\xAD\xE3\x82\x80",
        /* zenbun hyoji: show the whole */
        "\xE5\x85\xA8\xE6\x96\x87\xE8\xA1\xA8\xE7\xA4\xBA",
        /* subete no kiji wo goran: see all articles */
        "\xE3\x81\x99\xE3\x81\xB9\xE3\x81\xA6\xE3\x81\xAE\xE8\xA8\x98\xE4\xBA\x8B\xE3\x82\x92\xE3\x81\x94\xE8\xA6\xA7",
        /* kono kiji no nokori: the rest of this article */
        "\xE3\x81\x93\xE3\x81\xAE\xE8\xA8\x98\xE4\xBA\x8B\xE3\x81\xAE\xE6\xAE\x8B\xE3\x82\x8A",
        /* fufei yuedu: pay to read */
        "\xE4\xBB\x98\xE8\xB4\xB9\xE9\x98\x85\xE8\xAF\xBB",
        /* dingyue hou: after subscribing */
        "\xE8\xA8\x82\xE9\x96\xB1\xE5\xBE\x8C",
        /* the same */
        "\xE8\xAE\xA2\xE9\x98\x85\xE5\x90\x8E",
        /* yuedu quanwen: read the whole */
        "\xE9\x98\x85\xE8\xAF\xBB\xE5\x85\xA8\xE6\x96\x87",
        /* the same */
        "\xE9\x96\xB1\xE8\xAE\x80\xE5\x85\xA8\xE6\x96\x87",
};

static bool has_stem(const Word *word, const char *const *stems, size_t n_stems) {
        for (size_t i = 0; i < n_stems; i++) {
                size_t n;

                if (stems[i][0] != word->folded[0])
                        continue;
                n = strcspn(stems[i], "$");
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

int phrase_label(const char *text) {
        static const struct {
                PhraseLabel label;
                const char *const *stems;
                size_t n_stems;
        } labels[] = {
                { PHRASE_ACCEPT, accepting, ELEMENTSOF(accepting) },
                { PHRASE_REPLY, replying, ELEMENTSOF(replying) },
                { PHRASE_SUBSCRIBE, subscribing, ELEMENTSOF(subscribing) },
        };
        _cleanup_(word_list_done) WordList list = {};
        const size_t n_bytes = strlen(text);
        int r;

        if (n_bytes == 0 || n_bytes > LABEL_BYTES_MAX)
                return PHRASE_OTHER;
        r = fold_words(text, n_bytes, /* first_position= */ 0, WORDS_MAX, &list,
                /* ret_next_position= */ NULL);
        if (r < 0)
                return r;
        for (size_t i = 0; i < ELEMENTSOF(labels); i++)
                for (size_t k = 0; k < list.n_words; k++)
                        if (has_stem(list.words + k, labels[i].stems, labels[i].n_stems))
                                return (int) labels[i].label;

        return PHRASE_OTHER;
}

int phrase_is_about_consent(const char *text, size_t n_bytes) {
        size_t n_found, n_words;
        int r;

        /* An article on the law of data has some 3 such words in a hundred. */
        r = count_stems(text, n_bytes, consenting, ELEMENTSOF(consenting), &n_found, &n_words);
        return r < 0 ? r : n_found >= 3 && n_found * 12 >= n_words;
}

int phrase_is_offer(const char *text, size_t n_bytes) {
        size_t n_paying, n_offering, n_words;
        int r;

        r = count_stems(text, n_bytes, paying, ELEMENTSOF(paying), &n_paying, &n_words);
        if (r >= 0)
                r = count_stems(
                        text, n_bytes, offering, ELEMENTSOF(offering), &n_offering, &n_words);
        /* News of a publisher's prices has some 3 such words in a hundred. */
        return r < 0 ? r : n_paying + n_offering >= 3 && (n_paying + n_offering) * 20 >= n_words;
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

int phrase_is_barrier(const char *text, size_t n_bytes) {
        size_t n_paying, n_keeping, n_words;
        int r;

        if (n_bytes == 0 || n_bytes > INVITATION_BYTES_MAX)
                return false;
        for (size_t i = 0; i < ELEMENTSOF(barriers); i++)
                if (memmem(text, n_bytes, barriers[i], strlen(barriers[i])))
                        return true;
        /* nokori ... moji: so many characters are left */
        if (memmem(text, n_bytes, "\xE6\xAE\x8B\xE3\x82\x8A", 6) &&
                memmem(text, n_bytes, "\xE6\x96\x87\xE5\xAD\x97", 6))
                return n_bytes <= LABEL_BYTES_MAX;
        r = count_stems(text, n_bytes, paying, ELEMENTSOF(paying), &n_paying, &n_words);
        if (r < 0 || n_paying == 0)
                return MIN(r, 0);
        r = count_stems(text, n_bytes, keeping, ELEMENTSOF(keeping), &n_keeping, &n_words);
        return r < 0 ? r : n_keeping > 0;
}
