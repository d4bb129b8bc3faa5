/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "article/phrases.h"
#include "base/macro.h"

static const struct {
        const char *text;
        PhraseLabel label;
} labels[] = {
        { "Accept all", PHRASE_ACCEPT },
        { "Alle akzeptieren", PHRASE_ACCEPT },
        { "Prihvatam", PHRASE_ACCEPT },
        { "Прихватам све", PHRASE_ACCEPT },
        { "Tümünü kabul et", PHRASE_ACCEPT },
        { "Αποδοχή όλων", PHRASE_ACCEPT },
        { "Reply", PHRASE_REPLY },
        { "Odgovori", PHRASE_REPLY },
        { "Répondre", PHRASE_REPLY },
        { "Sign up", PHRASE_SUBSCRIBE },
        { "S’inscrire", PHRASE_SUBSCRIBE },
        { "Share", PHRASE_OTHER },
        { "Replying is not what this button does", PHRASE_OTHER },
        { "", PHRASE_OTHER },
};

static void test_labels(void **state _unused_) {
        for (size_t i = 0; i < ELEMENTSOF(labels); i++)
                if (phrase_label(labels[i].text) != (int) labels[i].label)
                        fail_msg("%s", labels[i].text);
}

static const struct {
        const char *text;
        bool invites;
} lines[] = {
        { "Follow us on Telegram and WhatsApp.", true },
        { "Pratite nas na Viberu i Instagramu, i preuzmite našu aplikaciju.", true },
        { "Підписуйтесь на наш Telegram-канал!", true },
        { "Haberlere ulaşmak için uygulamayı indirin.", true },
        { "Ακολουθήστε μας στο Facebook.", true },
        { "Like Facebook before it, Telegram was shut in the north.", false },
        { "The ministry said that the channel would follow the rules.", false },
        { "Follow the river as far as the bridge.", false },
};

static void test_invitations(void **state _unused_) {
        for (size_t i = 0; i < ELEMENTSOF(lines); i++)
                if (phrase_is_invitation(lines[i].text, strlen(lines[i].text)) != lines[i].invites)
                        fail_msg("%s", lines[i].text);
}

static const struct {
        const char *text;
        bool bars;
} endings[] = {
        { "This article is for subscribers only.", true },
        { "La suite est réservée aux abonnés.", true },
        { "Il vous reste 62.1% de cet article à lire. La suite est réservée aux abonnés.", true },
        { "この記事は有料会員限定です。残り1200文字", true },
        { "続きを読むには", true },
        { "残り679文字（全文1034文字）", true },
        { "閱讀全文請訂閱後繼續", true },
        { "The operator lost a third of its subscribers within a year.", false },
        { "", false },
};

static void test_barriers(void **state _unused_) {
        for (size_t i = 0; i < ELEMENTSOF(endings); i++)
                if (phrase_is_barrier(endings[i].text, strlen(endings[i].text)) != endings[i].bars)
                        fail_msg("%s", endings[i].text);
}

static const struct {
        const char *text;
        PhraseAside aside;
} asides[] = {
        { "Related", PHRASE_ASIDE_ELSEWHERE },
        { "Read also:", PHRASE_ASIDE_ELSEWHERE },
        { "İlgili Haberler", PHRASE_ASIDE_ELSEWHERE },
        { "Przeczytaj także", PHRASE_ASIDE_ELSEWHERE },
        { "Читайте также", PHRASE_ASIDE_ELSEWHERE },
        { "関連記事", PHRASE_ASIDE_ELSEWHERE },
        { "Komentarze (114)", PHRASE_ASIDE_COMMENTS },
        { "3 comments", PHRASE_ASIDE_COMMENTS },
        { "Comments of the allies", PHRASE_ASIDE_NONE },
        { "Related work in the field", PHRASE_ASIDE_NONE },
        { "Recommended actions", PHRASE_ASIDE_NONE },
        { "2026", PHRASE_ASIDE_NONE },
        { "", PHRASE_ASIDE_NONE },
};

static void test_asides(void **state _unused_) {
        for (size_t i = 0; i < ELEMENTSOF(asides); i++)
                if (phrase_heads_aside(asides[i].text, strlen(asides[i].text)) !=
                        (int) asides[i].aside)
                        fail_msg("%s", asides[i].text);
}

static const struct {
        const char *text;
        bool points;
} pointers[] = {
        { "Czytaj też: Autostrada jako pas startowy. Wiemy, na którym odcinku", true },
        { "Lexo edhe: Anijet e vjetra", true },
        { "Lire aussi : Le prix d’une frégate", true },
        { "Read also", true },
        { "Continue reading after the advertisement", true },
        { "Der Artikel wird nach der Anzeige fortgesetzt", true },
        { "Якщо ви помітили помилку, натисніть Ctrl + Enter, щоб повідомити редакцію.", true },
        { "По теме переговоров министр сказал: всё готово.", false },
        { "Read also what the minister wrote: it is short.", false },
        { "The advertisement of the post continues until Friday.", false },
        { "", false },
};

static void test_pointers(void **state _unused_) {
        for (size_t i = 0; i < ELEMENTSOF(pointers); i++)
                if (phrase_is_pointer(pointers[i].text, strlen(pointers[i].text)) !=
                        pointers[i].points)
                        fail_msg("%s", pointers[i].text);
}

static void test_consent(void **state _unused_) {
        static const char asks[] = "We and our partners use cookies and process personal data.";
        static const char tells[] =
                "The court held that the office had been right to fine the company, which had kept "
                "the data of its customers for nine years and could not say what it wanted with it.";

        assert_int_equal(phrase_is_about_consent(asks, strlen(asks)), true);
        assert_int_equal(phrase_is_about_consent(tells, strlen(tells)), false);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_labels),
                cmocka_unit_test(test_invitations),
                cmocka_unit_test(test_barriers),
                cmocka_unit_test(test_asides),
                cmocka_unit_test(test_pointers),
                cmocka_unit_test(test_consent),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
