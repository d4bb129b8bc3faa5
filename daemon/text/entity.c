/* SPDX-License-Identifier: MIT */

#include "text/entity.h"

#include "base/str.h"
#include "text/entity-table.h"
#include "text/utf8.h"

/* Bytes 0x80 to 0x9F mean Windows-1252 to those who write them as numbers; 0 keeps the number. */
static const uint16_t windows_1252[32] = {
        0x20AC, 0, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, /* 80 */
        0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0, 0x017D, 0,      /* 88 */
        0, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, /* 90 */
        0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0, 0x017E, 0x0178, /* 98 */
};

uint32_t entity_windows_1252(uint32_t c) {
        return c >= 0x80 && c <= 0x9F && windows_1252[c - 0x80] != 0 ? windows_1252[c - 0x80] : c;
}

static int hex_value(char c) {
        if (ascii_isdigit(c))
                return c - '0';
        c = ascii_tolower(c);
        return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The digits behind '#': how many bytes of @s they take, with the semicolon; 0 without any. */
static size_t read_number(const char *s, size_t n_bytes, uint32_t *ret) {
        const bool hex = n_bytes > 1 && (s[1] == 'x' || s[1] == 'X');
        const size_t first = hex ? 2 : 1;
        uint32_t value = 0;
        size_t i;

        for (i = first; i < n_bytes; i++) {
                int digit = hex_value(s[i]);

                if (digit < 0 || (!hex && digit > 9))
                        break;
                value = value * (hex ? 16 : 10) + (uint32_t) digit;
                value = MIN(value, CODEPOINT_MAX + 1); /* stays too large, cannot overflow */
        }
        if (i == first)
                return 0;

        *ret = value;
        return i < n_bytes && s[i] == ';' ? i + 1 : i;
}

/* @s begins with '#'. Those who count in UTF-16 write an emoji as two halves: "&#55357;&#56832;".
 */
static size_t decode_number(const char *s, size_t n_bytes, char out[static 8], size_t *ret_n_out) {
        uint32_t value, low;
        size_t n, n_low;

        n = read_number(s, n_bytes, &value);
        if (n == 0)
                return 0;

        if (value >= 0xD800 && value < 0xDC00 && n_bytes - n > 2 && s[n] == '&' &&
                s[n + 1] == '#') {
                n_low = read_number(s + n + 1, n_bytes - n - 1, &low);
                if (n_low > 0 && low >= 0xDC00 && low < 0xE000) {
                        value = 0x10000 + ((value - 0xD800) << 10) + (low - 0xDC00);
                        n += 1 + n_low;
                }
        }

        value = entity_windows_1252(value);
        if (value == 0)
                value = CODEPOINT_REPLACEMENT;

        *ret_n_out = utf8_encode(value, out);
        return n;
}

static const EntityName *entity_find(const char *s, size_t n_bytes) {
        /* Where the names with a first byte begin; filled at the first call. */
        static uint16_t first[129];
        size_t low, high;

        if (first[128] == 0)
                for (size_t i = 0, c = 0; c <= 128; c++) {
                        while (i < n_entity_names && (unsigned char) entity_names[i].name[0] < c)
                                i++;
                        first[c] = (uint16_t) i;
                }
        low = first[(unsigned char) s[0] & 0x7F];
        high = first[((unsigned char) s[0] & 0x7F) + 1];

        while (low < high) {
                size_t middle = low + (high - low) / 2;
                const EntityName *e = entity_names + middle;
                int c = strncmp(s, e->name, n_bytes);

                if (c == 0 && e->name[n_bytes] == '\0')
                        return e;
                if (c > 0)
                        low = middle + 1;
                else
                        high = middle;
        }

        return NULL;
}

size_t entity_decode(const char *s, size_t n_bytes, char out[static 8], size_t *ret_n_out) {
        const EntityName *e = NULL;
        size_t n = 0, n_used;

        if (n_bytes > 0 && s[0] == '#')
                return decode_number(s, n_bytes, out, ret_n_out);

        while (n < n_bytes && n <= ENTITY_NAME_BYTES_MAX &&
                (ascii_isalpha(s[n]) || ascii_isdigit(s[n])))
                n++;

        if (n > 0 && n < n_bytes && s[n] == ';')
                e = entity_find(s, n);
        n_used = n + 1;

        /* Without its semicolon: the longest name that may do without, as in "&ampnbsp". */
        for (n = MIN(n, (size_t) ENTITY_LEGACY_NAME_BYTES_MAX); !e && n >= 2; n--) {
                e = entity_find(s, n);
                if (e && !e->legacy)
                        e = NULL;
                n_used = n;
        }
        if (!e)
                return 0;

        *ret_n_out = strlen(e->text);
        memcpy(out, e->text, *ret_n_out);
        return n_used;
}
