/* SPDX-License-Identifier: MIT */

#include "text/fold-table.h"

#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "model/model.h"
#include "text/utf8.h"

/* utf8proc decomposes (NFKD), folds case and tells marks from letters. What it leaves as it is, and
 * the press nevertheless writes both ways, stands in the tables here:
 *
 * - Latin letters whose stroke or ligature is no mark for Unicode. Dotless i becomes i, as I and I
 *   with dot do, so that Turkish and other spellings meet. The letter d with stroke becomes "dj",
 *   which is how Serbian ASCII writes it and what its Cyrillic letter becomes.
 * - Cyrillic becomes Latin without marks, by the Serbian alphabet, whose two scripts map one to
 *   one. Letters that Serbian lacks (Russian, Ukrainian, Bulgarian, Macedonian) follow the same
 *   spirit, in one fixed table for all languages: names then meet across scripts.
 * - Arabic letters as Lucene's ArabicNormalizationFilter has them, with the Persian and Kurdish
 *   forms of the same letters. */

typedef struct FoldEntry {
        uint32_t codepoint;
        const char *folded;
} FoldEntry;

/* Ascending, lower case. */
static const FoldEntry fold_entries[] = {
        { 0x00E6, "ae" }, /* æ */
        { 0x00F0, "d" },  /* ð */
        { 0x00F8, "o" },  /* ø */
        { 0x00FE, "th" }, /* þ */
        { 0x0111, "dj" }, /* đ */
        { 0x0127, "h" },  /* ħ */
        { 0x0131, "i" },  /* ı */
        { 0x0138, "k" },  /* ĸ */
        { 0x0142, "l" },  /* ł */
        { 0x014B, "n" },  /* ŋ */
        { 0x0153, "oe" }, /* œ */
        { 0x0167, "t" },  /* ŧ */
        { 0x0180, "b" },  /* ƀ */
        { 0x0192, "f" },  /* ƒ */
        { 0x01E5, "g" },  /* ǥ */
        { 0x0237, "j" },  /* ȷ */
        { 0x0259, "e" },  /* ə */
        { 0x0268, "i" },  /* ɨ */
        { 0x0430, "a" },  /* а */
        { 0x0431, "b" },  /* б */
        { 0x0432, "v" },  /* в */
        { 0x0433, "g" },  /* г */
        { 0x0434, "d" },  /* д */
        { 0x0435, "e" },  /* е, and ё */
        { 0x0436, "z" },  /* ж */
        { 0x0437, "z" },  /* з */
        { 0x0438, "i" },  /* и, and й */
        { 0x043A, "k" },  /* к */
        { 0x043B, "l" },  /* л */
        { 0x043C, "m" },  /* м */
        { 0x043D, "n" },  /* н */
        { 0x043E, "o" },  /* о */
        { 0x043F, "p" },  /* п */
        { 0x0440, "r" },  /* р */
        { 0x0441, "s" },  /* с */
        { 0x0442, "t" },  /* т */
        { 0x0443, "u" },  /* у, and ў */
        { 0x0444, "f" },  /* ф */
        { 0x0445, "h" },  /* х */
        { 0x0446, "c" },  /* ц */
        { 0x0447, "c" },  /* ч */
        { 0x0448, "s" },  /* ш */
        { 0x0449, "sc" }, /* щ */
        { 0x044A, "" },   /* ъ */
        { 0x044B, "y" },  /* ы */
        { 0x044C, "" },   /* ь */
        { 0x044D, "e" },  /* э */
        { 0x044E, "ju" }, /* ю */
        { 0x044F, "ja" }, /* я */
        { 0x0452, "dj" }, /* ђ */
        { 0x0453, "gj" }, /* ѓ */
        { 0x0454, "e" },  /* є */
        { 0x0455, "dz" }, /* ѕ */
        { 0x0456, "i" },  /* і, and ї */
        { 0x0458, "j" },  /* ј */
        { 0x0459, "lj" }, /* љ */
        { 0x045A, "nj" }, /* њ */
        { 0x045B, "c" },  /* ћ */
        { 0x045C, "kj" }, /* ќ */
        { 0x045F, "dz" }, /* џ */
        { 0x0463, "e" },  /* ѣ */
        { 0x0491, "g" },  /* ґ */
        { 0x0629, "ه" },  /* teh marbuta */
        { 0x0649, "ي" },  /* alef maksura */
        { 0x0660, "0" },  /* Arabic digits */
        { 0x0661, "1" },
        { 0x0662, "2" },
        { 0x0663, "3" },
        { 0x0664, "4" },
        { 0x0665, "5" },
        { 0x0666, "6" },
        { 0x0667, "7" },
        { 0x0668, "8" },
        { 0x0669, "9" },
        { 0x0671, "ا" }, /* alef wasla */
        { 0x0695, "ر" }, /* Kurdish reh */
        { 0x06A4, "ف" }, /* veh */
        { 0x06A9, "ك" }, /* keheh */
        { 0x06AA, "ك" }, /* swash kaf */
        { 0x06B5, "ل" }, /* Kurdish lam */
        { 0x06BE, "ه" }, /* heh doachashmee */
        { 0x06C1, "ه" }, /* heh goal */
        { 0x06C6, "و" }, /* Kurdish oe */
        { 0x06CC, "ي" }, /* Persian yeh */
        { 0x06CE, "ي" }, /* Kurdish yeh */
        { 0x06D0, "ي" }, /* e */
        { 0x06D5, "ه" }, /* Kurdish ae */
        { 0x06F0, "0" }, /* Persian digits */
        { 0x06F1, "1" },
        { 0x06F2, "2" },
        { 0x06F3, "3" },
        { 0x06F4, "4" },
        { 0x06F5, "5" },
        { 0x06F6, "6" },
        { 0x06F7, "7" },
        { 0x06F8, "8" },
        { 0x06F9, "9" },
};

/* Letters of one shape, a subset of Unicode's confusables (UTS 39): a Cyrillic or Greek letter and
 * the Latin one. */
static const struct {
        uint32_t codepoint;
        char latin;
} lookalikes[] = {
        { 0x0391, 'A' },
        { 0x0392, 'B' },
        { 0x0395, 'E' },
        { 0x0396, 'Z' },
        { 0x0397, 'H' },
        { 0x0399, 'I' },
        { 0x039A, 'K' },
        { 0x039C, 'M' },
        { 0x039D, 'N' },
        { 0x039F, 'O' },
        { 0x03A1, 'P' },
        { 0x03A4, 'T' },
        { 0x03A5, 'Y' },
        { 0x03A7, 'X' },
        { 0x03B1, 'a' },
        { 0x03B5, 'e' },
        { 0x03B9, 'i' },
        { 0x03BA, 'k' },
        { 0x03BD, 'v' },
        { 0x03BF, 'o' },
        { 0x03C1, 'p' },
        { 0x03C4, 't' },
        { 0x03C5, 'u' },
        { 0x03C7, 'x' },
        { 0x0405, 'S' },
        { 0x0406, 'I' },
        { 0x0408, 'J' },
        { 0x0410, 'A' },
        { 0x0412, 'B' },
        { 0x0415, 'E' },
        { 0x041A, 'K' },
        { 0x041C, 'M' },
        { 0x041D, 'H' },
        { 0x041E, 'O' },
        { 0x0420, 'P' },
        { 0x0421, 'C' },
        { 0x0422, 'T' },
        { 0x0423, 'Y' },
        { 0x0425, 'X' },
        { 0x0430, 'a' },
        { 0x0432, 'b' },
        { 0x0435, 'e' },
        { 0x043A, 'k' },
        { 0x043C, 'm' },
        { 0x043D, 'h' },
        { 0x043E, 'o' },
        { 0x0440, 'p' },
        { 0x0441, 'c' },
        { 0x0442, 't' },
        { 0x0443, 'y' },
        { 0x0445, 'x' },
        { 0x0455, 's' },
        { 0x0456, 'i' },
        { 0x0458, 'j' },
};

static bool is_apostrophe(uint32_t c) {
        switch (c) {
        case '\'':
        case '`':
        case 0x00B4: /* acute accent */
        case 0x02B9: /* modifier letters: prime, turned comma, apostrophe, reversed comma, line */
        case 0x02BB:
        case 0x02BC:
        case 0x02BD:
        case 0x02C8:
        case 0x055A: /* Armenian apostrophe */
        case 0x05F3: /* geresh */
        case 0x2018: /* single quotation marks */
        case 0x2019:
        case 0x201B:
        case 0x2032: /* prime */
        case 0xA78C: /* saltillo */
        case 0xFF07: /* full width */
                return true;
        default:
                return false;
        }
}

/* Ideographs and kana are written without spaces: each is a word. Their punctuation is not. */
static bool is_single(uint32_t c) {
        return (c >= 0x3005 && c <= 0x3007) || (c >= 0x3041 && c <= 0x3096) ||
                (c >= 0x309D && c <= 0x309F) || (c >= 0x30A1 && c <= 0x30FA) ||
                (c >= 0x30FC && c <= 0x30FF) || (c >= 0x31F0 && c <= 0x31FF) ||
                (c >= 0x3400 && c <= 0x4DBF) || (c >= 0x4E00 && c <= 0x9FFF) ||
                (c >= 0xF900 && c <= 0xFAFF) || (c >= 0xFF66 && c <= 0xFF9D) ||
                (c >= 0x1B000 && c <= 0x1B16F) || (c >= 0x20000 && c <= 0x3FFFF);
}

static FoldClass class_by_category(uint32_t c) {
        switch ((int) utf8proc_category((utf8proc_int32_t) c)) {
        case UTF8PROC_CATEGORY_LU:
        case UTF8PROC_CATEGORY_LL:
        case UTF8PROC_CATEGORY_LT:
        case UTF8PROC_CATEGORY_LM:
        case UTF8PROC_CATEGORY_LO:
        case UTF8PROC_CATEGORY_ND:
        case UTF8PROC_CATEGORY_NL:
                return FOLD_WORD;
        case UTF8PROC_CATEGORY_MN:
        case UTF8PROC_CATEGORY_MC:
        case UTF8PROC_CATEGORY_ME:
                return FOLD_MARK;
        case UTF8PROC_CATEGORY_CF:
                return FOLD_INVISIBLE;
        case UTF8PROC_CATEGORY_PD:
                return FOLD_HYPHEN;
        default:
                return FOLD_OTHER;
        }
}

FoldClass fold_class(uint32_t c) {
        if (c < 0x80) {
                if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'))
                        return FOLD_WORD;
                if (c == '\'' || c == '`')
                        return FOLD_APOSTROPHE;
                if (c == '-')
                        return FOLD_HYPHEN;
                if (c == '.')
                        return FOLD_DOT;
                return c == FIELD_LIST_SEPARATOR ? FOLD_LIST : FOLD_OTHER;
        }

        if (is_apostrophe(c))
                return FOLD_APOSTROPHE;
        if (is_single(c))
                return FOLD_SINGLE;
        switch (c) {
        case 0x0640: /* tatweel: only stretches a word */
        case 0x115F: /* Hangul fillers */
        case 0x1160:
        case 0x3164:
        case 0xFFA0:
                return FOLD_INVISIBLE;
        case 0x2212: /* minus */
                return FOLD_HYPHEN;
        case 0x2024: /* one dot leader */
        case 0xFF0E: /* full width */
                return FOLD_DOT;
        case 0xFF9E: /* half-width sound marks: letters for Unicode, marks for NFKD */
        case 0xFF9F:
                return FOLD_MARK;
        default:
                return class_by_category(c);
        }
}

FoldScript fold_script(uint32_t c) {
        if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= 0xC0 && c <= 0x24F) ||
                (c >= 0x1E00 && c <= 0x1EFF))
                return FOLD_SCRIPT_LATIN;
        if (c >= 0x400 && c <= 0x52F)
                return FOLD_SCRIPT_CYRILLIC;
        if ((c >= 0x370 && c <= 0x3FF) || (c >= 0x1F00 && c <= 0x1FFF))
                return FOLD_SCRIPT_GREEK;

        return FOLD_SCRIPT_OTHER;
}

uint32_t fold_lookalike(uint32_t c, FoldScript script) {
        if (fold_script(c) == script)
                return c;

        /* By way of Latin. */
        for (size_t i = 0; i < ELEMENTSOF(lookalikes) && c >= 0x80; i++)
                if (lookalikes[i].codepoint == c) {
                        if (script == FOLD_SCRIPT_LATIN)
                                return (uint32_t) lookalikes[i].latin;
                        c = (uint32_t) lookalikes[i].latin;
                        break;
                }
        for (size_t i = 0; i < ELEMENTSOF(lookalikes) && c < 0x80; i++)
                if ((uint32_t) lookalikes[i].latin == c &&
                        fold_script(lookalikes[i].codepoint) == script)
                        return lookalikes[i].codepoint;

        return c;
}

uint32_t fold_compose(uint32_t letter, uint32_t mark) {
        if (mark != 0x0301)
                return 0;
        if (letter == 0x0413 || letter == 0x0433)
                return 0x0453; /* ѓ */
        if (letter == 0x041A || letter == 0x043A)
                return 0x045C; /* ќ */

        return 0;
}

static int fold_entry_compare(const void *key, const void *element) {
        uint32_t c = *(const uint32_t *) key, other = ((const FoldEntry *) element)->codepoint;

        return c < other ? -1 : c > other;
}

static const char *fold_entry_find(uint32_t c) {
        const FoldEntry *entry;

        entry = bsearch(
                &c, fold_entries, ELEMENTSOF(fold_entries), sizeof(FoldEntry), fold_entry_compare);
        return entry ? entry->folded : NULL;
}

/* Marks that make another letter or vowel, not an accent: those of the scripts of India and
 * South-East Asia, and the sound marks of kana. */
static bool mark_is_kept(uint32_t c) {
        return (c >= 0x0900 && c < 0x1AB0) || c == 0x3099 || c == 0x309A;
}

size_t fold_codepoint(uint32_t codepoint, char out[static FOLD_CODEPOINT_BYTES_MAX]) {
        utf8proc_int32_t parts[32];
        size_t n_out = 0;
        ssize_t n;

        /* These two would fall apart into another letter and a mark. */
        if (codepoint == 0x0403 || codepoint == 0x040C)
                codepoint += 0x50;
        if (codepoint == 0x0453 || codepoint == 0x045C) {
                memcpy(out, fold_entry_find(codepoint), 2);
                return 2;
        }

        n = utf8proc_decompose_char((utf8proc_int32_t) codepoint, parts,
                (utf8proc_ssize_t) ELEMENTSOF(parts),
                UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD, NULL);
        for (ssize_t i = 0; i < MIN(n, (ssize_t) ELEMENTSOF(parts)); i++) {
                uint32_t c = (uint32_t) parts[i];
                FoldClass class = fold_class(c);
                const char *folded = fold_entry_find(c);
                char bytes[4];
                size_t n_bytes;

                if (folded)
                        n_bytes = strlen(folded);
                else if (class == FOLD_WORD || class == FOLD_SINGLE ||
                        (class == FOLD_MARK && mark_is_kept(c))) {
                        n_bytes = utf8_encode(c, bytes);
                        folded = bytes;
                } else
                        continue;

                if (n_out + n_bytes > FOLD_CODEPOINT_BYTES_MAX)
                        break;
                memcpy(out + n_out, folded, n_bytes);
                n_out += n_bytes;
        }

        return n_out;
}
