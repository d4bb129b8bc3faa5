/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/random.h"
#include "text/fold.h"
#include "text/utf8.h"

/* --- what is the same, and what is not --- */

static const struct {
        const char *a, *b;
} same[] = {
        /* case */
        { "KFOR", "kfor" },
        { "KFOR", "KFor" },
        { "Nato", "NATO" },
        { "ΟΔΟΣ", "οδός" },
        { "ΝΑΤΟ", "νατο" },
        { "Straße", "STRASSE" },
        { "STRAẞE", "strasse" },
        /* Turkish i, all four */
        { "Türkiye", "TURKIYE" },
        { "TÜRKİYE", "Turkiye" },
        { "ılık", "ILIK" },
        { "ılık", "ilik" },
        { "İstanbul", "istanbul" },
        { "Sınır", "SINIR" },
        { "Diyarbakır", "DIYARBAKIR" },
        { "i\xcc\x87ran", "iran" },
        /* accents */
        { "Erdoğan", "Erdogan" },
        { "Beştepe", "BESTEPE" },
        { "Görüşme", "gorusme" },
        { "Mitrovicë", "Mitrovice" },
        { "Zvečan", "Zvecan" },
        { "Zveçan", "Zvecan" },
        { "Leposavić", "Leposavic" },
        { "Uroševac", "Urosevac" },
        { "Kajári", "Kajari" },
        { "Forța", "Forta" },
        { "Forţa", "Forta" },
        { "déploiement", "deploiement" },
        { "e\xcc\x81tat", "état" },
        { "Łódź", "Lodz" },
        { "København", "Kobenhavn" },
        { "Færøerne", "faeroerne" },
        { "cœur", "coeur" },
        { "Ħamrun", "Hamrun" },
        { "Þór", "Thor" },
        { "Æ", "ae" },
        { "Ŋ", "n" },
        { "Μπεστεπέ", "μπεστεπε" },
        { "Κόσοβο", "ΚΟΣΟΒΟ" },
        { "ΝΑΤΟϊκή", "νατοικη" },
        /* Serbian: the whole alphabet, both scripts */
        { "Косово", "Kosovo" },
        { "КФОР", "KFOR" },
        { "Кфора", "Kfora" },
        { "НАТО", "NATO" },
        { "Ђоковић", "Đoković" },
        { "Ђоковић", "Djokovic" },
        { "Đoković", "Djokovic" },
        { "Đakovica", "Djakovica" },
        { "а б в г д", "a b v g d" },
        { "ђ е ж з и", "đ e ž z i" },
        { "ј к л љ м", "j k l lj m" },
        { "н њ о п р", "n nj o p r" },
        { "с т ћ у ф", "s t ć u f" },
        { "х ц ч џ ш", "h c č dž š" },
        { "ЉУБАВ", "Ljubav" },
        { "Његош", "Njegoš" },
        { "Џеп", "Džep" },
        { "ǅep", "Džep" },
        { "ǈubav", "Ljubav" },
        { "ǌegoš", "Njegoš" },
        { "Бањска", "Banjska" },
        { "Лепосавић", "Leposavic" },
        { "Зубин Поток", "Zubin Potok" },
        { "Митровица", "Mitrovica" },
        { "Вучић", "Vucic" },
        /* other Cyrillic, by the same table */
        { "Анкара", "Ankara" },
        { "Рютте", "Rjutte" },
        { "Ёлка", "Елка" },
        { "Киї\xd0\xb2", "Kiiv" },
        { "Ґрунт", "Грунт" },
        { "Єрмак", "Ermak" },
        { "Ѓорѓи", "Gjorgji" },
        { "\xd0\x93\xcc\x81орѓи", "Gjorgji" },
        { "Ќосе", "Kjose" },
        { "\xd0\xba\xcc\x81осе", "ќосе" },
        { "Ѕвезда", "Dzvezda" },
        { "съезд", "сезд" },
        { "область", "област" },
        { "военный", "военныи" },
        { "Щука", "Scuka" },
        { "объявил", "objavil" },
        /* Arabic */
        { "أنقرة", "انقرة" },
        { "أنقرة", "انقره" },
        { "إسطنبول", "اسطنبول" },
        { "آسيا", "اسيا" },
        { "ٱلناتو", "الناتو" },
        { "مستشفى", "مستشفي" },
        { "کوسوفو", "كوسوفو" },
        { "كوسوڤو", "كوسوفو" },
        { "النـــاتو", "الناتو" },
        { "قُوَّة", "قوة" },
        { "لووتکەی", "لووتكهي" },
        { "٢٠٢٦", "2026" },
        { "۲۰۲۶", "2026" },
        { "ﻷنقرة", "لانقره" },
        { "ئ", "ي" },
        { "ؤ", "و" },
        /* compatibility forms */
        { "ＮＡＴＯ", "nato" },
        { "ﬁlm", "film" },
        { "Ⅷ", "viii" },
        { "Camp Ⅲ", "camp iii" },
        /* invisible characters */
        { "Ko\xc2\xadsovo", "Kosovo" },
        { "Ko\xe2\x80\x8bsovo", "Kosovo" },
        { "\xef\xbb\xbfKosovo", "Kosovo" },
        { "Kosovo\xe2\x80\x8e", "Kosovo" },
        { "Ko\xe2\x81\xa0sovo", "Kosovo" },
        { "Ko\xe2\x80\x8dsovo", "Kosovo" },
        /* spaces and punctuation */
        { "Kosovo Force", "Kosovo\xc2\xa0"
                          "Force" },
        { "Kosovo Force", "Kosovo\tForce" },
        { "Kosovo Force", "«Kosovo» (Force)" },
        { "Kosovo Force", "Kosovo\xe2\x80\x89"
                          "Force" },
        { "Kosovo Force", "Kosovo/Force" },
        { "Kosovo Force", "Kosovo_Force" },
        { "#KFOR", "KFOR" },
        { "@KFOR", "KFOR" },
        { "KFOR™", "KFOR" },
        { "KFOR²", "KFOR" },
        /* acronyms with dots */
        { "K.F.O.R.", "KFOR" },
        { "K.F.O.R", "KFOR" },
        { "Н.А.Т.О.", "NATO" },
        { "U.S. troops", "US troops" },
        { "É.U.", "EU" },
        { "U.S.-led", "US led" },
        { "J.K.Rowling", "JK Rowling" },
        /* look-alikes of another script in one word */
        { "NA\xd0\xa2\xd0\x9e", "NATO" },
        { "K\xd0\x9esovo", "Kosovo" },
        { "КFOR", "KFOR" },
        { "KFO\xd0\xa0", "KFOP" },
        { "NATΟ", "NATO" },
        { "ΝATO", "NATO" },
        { "Кос\x6fво", "Kosovo" },
        { "КФ\x4f\x50", "КФОР" },
        { "НАТО", "НАTО" },
        /* ideographs */
        { "科索沃", "科 索 沃" },
        { "ｶﾞ", "ガ" },
        { "北约KFOR", "北约 kfor" },
        /* a bad byte separates */
        { "Kosovo\xff"
          "Force",
                "Kosovo Force" },
}, different[] = {
        { "Kosovo", "Kosova" },
        { "Kosovo", "Kosovska" },
        { "KFOR", "KFORS" },
        { "KFOR", "FOR" },
        { "NATO", "OTAN" },
        { "kır", "kar" },
        { "sınır", "sinirli" },
        { "München", "Muenchen" },
        { "Köln", "Koeln" },
        { "Müller", "Mueller" },
        { "Kärnten", "Kaernten" },
        { "Đoković", "Dokovic" },
        { "Straße", "Strase" },
        { "Zvečan", "Zvečani" },
        { "Peć", "Pećina" },
        { "MAP", "maps" },
        { "US", "USA" },
        { "WHO", "hew" },
        { "Irak", "Iraq" },
        { "Ankara", "Angara" },
        { "Анкара", "Ankaru" },
        { "Косово", "Kosova" },
        { "Косово", "Kosow" },
        { "КФОР", "KFOP" },
        { "Рим", "PIM" },
        { "СССР", "CCCP" },
        { "НАТО", "HATO" },
        { "ВОЗ", "BO3" },
        { "ΝΑΤΟ", "NATO" },
        { "Κόσοβο", "Kosovo" },
        { "ρ", "p" },
        { "њ", "n" },
        { "љ", "l" },
        { "џ", "z" },
        { "ш", "sh" },
        { "ч", "ch" },
        { "ж", "zh" },
        { "х", "x" },
        { "ю", "u" },
        { "я", "a" },
        { "щ", "s" },
        { "كوسوفو", "كوسوو" },
        { "ناتو", "الناتو" },
        { "گ", "ك" },
        { "پ", "ب" },
        { "قوة", "قوات" },
        { "٣", "4" },
        { "科索沃", "科索" },
        { "科索沃", "科沃索" },
        { "北约", "北約" },
        { "ガ", "カ" },
        { "が", "ガ" },
        { "กา", "กี" },
        { "कि", "का" },
        { "코소보", "코소브" },
        { "Kosovo Force", "KosovoForce" },
        { "Kosovo Force", "Force Kosovo" },
        { "KFOR", "K FOR" },
        { "KFOR", "K F O R" },
        { "U.S.", "U S" },
        { "7.62", "762" },
        { "e.V.m", "e V m" },
        { "5,56", "556" },
        { "Euroatlantic", "Euro Atlantic" },
        { "co-op", "coop" },
        { "naïve", "nave" },
        { "ł", "t" },
        { "ø", "oe" },
        { "æ", "a" },
        { "KFOR²", "KFOR2" },
        { "½", "12" },
        { "", "a" },
};

static void test_same(void **state) {
        (void) state;

        for (size_t i = 0; i < ELEMENTSOF(same); i++) {
                _cleanup_free_ char *a = fold_string(same[i].a), *b = fold_string(same[i].b);

                assert_non_null(a);
                assert_non_null(b);
                if (!streq(a, b))
                        fail_msg("'%s' is '%s', '%s' is '%s'", same[i].a, a, same[i].b, b);
        }
}

static void test_different(void **state) {
        (void) state;

        for (size_t i = 0; i < ELEMENTSOF(different); i++) {
                _cleanup_free_ char *a = fold_string(different[i].a),
                                    *b = fold_string(different[i].b);

                assert_non_null(a);
                assert_non_null(b);
                if (streq(a, b))
                        fail_msg("'%s' and '%s' are both '%s'", different[i].a, different[i].b, a);
        }
}

/* --- words, positions, offsets: "folded@position[-last]:offset+bytes" for each --- */

static const struct {
        const char *text, *words;
} lists[] = {
        { "", "" },
        { " ,;! ", "" },
        { "Kosovo Force", "kosovo@0:0+6 force@1:7+5" },
        { "Kosovo's", "kosovo@0:0+6 kosovos@0:0+8 s@0:7+1" },
        { "Kosovo’s army", "kosovo@0:0+6 kosovos@0:0+10 s@0:9+1 army@1:11+4" },
        { "l'OTAN", "l@0:0+1 lotan@0:0+6 otan@0:2+4" },
        { "de l`OTAN a", "de@0:0+2 l@1:3+1 lotan@1:3+6 otan@1:5+4 a@2:10+1" },
        { "KFOR'un", "kfor@0:0+4 kforun@0:0+7 un@0:5+2" },
        { "KFOR-it", "kfor@0:0+4 kforit@0-1:0+7 it@1:5+2" },
        { "KFOR–led", "kfor@0:0+4 kforled@0-1:0+10 led@1:7+3" },
        { "Euro-Atlantic", "euro@0:0+4 euroatlantic@0-1:0+13 atlantic@1:5+8" },
        { "a-b'c d", "a@0:0+1 ab@0-1:0+3 abc@0-1:0+5 b@1:2+1 bc@1:2+3 c@1:4+1 d@2:6+1" },
        { "'KFOR' - NATO -x", "kfor@0:1+4 nato@1:9+4 x@2:15+1" },
        { "a--b", "a@0:0+1 b@1:3+1" },
        { "a'-b", "a@0:0+1 b@1:3+1" },
        { "об'єднання", "ob@0:0+4 obednannja@0:0+19 ednannja@0:5+14" },
        { "K.F.O.R.", "kfor@0:0+7" },
        { "in U.S.", "in@0:0+2 us@1:3+3" },
        { "U.S.-led", "us@0:0+3 usled@0-1:0+8 led@1:5+3" },
        { "K.F.O.R.'un", "kfor@0:0+7 kforun@0:0+11 un@0:9+2" },
        { "A. B", "a@0:0+1 b@1:3+1" },
        { "kfor.com", "kfor@0:0+4 com@1:5+3" },
        { "科索沃", "科@0:0+3 索@1:3+3 沃@2:6+3" },
        { "北约KFOR-军", "北@0:0+3 约@1:3+3 kfor@2:6+4 军@3:11+3" },
        { "a\x1f"
          "b",
                "a@0:0+1 b@257:2+1" },
        { "a\x1f\x1f \x1f"
          "b",
                "a@0:0+1 b@257:5+1" },
        { "\x1f"
          "a",
                "a@0:1+1" },
        { "съ ъ а", "s@0:0+4 a@1:8+2" },
        { "Ko\xc2\xadsovo x", "kosovo@0:0+8 x@1:9+1" },
        { "e\xcc\x81tat", "etat@0:0+6" },
        { "\xcc\x81 a", "a@0:3+1" },
        { "a\xff"
          "b",
                "a@0:0+1 b@1:2+1" },
};

static void words_show(const WordList *list, Buffer *b) {
        buffer_reset(b);
        for (size_t i = 0; i < list->n_words; i++) {
                const Word *w = &list->words[i];

                assert_int_equal(
                        buffer_printf(b, "%s%s@%u", i > 0 ? " " : "", w->folded, w->position), 0);
                if (w->last_position != w->position)
                        assert_int_equal(buffer_printf(b, "-%u", w->last_position), 0);
                assert_int_equal(buffer_printf(b, ":%u+%u", w->offset, w->n_bytes), 0);
        }
}

static void test_words(void **state) {
        (void) state;

        for (size_t i = 0; i < ELEMENTSOF(lists); i++) {
                _cleanup_(word_list_done) WordList list = {};
                _cleanup_(buffer_done) Buffer b = {};

                assert_int_equal(
                        fold_words(lists[i].text, strlen(lists[i].text), 0, 1000, &list, NULL), 0);
                words_show(&list, &b);
                if (!streq(buffer_str(&b), lists[i].words))
                        fail_msg("'%s': %s\nwanted %s", lists[i].text, buffer_str(&b),
                                lists[i].words);
        }
}

static void test_compound_bound(void **state) {
        _cleanup_(word_list_done) WordList list = {};
        uint32_t next;

        (void) state;

        /* Five parts make fifteen words, the sixth is a word of its own; positions go on. */
        assert_int_equal(fold_words("a-b-c-d-e-f", 11, 0, 1000, &list, &next), 0);
        assert_int_equal(list.n_words, 16);
        assert_int_equal(list.words[15].position, 5);
        assert_int_equal(next, 6);

        /* Later calls continue the list. */
        assert_int_equal(fold_words("g", 1, next, 1000, &list, &next), 0);
        assert_int_equal(list.n_words, 17);
        assert_string_equal(list.words[16].folded, "g");
        assert_int_equal(list.words[16].position, 6);
        assert_string_equal(list.words[0].folded, "a");

        word_list_reset(&list);
        assert_int_equal(fold_words("a b c d", 7, 0, 3, &list, &next), 0);
        assert_int_equal(list.n_words, 3);
}

/* A megabyte of what is worst stays bounded. */
static void test_hostile(void **state) {
        static const char *const pieces[] = { "a", "a-", "a'", "a.", "\xcc\x81", "a\xcc\x81",
                "\xef\xb7\xba", "\xef\xb7\xba-", "\xc2\xad", "\xd0\xb0-", "\xff", "科", "\037a" };
        _cleanup_free_ char *text = new (char, 1 << 20);

        (void) state;
        assert_non_null(text);

        for (size_t i = 0; i < ELEMENTSOF(pieces); i++) {
                _cleanup_(word_list_done) WordList list = {};
                size_t n = 0, n_piece = strlen(pieces[i]);

                for (; n + n_piece <= 1 << 20; n += n_piece)
                        memcpy(text + n, pieces[i], n_piece);
                assert_int_equal(fold_words(text, n, 0, 10000, &list, NULL), 0);
                assert_true(list.n_words <= 10000);
                assert_true(list.folded.n_bytes <=
                        list.n_words * (WORD_BYTES_MAX * FOLD_PARTS_MAX + 1));
        }
}

/* Offsets of any bytes lie in the text, in order, and cut no code point of valid UTF-8. */
static void test_offsets(void **state) {
        static const char *const pieces[] = { "K", "f", "ı", "Ко", "'", "’", "-", ".", " ", "科",
                "\x1f", "\xcc\x81", "\xc2\xad", "ﷺ", "ẞ", "😀", "ガ", "ﾞ", "١" };
        Random random = { 7 };

        (void) state;

        for (size_t i = 0; i < 3000; i++) {
                _cleanup_(word_list_done) WordList list = {};
                _cleanup_(buffer_done) Buffer text = {};

                for (size_t n = random_below(&random, 24); n > 0; n--)
                        assert_int_equal(buffer_append_str(&text,
                                                 pieces[random_below(&random, ELEMENTSOF(pieces))]),
                                0);
                assert_int_equal(
                        fold_words(buffer_str(&text), text.n_bytes, 0, 1000, &list, NULL), 0);
                for (size_t j = 0; j < list.n_words; j++) {
                        const Word *w = &list.words[j];

                        assert_true(w->n_bytes > 0 && w->offset + w->n_bytes <= text.n_bytes);
                        assert_true(utf8_is_valid(text.data + w->offset, w->n_bytes));
                        assert_true(utf8_is_valid(w->folded, w->n_folded));
                        assert_int_equal(strlen(w->folded), w->n_folded);
                        assert_true(w->last_position >= w->position);
                        if (j > 0) {
                                assert_true(w->position >= w[-1].position);
                                assert_true(
                                        w->position > w[-1].position || w->offset >= w[-1].offset);
                        }
                }
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_same),
                cmocka_unit_test(test_different),
                cmocka_unit_test(test_words),
                cmocka_unit_test(test_compound_bound),
                cmocka_unit_test(test_hostile),
                cmocka_unit_test(test_offsets),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
