/* SPDX-License-Identifier: MIT */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>

#include "base/digest.h"
#include "base/random.h"
#include "base/str.h"
#include "check.h"

static void hex_of(
        const uint8_t bytes[static DIGEST_BYTES], char hex[static DIGEST_HEX_CHARS + 1]) {
        for (size_t i = 0; i < DIGEST_BYTES; i++) {
                hex[2 * i] = "0123456789abcdef"[bytes[i] >> 4];
                hex[2 * i + 1] = "0123456789abcdef"[bytes[i] & 15];
        }
        hex[DIGEST_HEX_CHARS] = '\0';
}

/* The examples of FIPS 180-2, appendix B, and the empty message. */
static void test_sha256(void **state) {
        static const struct {
                const char *s;
                unsigned n_times;
                const char *hex;
        } cases[] = {
                { "", 1, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
                { "abc", 1, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
                { "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1,
                        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
                { "aaaaaaaaaa", 100000,
                        "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0" },
        };

        (void) state;

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                _cleanup_(digest_freep) Digest *digest = digest_new();
                char hex[DIGEST_HEX_CHARS + 1];

                assert_non_null(digest);
                for (unsigned j = 0; j < cases[i].n_times; j++)
                        assert_int_equal(
                                digest_add_bytes(digest, cases[i].s, strlen(cases[i].s)), 0);
                assert_int_equal(digest_finish_hex(digest, hex), 0);
                assert_text(hex, cases[i].hex);
        }
        assert_null(digest_free(NULL));
}

static void digest_pair(const char *a, const char *b, char hex[static DIGEST_HEX_CHARS + 1]) {
        _cleanup_(digest_freep) Digest *digest = digest_new();

        assert_non_null(digest);
        assert_int_equal(digest_add_str(digest, a), 0);
        assert_int_equal(digest_add_str(digest, b), 0);
        assert_int_equal(digest_finish_hex(digest, hex), 0);
}

/* No two of these pairs are the same, however they are put together. */
static void test_strings_keep_their_ends(void **state) {
        static const char *const pairs[][2] = {
                { "a", "bc" },
                { "ab", "c" },
                { "abc", "" },
                { "", "abc" },
                { "abc", NULL },
                { NULL, "abc" },
                { NULL, NULL },
                { "", NULL },
                { NULL, "" },
                { "", "" },
        };
        char hexes[ELEMENTSOF(pairs)][DIGEST_HEX_CHARS + 1], again[DIGEST_HEX_CHARS + 1];

        (void) state;

        for (size_t i = 0; i < ELEMENTSOF(pairs); i++) {
                digest_pair(pairs[i][0], pairs[i][1], hexes[i]);
                digest_pair(pairs[i][0], pairs[i][1], again);
                assert_text(hexes[i], again);
                for (size_t j = 0; j < i; j++)
                        assert_string_not_equal(hexes[i], hexes[j]);
        }
}

/* RFC 4231, 4.2 to 4.8; the one of truncation (4.6) shows its first 128 bits. */
static void test_hmac(void **state) {
        static const struct {
                uint8_t key_byte; /* 0: @key */
                const char *key;
                size_t n_key;
                uint8_t data_byte; /* 0: @data */
                const char *data;
                size_t n_data;
                const char *hex;
        } cases[] = {
                { 0x0b, NULL, 20, 0, "Hi There", 8,
                        "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7" },
                { 0, "Jefe", 4, 0, "what do ya want for nothing?", 28,
                        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843" },
                { 0xaa, NULL, 20, 0xdd, NULL, 50,
                        "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe" },
                { 0,
                        "\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10\x11\x12"
                        "\x13\x14\x15\x16\x17\x18\x19",
                        25, 0xcd, NULL, 50,
                        "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b" },
                { 0x0c, NULL, 20, 0, "Test With Truncation", 20,
                        "a3b6167473100ee06e0c796c2955552b" },
                { 0xaa, NULL, 131, 0, "Test Using Larger Than Block-Size Key - Hash Key First", 54,
                        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54" },
                { 0xaa, NULL, 131, 0,
                        "This is a test using a larger than block-size key and a larger than "
                        "block-size data. The key needs to be hashed before being used by the "
                        "HMAC algorithm.",
                        152, "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2" },
        };

        (void) state;

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                uint8_t key[131], data[152], mac[DIGEST_BYTES];
                char hex[DIGEST_HEX_CHARS + 1];

                if (cases[i].key)
                        memcpy(key, cases[i].key, cases[i].n_key);
                else
                        memset(key, cases[i].key_byte, cases[i].n_key);
                if (cases[i].data)
                        memcpy(data, cases[i].data, cases[i].n_data);
                else
                        memset(data, cases[i].data_byte, cases[i].n_data);

                assert_int_equal(
                        digest_hmac_sha256(key, cases[i].n_key, data, cases[i].n_data, mac), 0);
                hex_of(mac, hex);
                assert_memory_equal(hex, cases[i].hex, strlen(cases[i].hex));
        }
}

/* RFC 4648, section 10, and bytes of all values. */
static void test_base64(void **state) {
        static const struct {
                const char *bytes, *text;
        } cases[] = {
                { "", "" },
                { "f", "Zg==" },
                { "fo", "Zm8=" },
                { "foo", "Zm9v" },
                { "foob", "Zm9vYg==" },
                { "fooba", "Zm9vYmE=" },
                { "foobar", "Zm9vYmFy" },
                { "\xfb\xff\xbf", "+/+/" },
        };
        uint8_t bytes[256];

        (void) state;

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                size_t n = strlen(cases[i].bytes), n_decoded;
                _cleanup_free_ char *text = base64_encode(cases[i].bytes, n);
                _cleanup_free_ void *decoded = NULL;

                assert_text(text, cases[i].text);
                assert_int_equal(base64_decode(text, &decoded, &n_decoded), 0);
                assert_int_equal(n_decoded, n);
                assert_memory_equal(decoded, cases[i].bytes, n);
        }

        for (size_t i = 0; i < sizeof bytes; i++)
                bytes[i] = (uint8_t) (i * 7);
        for (size_t n = 0; n <= sizeof bytes; n++) {
                _cleanup_free_ char *text = base64_encode(bytes, n);
                _cleanup_free_ void *decoded = NULL;
                size_t n_decoded;

                assert_non_null(text);
                assert_int_equal(strlen(text), (n + 2) / 3 * 4);
                assert_int_equal(base64_decode(text, &decoded, &n_decoded), 0);
                assert_int_equal(n_decoded, n);
                assert_memory_equal(decoded, bytes, n);
        }

        assert_null(base64_encode(bytes, SIZE_MAX));
}

static void test_base64_refuses(void **state) {
        static const char *const cases[] = { "Z", "Zg", "Zg=", "Zm9", "Zg===", "====", "=",
                "=Zg=", "Zg==Zg==", "Zm=v", "Zm9v\n", " Zm9v", "Zm9v ", "Zm 9v", "Zm9v====", "-_-_",
                "Zm9\xC3\xA4", "Zm9v\nZm9", "Z===" };

        (void) state;

        for (size_t i = 0; i < ELEMENTSOF(cases); i++) {
                void *bytes = NULL;
                size_t n = 4711;
                int r = base64_decode(cases[i], &bytes, &n);

                if (r != -EINVAL || bytes || n != 4711)
                        fail_msg("'%s': %d", cases[i], r);
        }
}

static void test_id(void **state) {
        static const char alphabet[] = "0123456789abcdefghjkmnpqrstvwxyz";
        bool seen[sizeof alphabet] = {};
        char before[ID_CHARS + 1] = "";

        (void) state;

        for (unsigned i = 0; i < 200; i++) {
                char id[ID_CHARS + 1];

                assert_int_equal(id_random(id), 0);
                assert_int_equal(strlen(id), ID_CHARS);
                assert_int_equal(strspn(id, alphabet), ID_CHARS);
                assert_string_not_equal(id, before);
                memcpy(before, id, sizeof id);
                for (const char *c = id; *c; c++)
                        seen[strchr(alphabet, *c) - alphabet] = true;
        }
        /* 5200 letters of 32: that one is missing has a chance of 1 in 10^70. */
        for (size_t i = 0; i < sizeof alphabet - 1; i++)
                assert_true(seen[i]);
}

int main(void) {
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(test_sha256),
                cmocka_unit_test(test_strings_keep_their_ends),
                cmocka_unit_test(test_hmac),
                cmocka_unit_test(test_base64),
                cmocka_unit_test(test_base64_refuses),
                cmocka_unit_test(test_id),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
