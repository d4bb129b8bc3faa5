/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "profile-maker.h"

/* Does an expression match a title, and how often? */

static const struct {
        const char *expression, *text;
        unsigned count;
} cases[] = {
        /* case, accents, scripts */
        { "KFOR", "Kfor", 1 },
        { "KFOR", "KFor and kfor", 2 },
        { "Nato", "NATO", 1 },
        { "Türkiye", "TURKIYE", 1 },
        { "TURKIYE", "Türkiye", 1 },
        { "Turkiye", "TÜRKİYE", 1 },
        { "Kosovo", "Косово", 1 },
        { "Косово", "Kosovo", 1 },
        { "KFOR", "Кфор", 1 },
        { "KFOR*", "Кфора", 1 },
        { "KFOR", "Кфор-а", 1 },
        { "KFOR", "KFOR-ом", 1 },
        { "KFOR", "KFOR-u", 1 },
        { "Đoković", "Ђоковић", 1 },
        { "Djokovic", "Đoković", 1 },
        { "Ђоковић", "Djokovic", 1 },
        { "Straße", "STRASSE", 1 },
        { "σύνοδος", "ΣΥΝΟΔΟΣ", 1 },
        { "أنقرة", "انقره", 1 },
        { "NATO", "NАТО", 1 },
        { "NATO", "ＮＡＴＯ", 1 },
        { "Kosovo", "Ko\xc2\xadsovo", 1 },
        { "Irak", "IRAK", 1 },
        { "ırak", "Irak", 1 },
        { "İstanbul", "ISTANBUL", 1 },
        { "Bestepe", "Beştepe", 1 },
        /* apostrophes */
        { "Kosovo", "Kosovo's", 1 },
        { "Kosovo", "Kosovo’s army", 1 },
        { "Kosovo", "Kosovo´s", 1 },
        { "Kosovo", "Kosovo`s", 1 },
        { "Kosovo", "KosovoʼS", 1 },
        { "OTAN", "l'OTAN", 1 },
        { "OTAN", "de l’OTAN", 1 },
        { "OTAN", "dell'OTAN", 1 },
        { "OTAN", "L＇OTAN", 1 },
        { "Ankara", "d'Ankara", 1 },
        { "KFOR", "KFOR'un", 1 },
        { "KFOR", "KFOR’un", 1 },
        { "l'OTAN", "de l’OTAN", 1 },
        { "dell'OTAN", "dellOTAN", 1 },
        { "O'Neil", "O’Neil", 1 },
        { "ONeil", "O'Neil", 1 },
        { "об'єднання", "об’єднання", 1 },
        { "NATO Ankara zirvesi", "NATO'nun Ankara zirvesi", 1 },
        { "NATO'nun Ankara zirvesi", "NATO’nun Ankara zirvesi", 1 },
        { "sommet de l'OTAN", "le sommet de l’OTAN à Ankara", 1 },
        { "Force de l'OTAN au Kosovo", "la Force de l'OTAN au Kosovo", 1 },
        /* hyphens */
        { "KFOR", "KFOR-it", 1 },
        { "KFOR", "KFOR-led", 1 },
        { "KFOR", "KFOR–led", 1 },
        { "KFOR", "KFOR‑led", 1 },
        { "NATO", "US-NATO talks", 1 },
        { "Euroatlantic", "Euro-Atlantic", 1 },
        { "Euro-Atlantic", "Euroatlantic", 1 },
        { "Euro-Atlantic", "Euro Atlantic", 1 },
        { "Euro-Atlantic", "Euro–Atlantic", 1 },
        { "Euro Atlantic", "Euro-Atlantic", 1 },
        { "Euro-Atlantic area", "the Euroatlantic area", 1 },
        { "Euro-Atlantic area", "the Euro-Atlantic area", 1 },
        { "Euroatlantic", "Euro-Atlantic's", 1 },
        { "NATO-led", "NATO led", 1 },
        { "KFOR-TV", "KFOR TV", 1 },
        { "NTM-I", "NTM-I", 1 },
        { "state-of-the-art", "stateoftheart", 1 },
        { "peacekeep*", "peace-keeping", 1 },
        { "Euro-Atl*", "Euro-Atlantic", 1 },
        { "Euro-Atl*", "Euro Atlantic", 1 },
        { "l'OTAN*", "l'OTANs", 1 },
        /* acronyms, tags, signs */
        { "KFOR", "#KFOR", 1 },
        { "KFOR", "@KFOR", 1 },
        { "KFOR", "K.F.O.R.", 1 },
        { "KFOR", "K.F.O.R", 1 },
        { "K.F.O.R.", "KFOR", 1 },
        { "K.F.O.R.", "K.F.O.R.", 1 },
        { "#KFOR", "KFOR", 1 },
        { "KFOR", "(KFOR)", 1 },
        { "KFOR", "«KFOR»", 1 },
        { "KFOR", "“KFOR”,", 1 },
        { "KFOR", "KFOR/NATO", 1 },
        { "KFOR", "KFOR:", 1 },
        { "kfor.com", "see KFOR.com", 1 },
        { "U.S. troops", "US troops", 1 },
        { "US", "the U.S.-led force", 1 },
        /* phrases */
        { "Kosovo Force", "the Kosovo Force", 1 },
        { "\"Kosovo Force\"", "the Kosovo Force", 1 },
        { "“Kosovo Force”", "the Kosovo Force", 1 },
        { "„Kosovo Force“", "the Kosovo Force", 1 },
        { "«Kosovo Force»", "the Kosovo Force", 1 },
        { "Kosovo \"Force\"", "the Kosovo Force", 1 },
        { "Kosovo Force", "Kosovo’s Force", 1 },
        { "Kosovo Force", "Kosovo, Force", 1 },
        { "\"Bosnia & Herzegovina\"", "Bosnia and Bosnia Herzegovina", 1 },
        { "\"Yahoo!\"", "yahoo", 1 },
        { "Camp Film City", "Camp 'Film City'", 1 },
        { "Kosov* forc*", "Kosovan forces", 1 },
        { "NATO Mission* Iraq", "NATO missions Iraq", 1 },
        /* prefixes */
        { "Kosov*", "Kosovo, Kosova, Kosovska", 3 },
        { "Kosov*", "Косовска", 1 },
        { "kfor*", "Kfora Kforu Kforom", 3 },
        { "νατοϊκ*", "ΝΑΤΟϊκή σύνοδος", 1 },
        { "zirve*", "zirvesi zirveye zirve", 3 },
        { "코소보*", "코소보에서", 1 },
        /* ideographs */
        { "科索沃", "驻科索沃部队", 1 },
        { "北约", "北约KFOR", 1 },
        { "KFOR", "北约KFOR", 1 },
        { "北约 KFOR", "北约KFOR", 1 },
        { "コソボ", "コソボ治安維持部隊", 1 },
        /* exact letters */
        { "=KFOR", "KFOR", 1 },
        { "=MAP", "a map of MAP", 1 },
        { "=Nato", "è nato, la Nato, NATO", 1 },
        { "=KFOR", "K.F.O.R.", 1 },
        { "=KFOR", "KFOR's", 1 },
        { "=USA*", "USAF and usage", 1 },
        { "=\"Kosovo Force\"", "Kosovo Force, kosovo force", 1 },
        { "=Kosovo Force", "Kosovo force", 1 },
        { "=Đoković", "Djokovic Đoković", 1 },
        { "=l'OTAN", "l’OTAN", 1 },
        /* alternatives, counting: leftmost, then longest, no overlap */
        { "Kosovo | Kosovo Force", "Kosovo Force", 1 },
        { "Kosovo | Kosovo Force", "Kosovo, Kosovo Force", 2 },
        { "Force | Kosovo Force", "Kosovo Force Force", 2 },
        { "a b | b c", "a b c", 1 },
        { "a b | b c | c", "a b c", 2 },
        { "a | a b c | b", "a b c b", 2 },
        { "Kosovo* | Kosovo", "Kosovo's Kosovo", 2 },
        { "Kosovo-Kosovo | Kosovo", "Kosovo-Kosovo", 1 },
        { "Kosovo", "Kosovo-Kosovo", 2 },
        { "a a", "a a a a a", 2 },
        { "(a | b) | (c)", "a b c", 3 },
        { "l | OTAN", "l'OTAN", 2 },
        { "title:KFOR", "KFOR", 1 },
        { "title:Kosovo Force", "Kosovo Force", 1 },
        { "title:(KFOR | NATO)", "KFOR and NATO", 2 },
        { "Title:KFOR", "KFOR", 1 },
        { "title: KFOR", "KFOR", 1 },
        /* NEAR */
        { "a NEAR/2 b", "a x x b", 1 },
        { "a NEAR/2 b", "a x x x b", 0 },
        { "a NEAR/2 b", "b x a", 1 },
        { "a NEAR/0 b", "a b", 1 },
        { "a NEAR/0 b", "b a", 1 },
        { "a NEAR/0 b", "a x b", 0 },
        { "a NEAR/1 b", "a's x b", 1 },
        { "a NEAR/1 b", "a-x y b", 0 },
        { "a NEAR/2 b", "a-x y b", 1 },
        { "a NEAR/0 b", "a'b", 1 },
        { "a NEAR/5 a", "a", 0 },
        { "a NEAR/5 a", "a x a", 1 },
        { "Kosovo NEAR/5 Kosov*", "Kosovo", 0 },
        { "Kosovo NEAR/5 Kosov*", "Kosovo and Kosova", 1 },
        { "a NEAR/3 b", "a b b b x x x b", 1 },
        { "a NEAR/3 b", "a b x a b", 1 },
        { "a NEAR/1 b", "a b x x a b", 2 },
        { "a NEAR/3 (b | c d)", "a x c d", 1 },
        { "(a | b) NEAR/1 (c | d)", "b c", 1 },
        { "Kosovo Force NEAR/1 x y", "x y a Kosovo Force", 1 },
        { "Kosovo Force NEAR/0 x y", "x y a Kosovo Force", 0 },
        { "a NEAR/2 b NEAR/2 c", "a b c", 1 },
        { "a NEAR/2 b NEAR/2 c", "c b a", 1 },
        { "(a NEAR/5 b) NEAR/0 c", "a b c b", 1 },
        { "(a NEAR/1 b) | c", "a b c", 2 },
        { "Kosovo NEAR/9 troop*", "Kosovo troops and more troops", 1 },
        { "Kosovo NEAR/12 (peacekeep* | troop* | NATO)", "NATO says its troops leave Kosovo", 1 },
        /* & and ! */
        { "a & b", "b x a a", 1 },
        { "a & b", "a", 0 },
        { "a & !b", "a", 1 },
        { "a & !b", "a b", 0 },
        { "a & !(b | c)", "a c", 0 },
        { "a & (!b)", "a", 1 },
        { "a & !b & c", "c a", 1 },
        { "a & !b NEAR/1 c", "a b x x x c", 1 },
        { "a & !b NEAR/1 c", "a b c", 0 },
        { "(a & b) | c", "c c", 2 },
        { "(a & b) | c", "a b", 1 },
        { "(a | b) & c", "c b", 1 },
        { "=NMI & (Iraq | Irak | NATO)", "NMI Irak", 1 },
        { "=NMI & (Iraq | Irak | NATO)", "5 nmi off Irak", 0 },
        { "((((a))))", "a", 1 },
        /* words that only look like operators */
        { "near/5", "near 5", 1 },
        { "AND", "and", 1 },
        { "near", "near", 1 },
        { "\"NEAR\"", "near", 1 },
        { "\"title:KFOR\"", "title KFOR", 1 },
        { "12:30", "at 12:30", 1 },
        /* what must not match */
        { "KFOR", "KFORS", 0 },
        { "KFOR", "Kfora", 0 },
        { "KFOR", "SKFOR", 0 },
        { "KFOR", "K FOR", 0 },
        { "KFOR", "K F O R", 0 },
        { "FOR", "KFOR", 0 },
        { "Kosovo", "Kosova", 0 },
        { "Kosovo", "Косова", 0 },
        { "NATO", "OTAN", 0 },
        { "OTAN", "lOTAN", 0 },
        { "l'OTAN", "OTAN", 0 },
        { "Euroatlantic", "Euro Atlantic", 0 },
        { "Euro-Atlantic", "Atlantic Euro", 0 },
        { "Euro-Atlantic", "Euro and Atlantic", 0 },
        { "Kosovo Force", "Kosovo", 0 },
        { "Kosovo Force", "Force Kosovo", 0 },
        { "Kosovo Force", "Kosovo Security Force", 0 },
        { "Kosovo Force", "KosovoForce", 0 },
        { "Kosovo Force", "Kosovo-s Force", 0 },
        { "\"Kosovo Force\"", "Kosovo Forces", 0 },
        { "Kosov*", "Koso", 0 },
        { "Kosov*", "Nekosovo", 0 },
        { "Kosovo*", "Kosov", 0 },
        { "peć*", "Pristina", 0 },
        { "=MAP", "map", 0 },
        { "=MAP", "Map", 0 },
        { "=Nato", "nato", 0 },
        { "=Nato", "NATO", 0 },
        { "=KFOR", "Кфор", 0 },
        { "=KFOR", "KFÖR", 0 },
        { "=Djokovic", "Đoković", 0 },
        { "=Türkiye", "Turkiye", 0 },
        { "=Kosovo", "KOSOVO", 0 },
        { "US", "USA", 0 },
        { "US", "bus", 0 },
        { "München", "Muenchen", 0 },
        { "ñ", "ny", 0 },
        { "科索沃", "科索", 0 },
        { "科索沃", "科 x 索沃", 0 },
        { "科", "北约", 0 },
        { "summary:KFOR", "KFOR", 0 },
        { "body:KFOR", "KFOR", 0 },
        { "category:KFOR", "KFOR", 0 },
        { "author:KFOR", "KFOR", 0 },
        { "feed:KFOR", "KFOR", 0 },
        { "title:(summary | x)", "y", 0 },
        { "title:a & body:a", "a", 0 },
        { "title:a NEAR/3 body:b", "a b", 0 },
        { "ΝΑΤΟ", "NATO", 0 },
        { "НАТО", "HATO", 0 },
        { "Kosovo", "", 0 },
        { "Kosovo", " ", 0 },
        { "ناتو", "الناتو", 0 },
        { "7.62", "762", 0 },
        { "7.62", "7 x 62", 0 },
        { "Ankara zirvesi", "Ankara'da zirve", 0 },
        { "NATO nun Ankara", "NATO Ankara", 0 },
        { "Bosnia & Herzegovina", "Bosnia", 0 },
        { "a & b & c", "a b", 0 },
        { "(a & b) | (c & d)", "a d", 0 },
};

static void test_cases(void **state) {
        (void) state;

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                char line[256];
                const char *lines[] = { line, NULL };
                _cleanup_(profile_set_freep) ProfileSet *set = NULL;
                Verdict *verdicts = NULL;
                unsigned count;

                snprintf(line, sizeof line, "1 %s", cases[i].expression);
                set = maker_set(lines);
                assert_int_equal(profile_set_score(set,
                                         &(Document){ .text = { [FIELD_TITLE] = cases[i].text } },
                                         1000, &verdicts),
                        0);
                count = verdicts[0].n_hits > 0 ? verdicts[0].hits[0].count : 0;
                if (count != cases[i].count)
                        fail_msg("'%s' in '%s': %u, not %u", cases[i].expression, cases[i].text,
                                count, cases[i].count);
                verdict_array_free(verdicts, 1);
        }
}

/* Spans are the original bytes. */
static const struct {
        const char *expression, *text, *spans;
} spans[] = {
        { "KFOR", "die K.F.O.R. und Kfor-Truppe", "[K.F.O.R][Kfor]" },
        { "Kosovo", "У Косово’с и Ko\xc2\xadsovo", "[Косово][Ko\xc2\xadsovo]" },
        { "NATO Ankara zirvesi", "NATO'nun Ankara zirvesi", "[NATO'nun Ankara zirvesi]" },
        { "Euroatlantic", "x Euro-Atlantic y", "[Euro-Atlantic]" },
        { "Kosovo NEAR/5 troop*", "troops in Kosovo today", "[troops][Kosovo]" },
        { "a & b & a b", "a b x a", "[a b][a]" },
        { "索沃", "科索沃", "[索沃]" },
        { "(a & b) | c", "a c", "[c]" },
};

static void test_spans(void **state) {
        (void) state;

        for (size_t i = 0; i < ELEMENTSOF(spans); i++) {
                char line[256];
                const char *lines[] = { line, NULL };
                _cleanup_(profile_set_freep) ProfileSet *set = NULL;
                _cleanup_(buffer_done) Buffer b = {};
                Verdict *v = NULL;

                snprintf(line, sizeof line, "1 %s", spans[i].expression);
                set = maker_set(lines);
                assert_int_equal(
                        profile_set_score(set,
                                &(Document){ .text = { [FIELD_TITLE] = spans[i].text } }, 1000, &v),
                        0);
                assert_int_equal(v->n_hits, 1);
                for (size_t j = 0; j < v->hits[0].n_spans; j++)
                        assert_int_equal(
                                buffer_printf(&b, "[%.*s]", (int) v->hits[0].spans[j].n_bytes,
                                        spans[i].text + v->hits[0].spans[j].offset),
                                0);
                assert_string_equal(buffer_str(&b), spans[i].spans);
                verdict_array_free(v, 1);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_cases),
                cmocka_unit_test(test_spans),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
