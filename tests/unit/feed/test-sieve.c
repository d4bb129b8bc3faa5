/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>

#include "base/buffer.h"
#include "base/str.h"
#include "feed/sieve.h"

typedef struct Run {
        Buffer out;
        unsigned n_warnings, last_line;
        int r;
        char error[200];
} Run;

/* Puts the texts that go beside the XML back to their marks, as CDATA. */
static int on_output(const Piece *piece, void *userdata) {
        const char *p = piece->xml, *end = p + piece->n_xml, *mark, *text = piece->texts;
        Run *run = userdata;
        size_t n = 0;

        while ((mark = memmem(p, (size_t) (end - p), PIECE_MARK, strlen(PIECE_MARK)))) {
                assert_true(n < piece->n_texts);
                assert_int_equal(buffer_append(&run->out, p, (size_t) (mark - p)), 0);
                assert_int_equal(buffer_printf(&run->out, "<![CDATA[%.*s]]>",
                                         (int) piece->text_bytes[n], text),
                        0);
                p = mark + strlen(PIECE_MARK);
                text += piece->text_bytes[n++];
        }
        assert_int_equal(n, piece->n_texts);
        return buffer_append(&run->out, p, (size_t) (end - p));
}

static void on_warning(unsigned line, const char *message, void *userdata) {
        Run *run = userdata;

        (void) message;
        run->n_warnings++;
        run->last_line = line;
}

/* A CDATA section may be put out in pieces; that is one and the same text. */
static void join_cdata(Buffer *b) {
        static const char seam[] = "]]><![CDATA[";
        char *p;

        while (b->data && (p = strstr(b->data, seam))) {
                size_t n = sizeof(seam) - 1;

                memmove(p, p + n, b->n_bytes - (size_t) (p - b->data) - n + 1);
                b->n_bytes -= n;
        }
}

static void run_sieve(const char *content_type, const char *in, size_t n_in, size_t n_first,
        size_t n_chunk, Run *ret) {
        _cleanup_(sieve_freep) Sieve *sieve = NULL;
        Warnings warnings = { .handler = { .on_warning = on_warning, .userdata = ret } };
        size_t n;

        *ret = (Run){};
        assert_int_equal(sieve_new(content_type, &warnings, on_output, ret, &sieve), 0);
        for (size_t i = 0; i < n_in && ret->r >= 0; i += n) {
                n = MIN(i == 0 && n_first > 0 ? n_first : n_chunk, n_in - i);
                ret->r = sieve_push(sieve, in + i, n);
        }
        if (ret->r >= 0)
                ret->r = sieve_finish(sieve);
        if (sieve_error(sieve))
                snprintf(ret->error, sizeof(ret->error), "%s", sieve_error(sieve));
        join_cdata(&ret->out);
}

static const struct {
        const char *name, *content_type, *in, *out;
} cases[] = {
        { "as it is", NULL, "<rss a=\"b\">t<x/></rss>", "<rss a=\"b\">t<x/></rss>" },
        { "declaration and comments go", NULL,
                "<?xml version='1.0'?><!-- c --><rss>a<!-- d -->b</rss>", "<rss>ab</rss>" },
        { "line breaks stay", NULL, "\n<!--\n--><rss\na='b'\n>x<!--\n\n-->y</rss>",
                "\n\n<rss a=\"b\">\n\nx\n\ny</rss>" },
        { "bare '<'", NULL, "<rss>1 < 2 <3 <</rss>", "<rss>1 &lt; 2 &lt;3 &lt;</rss>" },
        { "a '<' that begins no tag", NULL, "<rss>a <b c<d>e</d></rss>",
                "<rss>a &lt;b c<d>e</d></rss>" },
        { "an address in angle brackets", NULL, "<rss><a@b.c></rss>", "<rss>&lt;a@b.c&gt;</rss>" },
        { "bare '&'", NULL, "<rss>a&b &c; &amp; &</rss>",
                "<rss>a&amp;b &amp;c; &amp; &amp;</rss>" },
        { "references", NULL, "<rss>&eacute;&#233;&#xe9;&lt;&#60;</rss>",
                "<rss>ééé&lt;&lt;</rss>" },
        { "a number without its semicolon", NULL, "<rss>&#233 &#x;</rss>",
                "<rss>é &amp;#x;</rss>" },
        { "a quote lost before the next attribute", NULL, "<rss><a b=\"c d=\"e\"/></rss>",
                "<rss><a b=\"c\" d=\"e\"/></rss>" },
        { "an attribute given twice", NULL, "<rss><a b=\"c\" b=\"d\"/></rss>",
                "<rss><a b=\"c\"/></rss>" },
        { "CDATA that is not closed", NULL, "<rss><item><![CDATA[a</b></ITEM><item>c</item></rss>",
                "<rss><item><![CDATA[a</b>]]></item><item>c</item></rss>" },
        { "a feed in a page", NULL,
                "<!DOCTYPE html><html><script>'<rss version=1>'</script><rss version='2'>x</rss></html>",
                "<rss version=\"2\">x</rss>" },
        { "a comment about items", NULL,
                "<rss><item>a<!-- </item><item> b --></item><!-- <item>c</item> --></rss>",
                "<rss><item>a</item></rss>" },
        { "items in a comment", NULL, "<rss><item>a<!-- <item>b</item> -->c</item></rss>",
                "<rss><item>ac</item></rss>" },
        { "declarations inside", NULL, "<rss>a<![if !x]>b<![endif]>c<!d <e/></rss>",
                "<rss>abc<e/></rss>" },
        { "the root's end inside an item", NULL, "<rss><item>a</rss>b</item><item>c</item></rss>",
                "<rss><item>a</item><item>c</item></rss>" },
        { "no control characters", NULL,
                "<rss>a\x01\x1f"
                "b<![CDATA[\x02]]></rss>",
                "<rss>ab</rss>" },
        { "no characters that are none", NULL,
                "<rss>a\xEF\xBF\xBE\xEF\xBF\xBF"
                "b\xEF\xBB\xBF\xEF\xBC\xA1</rss>",
                "<rss>ab\xEF\xBC\xA1</rss>" },
        { "']]>' in text", NULL, "<rss>]]></rss>", "<rss>]]&gt;</rss>" },
        { "CDATA", NULL, "<rss><![CDATA[a<b>&c]] ]>]]]]></rss>",
                "<rss><![CDATA[a<b>&c]] ]>]]]]></rss>" },
        { "attributes", NULL, "<rss a=b c d='\"<&x=1' e = \"f\">t</rss>",
                "<rss a=\"b\" d=\"&quot;&lt;&amp;x=1\" e=\"f\">t</rss>" },
        { "a quote that is not closed", NULL, "<rss><a b=\"c>t</a>u</rss>",
                "<rss><a b=\"c\">t</a>u</rss>" },
        { "'>' and '<' inside a value", NULL, "<rss><a b=\"<c>\"/></rss>",
                "<rss><a b=\"&lt;c&gt;\"/></rss>" },
        { "crossed tags", NULL, "<rss><a><b>x</a></b>y</rss>", "<rss><a><b>x</b></a>y</rss>" },
        { "end tags in another case", NULL, "<rss><Aa>x</aA></RSS>", "<rss><Aa>x</Aa></rss>" },
        { "items left open", NULL, "<rss><item><item></rss>",
                "<rss><item></item><item></item></rss>" },
        { "elements of HTML without end", NULL, "<rss>a<br>b<hr></br>c</rss>",
                "<rss>a<br/>b<hr/>c</rss>" },
        { "names", NULL, "<rss><a:b:c></a:b:c><\xC3\xA9>x</\xC3\xA9></rss>",
                "<rss><a:b_c></a:b_c><__>x</__></rss>" },
        { "DOCTYPE", NULL, "<!DOCTYPE r [<!ENTITY a '>]'><!-- ' ]> -->]><rss>&a;</rss>",
                "<rss>&gt;]</rss>" },
        { "entities", NULL,
                "<!DOCTYPE r [<!ENTITY n 'N<b>&amp;&#8482;'><!ENTITY % p 'x'><!ENTITY s SYSTEM 'f'>"
                "<!ENTITY c '&n;&n;'><!ENTITY n 'second'>]>"
                "<rss a='&n;'>&n;|&p;|&s;|&c;|&n</rss>",
                "<rss a=\"N&lt;b&gt;&amp;™\">N&lt;b&gt;&amp;™|&amp;p;|&amp;s;|&amp;c;|&amp;n</rss>" },
        { "CDATA that is not closed, in a title", NULL,
                "<rss><item><title><![CDATA[a</b></TITLE><link>c</link></item></rss>",
                "<rss><item><title><![CDATA[a</b>]]></title><link>c</link></item></rss>" },
        { "CDATA that holds what looks like its end", NULL,
                "<rss><summary><![CDATA[a</title></summary></x></it]]></summary></rss>",
                "<rss><summary><![CDATA[a</title></summary></x></it]]></summary></rss>" },
        { "items behind the end", NULL,
                "<rss><item>a</item></rss>b<item>c</item>d<rss><item>e</item></rss>f",
                "<rss><item>a</item><item>c</item><item>e</item></rss>" },
        { "a feed in another document", NULL,
                "<s:Envelope><s:Body><feed/><rss version='2'>x</rss></s:Body></s:Envelope>",
                "<rss version=\"2\">x</rss>" },
        { "controls in a tag", NULL,
                "<rss><it\x01"
                "em>a</item></rss>",
                "<rss><item>a</item></rss>" },
        { "a comment without its end", NULL,
                "<rss>\n<!-- a -><item>b<!-- c ></item>\n<item>d</item></rss>",
                "<rss>\n a -&gt;<item>b c &gt;</item>\n<item>d</item></rss>" },
        { "a comment without its end before the root", NULL, "<!-- a <rss>b</rss>",
                "<rss>b</rss>" },
        { "cut off in a comment", NULL, "<rss><item>b</item><!-- <item>c</item>",
                "<rss><item>b</item>" },
        { "ends of comments", NULL, "<rss><!-->a<!--->b<!-- -- --!>c<!-- - > ->-->d</rss>",
                "<rss>abcd</rss>" },
        { "a declaration without its end", NULL, "<?xml version='1.0'\n<rss>a</rss>",
                "\n<rss>a</rss>" },
        { "a DOCTYPE without its end", NULL, "<!DOCTYPE rss\n<rss>a</rss>", "\n<rss>a</rss>" },
        { "a DOCTYPE without its ends", NULL, "<!DOCTYPE rss [<!ENTITY n 'N'>\n<rss>&n;</rss>",
                "\n<rss>N</rss>" },
        { "what stands around the root", NULL, "junk<br><rss>x</rss>more<a/>", "<rss>x</rss>" },
        { "cut off", NULL, "<rss><item>x</item><item>y", "<rss><item>x</item><item>y" },
        { "cut off inside a tag", NULL, "<rss><item>x</item><it", "<rss><item>x</item>" },

        { "Content-Type before declaration", "text/xml; charset=iso-8859-1",
                "<?xml version='1.0' encoding='utf-8'?><rss>\xE9</rss>", "<rss>é</rss>" },
        { "mark before Content-Type", "text/xml; charset=windows-1251",
                "\xEF\xBB\xBF<rss>\xC3\xA9</rss>", "<rss>é</rss>" },
        { "unknown Content-Type", "text/xml; charset=x-none",
                "<?xml version='1.0' encoding='windows-1251'?><rss>\xCA</rss>", "<rss>К</rss>" },
        { "Content-Type without charset", "text/xml", "<rss>\xC3\xA9</rss>", "<rss>é</rss>" },
        { "Content-Type before declaration, where neither is UTF-8", "text/xml; charset=koi8-r",
                "<?xml version='1.0' encoding='windows-1251'?><rss>\xEB</rss>", "<rss>К</rss>" },
        { "Content-Type of UTF-8, and a declaration that is right",
                "application/rss+xml; charset=utf-8",
                "<?xml version='1.0' encoding='windows-1251'?><rss>\xCA\xD4\xCE\xD0</rss>",
                "<rss>КФОР</rss>" },
        { "a declaration of UTF-8 that is right", "text/xml; charset=windows-1251",
                "<?xml version='1.0' encoding='utf-8'?><rss>К</rss>", "<rss>К</rss>" },
        { "Content-Type in quotes", "text/xml; charset=\"windows-1251\"; x=y",
                "<rss>\xCA\xD4</rss>", "<rss>КФ</rss>" },
        { "Content-Type of UTF-16 on what is not", "text/xml; charset=utf-16",
                "<rss>\xC3\xA9</rss>", "<rss>é</rss>" },
        { "UTF-8 that is windows-1252", NULL, "<rss>\x93\xE9\x94 \x80</rss>",
                "<rss>\xE2\x80\x9Cé\xE2\x80\x9D €</rss>" },
        { "windows-1252 that is UTF-8", "text/xml; charset=iso-8859-1",
                "<rss>ab é \xE2\x82\xAC</rss>", "<rss>ab é €</rss>" },
        { "a cut character", NULL, "<rss>é \xE2\x82 x</rss>", "<rss>é \xEF\xBF\xBD x</rss>" },
};

static void test_cases(void **state) {
        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                size_t n = strlen(cases[i].in);

                /* Whole, byte by byte, and in two at every possible place. */
                for (size_t split = 0; split <= n; split++) {
                        Run run;

                        run_sieve(cases[i].content_type, cases[i].in, n, split, split == 0 ? 1 : n,
                                &run);
                        if (run.r < 0 || !streq(buffer_str(&run.out), cases[i].out))
                                fail_msg("%s, split at %zu: %d '%s'", cases[i].name, split, run.r,
                                        buffer_str(&run.out));
                        buffer_done(&run.out);
                }
        }
}

static const struct {
        const char *in, *error;
} refused[] = {
        { "", "an empty document, not a feed" },
        { " \n\t", "an empty document, not a feed" },
        { "<?xml version='1.0'?>\n", "an empty document, not a feed" },
        { "Not found", "plain text, not a feed" },
        { "  {\"version\": \"https://jsonfeed.org/version/1.1\"}", "a JSON document, not a feed" },
        { "[1]", "a JSON document, not a feed" },
        { "<!doctype HTML><title>x</title>", "an HTML page, not a feed" },
        { "<html><rss version='2.0'/></html>", "an HTML page, not a feed" },
        { "<b>Error</b><br>", "an HTML page, not a feed" },
        { "<html><head><link rel=alternate type='application/rss+xml' href='/f'></head></html>",
                "an HTML page, not a feed, but it names one: see picketctl discover" },
        { "<sitemapindex xmlns='x'/>",
                "an index of sitemaps, of which each has its own address, not a feed" },
        { "<opml><rss/></opml>", "an XML document with the root <opml>, not a feed" },
        { "\x89PNG\r\n\x1A\n\0\0\0\0", "a PNG image, not a feed" },
        { "%PDF-1.7 and so on", "a PDF document, not a feed" },
};

static void test_refused(void **state) {
        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(refused); i++)
                for (size_t chunk = 1; chunk <= 1000; chunk += 999) {
                        Run run;

                        run_sieve(NULL, refused[i].in, strlen(refused[i].in), 0, chunk, &run);
                        if (run.r != -EBADMSG || !streq(run.error, refused[i].error))
                                fail_msg("'%s': %d '%s'", refused[i].in, run.r, run.error);
                        assert_int_equal(run.out.n_bytes, 0);
                        buffer_done(&run.out);
                }
}

/* Many times the same is said a few times, with lines, and then counted. */
static void test_warnings(void **state) {
        _cleanup_(buffer_done) Buffer in = {};
        Run run;

        (void) state;
        assert_int_equal(buffer_append_str(&in, "<rss>\n\n"), 0);
        for (unsigned i = 0; i < 100; i++)
                assert_int_equal(buffer_append_str(&in, "&\n"), 0);
        assert_int_equal(buffer_append_str(&in, "</rss>"), 0);

        run_sieve(NULL, in.data, in.n_bytes, 0, in.n_bytes, &run);
        assert_int_equal(run.r, 0);
        assert_int_equal(run.n_warnings, WARNINGS_SHOWN_PER_KIND);
        assert_int_equal(run.last_line, 5);
        buffer_done(&run.out);
}

/* Whatever is repeated without end, what is put out stays bounded by it, and what follows counts.
 */
static void test_endless(void **state) {
        static const struct {
                const char *before, *repeated, *after;
                size_t n_out_max;
        } endless[] = {
                { "<rss><a ", "b='c' ", "><x/></rss>", 1 << 16 },
                { "<rss><a b='", "c", "'><x/></rss>", 1 << 16 },
                { "<rss><a ", "b='c' ", "/><x/></rss>", 1 << 16 },
                { "<rss>", "<a>", "<x/></rss>", 1 << 16 },
                { "<rss><!--", "-x", "--><x/></rss>", 1 << 16 },
                { "<rss><!--", "<item></item>", "<x/></rss>", 1 << 22 },
                { "<rss><!--", "<item></item><!--", "<x/></rss>", 1 << 22 },
                { "<!DOCTYPE r [", "<!ENTITY a 'b'>", "]><rss><x/></rss>", 1 << 16 },
                { "<rss>", "</a>", "<x/></rss>", 1 << 16 },
                { "<rss><?p ", "x", "?><x/></rss>", 1 << 16 },
        };

        (void) state;
        for (size_t i = 0; i < ELEMENTSOF(endless); i++) {
                _cleanup_(buffer_done) Buffer in = {};
                Run run;

                assert_int_equal(buffer_append_str(&in, endless[i].before), 0);
                for (unsigned j = 0; j < 200000; j++)
                        assert_int_equal(buffer_append_str(&in, endless[i].repeated), 0);
                assert_int_equal(buffer_append_str(&in, endless[i].after), 0);

                run_sieve(NULL, in.data, in.n_bytes, 0, 16384, &run);
                assert_int_equal(run.r, 0);
                assert_true(run.out.n_bytes <= endless[i].n_out_max);
                /* Elements nested too deep take what is inside them along. */
                if (!streq(endless[i].repeated, "<a>") && !strstr(run.out.data, "<x/>"))
                        fail_msg("'%s' repeated swallows what follows", endless[i].repeated);
                if (startswith(endless[i].after, "/>") && !strstr(run.out.data, "/><x/>"))
                        fail_msg("'%s' repeated hides the tag's end", endless[i].repeated);
                assert_true(endswith(run.out.data, "</rss>"));
                buffer_done(&run.out);
        }
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_cases),
                cmocka_unit_test(test_refused),
                cmocka_unit_test(test_warnings),
                cmocka_unit_test(test_endless),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
