/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>

#include "base/str.h"
#include "text/charset.h"
#include "text/utf8.h"

#define R "\xEF\xBF\xBD"
#define BYTES(s) s, sizeof(s) - 1

static const struct {
        const char *label, *name;
} labels[] = {
        { "utf8", "utf-8" },
        { " UTF-8\r\n", "utf-8" },
        { "ISO-8859-1", "windows-1252" },
        { "latin1", "windows-1252" },
        { "us-ascii", "windows-1252" },
        { "ascii", "windows-1252" },
        { "ISO-8859-9", "windows-1254" },
        { "iso-8859-15", "iso-8859-15" },
        { "Windows-1251", "windows-1251" },
        { "cp1250", "windows-1250" },
        { "koi8-r", "koi8-r" },
        { "KOI8-U", "koi8-u" },
        { "macintosh", "macintosh" },
        { "gbk", "gb18030" },
        { "GB2312", "gb18030" },
        { "Shift_JIS", "shift_jis" },
        { "x-sjis", "shift_jis" },
        { "utf-16", "utf-16le" },
        { "utf-16be", "utf-16be" },
        { "utf-32", "utf-32le" },
        /* however it is spelled */
        { "'utf-8'", "utf-8" },
        { "UTF 8", "utf-8" },
        { "windows_1251", "windows-1251" },
        { "WIN1251", "windows-1251" },
        { "Windows-CP1251", "windows-1251" },
        { "x-cp1251", "windows-1251" },
        { "ANSI_1251", "windows-1251" },
        { "ms-cyrl", "windows-1251" },
        { "csKOI8R", "koi8-r" },
        { "ISO_8859-5:1988", "iso-8859-5" },
        { "iso8859_5", "iso-8859-5" },
        { "8859-5", "iso-8859-5" },
        { "ISO-8859-11", "windows-874" },
        { "ISO_8859-1:1987", "windows-1252" },
        { "ISO-8859-8-I", "iso-8859-8-i" },
        { "ISO-8859-12", NULL },
        { "ISO-8859-17", NULL },
        { "ISO-8859-5-i", NULL },
        { "ANSI_X3.4-1968", "windows-1252" },
        { "ISO-10646-UCS-2", "utf-16le" },
        { "Extended_UNIX_Code_Packed_Format_for_Japanese", "euc-jp" },
        { "x-x-big5", "big5" },
        { "gb_2312-80", "gb18030" },
        { "tis620.2533-0", "windows-874" },
        { "Shift_JISX0213", "shift_jisx0213" },
        /* code pages by number */
        { "cp037", "ibm037" },
        { "IBM-37", "ibm037" },
        { "csIBM037", "ibm037" },
        { "ebcdic-cp-us", "ibm037" },
        { "EBCDIC_CP_BE", "ibm500" },
        { "437", "ibm437" },
        { "csPC8CodePage437", "ibm437" },
        { "x-ibm850", "ibm850" },
        { "cp 866", "ibm866" },
        { "CP819", "windows-1252" },
        { "ibm367", "windows-1252" },
        { "cp912", "iso-8859-2" },
        { "cp936", "gb18030" },
        { "ms949", "euc-kr" },
        { "CP1361", "johab" },
        { "cp65001", "utf-8" },
        { "cp20866", "koi8-r" },
        { "cp154", "pt154" },
        { "cp720", "ibm720" },
        { "cp4711", NULL },
        { "cp7", NULL },
        { "123456", NULL },
        /* of Apple */
        { "mac-roman", "macintosh" },
        { "x-mac-ce", "mac-centraleurope" },
        { "MacGreek", "mac-greek" },
        { "x-mac-turkish", "mac-turkish" },
        { "x-mac-japanese", "shift_jis" },
        /* none */
        { "utf-7", NULL },
        { "x-user-defined", NULL },
        { "x", NULL },
        { "cs", NULL },
        { "-", NULL },
        { "klingon", NULL },
        { "", NULL },
        { "a label that is far longer than any label could be", NULL },
};

static void test_labels(void **state _unused_) {
        for (size_t i = 0; i < ELEMENTSOF(labels); i++)
                if (!streq_ptr(charset_from_label(labels[i].label), labels[i].name))
                        fail_msg("%s: %s", labels[i].label,
                                strna(charset_from_label(labels[i].label)));
}

/* Every name that a label leads to is a label of itself, and iconv knows it. */
static void test_names(void **state _unused_) {
        for (size_t i = 0; i < ELEMENTSOF(labels); i++) {
                _cleanup_(charset_freep) Charset *charset = NULL;

                if (!labels[i].name)
                        continue;
                assert_string_equal(charset_from_label(labels[i].name), labels[i].name);
                assert_int_equal(charset_new(labels[i].name, &charset), 0);
        }
}

static void test_content_type(void **state _unused_) {
        static const struct {
                const char *content_type, *label;
        } cases[] = {
                { "text/html; charset=utf-8", "utf-8" },
                { "text/html;charset=\"ISO-8859-1\"; x=y", "ISO-8859-1" },
                { "text/xml; x=y; Charset = koi8-r ; z", "koi8-r" },
                { "text/html; charset='utf-8'", "utf-8" },
                { "text/html", NULL },
                { "text/html; charset=", NULL },
                { "text/html; xcharset=utf-8", NULL },
        };

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                char label[64] = "";
                bool found = charset_from_content_type(cases[i].content_type, label);

                if (!streq_ptr(found ? label : NULL, cases[i].label))
                        fail_msg("%s: %s", cases[i].content_type, label);
        }
}

static void test_bom(void **state _unused_) {
        size_t n = 0;

        assert_string_equal(charset_from_bom("\xEF\xBB\xBFx", 4, &n), "utf-8");
        assert_int_equal(n, 3);
        assert_string_equal(charset_from_bom("\xFF\xFEx\0", 4, &n), "utf-16le");
        assert_int_equal(n, 2);
        assert_string_equal(charset_from_bom("\xFE\xFF\0x", 4, &n), "utf-16be");
        assert_string_equal(charset_from_bom("\xFF\xFE\0\0", 4, &n), "utf-32le");
        assert_int_equal(n, 4);
        assert_string_equal(charset_from_bom("\0\0\xFE\xFF", 4, &n), "utf-32be");
        assert_null(charset_from_bom("\xEF\xBB", 2, &n));
        assert_null(charset_from_bom("", 0, &n));
}

static const struct {
        const char *name, *bytes;
        size_t n_bytes;
        const char *text;
        unsigned n_replaced;
} conversions[] = {
        { "utf-8", BYTES("K\xC3\xBC\xE2\x82\xAC\xF0\x9F\x98\x80"),
                "K\xC3\xBC\xE2\x82\xAC\xF0\x9F\x98\x80", 0 },
        { "utf-8", BYTES("a\xE9 b\xF1\x80\x80 c\xE2\x82"), "a" R " b" R " c" R, 3 },
        { "utf-8", BYTES("\xC0\x80\xFF"), R R R, 3 },
        { "windows-1252", BYTES("\x93Pri\x9Atina\x94 \x80"),
                "\xE2\x80\x9CPri\xC5\xA1tina\xE2\x80\x9D \xE2\x82\xAC", 0 },
        { "windows-1252", BYTES("a\x81z\x8D\x8F\x90\x9D."), "a" R "z" R R R R ".", 5 },
        { "windows-1254", BYTES("T\xFCrkiye\xFE\xF0\xFD"), "T\xC3\xBCrkiye\xC5\x9F\xC4\x9F\xC4\xB1",
                0 },
        { "windows-1251", BYTES("\xCA\xEE\xF1\xEE\xE2\xEE"),
                "\xD0\x9A\xD0\xBE\xD1\x81\xD0\xBE\xD0\xB2\xD0\xBE", 0 },
        { "windows-1258", BYTES("a\xEC"), "\xC3\xA1", 0 },
        { "windows-1258", BYTES("ba"), "ba", 0 },
        { "koi8-r", BYTES("\xEB\xCF\xD3"), "\xD0\x9A\xD0\xBE\xD1\x81", 0 },
        { "macintosh", BYTES("caf\x8E"), "caf\xC3\xA9", 0 },
        { "mac-greek", BYTES("\xB0x\x84"), "\xCE\x91x\xC2\xB3", 0 },
        { "mac-turkish", BYTES("\xDA\xF5"), "\xC4\x9E" R, 1 },
        { "ibm720", BYTES("\x80\xA0"), R "\xD8\xA8", 1 },
        { "iso-2022-kr", BYTES("\x1B$)Ca\x0E\x30\x21\x0Fz"), "a\xEA\xB0\x80z", 0 },
        { "ibm866", BYTES("\x8A"), "\xD0\x9A", 0 },
        { "shift_jis", BYTES("\x83R\x83\\\x83{!"), "\xE3\x82\xB3\xE3\x82\xBD\xE3\x83\x9C!", 0 },
        { "euc-jp", BYTES("\xA5\xB3x"), "\xE3\x82\xB3x", 0 },
        { "iso-2022-jp", BYTES("\x1B$B%3\x1B(Bx"), "\xE3\x82\xB3x", 0 },
        { "gb18030", BYTES("\xBF\xC6\xCB\xF7\x81\x30\x81\x30"), "\xE7\xA7\x91\xE7\xB4\xA2\xC2\x80",
                0 },
        { "big5", BYTES("\xAC\xEC"), "\xE7\xA7\x91", 0 },
        { "euc-kr", BYTES("\xC4\xDA"), "\xEC\xBD\x94", 0 },
        { "euc-kr", BYTES("\xC4"), R, 1 },
        { "utf-16le", BYTES("K\0\xFC\0=\xD8\0\xDE"), "K\xC3\xBC\xF0\x9F\x98\x80", 0 },
        { "utf-16be", BYTES("\0K\0\xFC\xD8="), "K\xC3\xBC" R, 1 },
        { "utf-16le", BYTES("\0\xDCK\0"), R "K", 1 },
        { "utf-32be", BYTES("\0\0\0K\0\1\xF6\0"), "K\xF0\x9F\x98\x80", 0 },
        { "utf-32le", BYTES("\xFF\xFF\xFF\xFFK\0\0\0"), R "K", 1 },
};

/* In one piece, and in pieces of each small size: the same text. */
static void test_convert(void **state _unused_) {
        for (size_t i = 0; i < ELEMENTSOF(conversions); i++)
                for (size_t n_piece = 1; n_piece < 8; n_piece++) {
                        _cleanup_(charset_freep) Charset *charset = NULL;
                        _cleanup_(buffer_done) Buffer out = {};
                        const char *s = conversions[i].bytes;
                        const size_t n = conversions[i].n_bytes;

                        assert_int_equal(charset_new(conversions[i].name, &charset), 0);
                        for (size_t at = 0; at < n; at += n_piece)
                                assert_int_equal(charset_convert(charset, s + at,
                                                         MIN(n_piece, n - at), &out),
                                        0);
                        assert_int_equal(charset_finish(charset, &out), 0);

                        if (!streq(buffer_str(&out), conversions[i].text))
                                fail_msg("%zu %s in pieces of %zu: '%s'", i, conversions[i].name,
                                        n_piece, buffer_str(&out));
                        if (charset_n_replaced(charset) != conversions[i].n_replaced)
                                fail_msg("%zu %s in pieces of %zu: %u replaced", i,
                                        conversions[i].name, n_piece,
                                        (unsigned) charset_n_replaced(charset));
                        assert_true(utf8_is_valid(buffer_str(&out), out.n_bytes));
                }
}

static void test_unknown(void **state _unused_) {
        Charset *charset = NULL;

        assert_int_equal(charset_new("klingon", &charset), -EOPNOTSUPP);
        assert_null(charset_free(NULL));
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_labels),
                cmocka_unit_test(test_names),
                cmocka_unit_test(test_content_type),
                cmocka_unit_test(test_bom),
                cmocka_unit_test(test_convert),
                cmocka_unit_test(test_unknown),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
