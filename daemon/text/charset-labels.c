/* SPDX-License-Identifier: MIT */

/* A charset has far more labels than any list holds: "windows-1251" is also win1251, CP_1251 and
 * x-cp1251. So labels are compared as Unicode Technical Standard 22 (1.4) has it: letters and
 * digits alone, in lower case, and no zero that leads a number. What is then still a family with a
 * number (code pages, parts of ISO 8859) is read as one, and a table holds the rest.
 *
 * Which charset a label means is what the WHATWG Encoding Standard says, with what it calls gbk
 * decoded as its superset gb18030, and with UTF-32, which it leaves out. Beyond the standard: the
 * code pages of DOS and of mainframes, which XML allows and publishers have used, and the ISO 2022
 * family, which is a danger to browsers alone. UTF-7 and x-user-defined are no charsets here. */

#include "text/charset-labels.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"

/* The longest label registered with IANA has 45. */
#define LABEL_BYTES_MAX 63

/* In byte order. */
/* clang-format off */
static const CharsetLabel charsets[] = {
        { "armscii-8", "ARMSCII-8" }, { "big5", "BIG5-HKSCS" },
        { "euc-jisx0213", "EUC-JISX0213" }, { "euc-jp", "EUC-JP-MS" }, { "euc-kr", "UHC" },
        { "euc-tw", "EUC-TW" }, { "gb18030", "GB18030" },
        { "georgian-academy", "GEORGIAN-ACADEMY" }, { "georgian-ps", "GEORGIAN-PS" },
        { "hp-greek8", "HP-GREEK8" }, { "hp-roman8", "HP-ROMAN8" }, { "hp-thai8", "HP-THAI8" },
        { "hp-turkish8", "HP-TURKISH8" }, { "ibm037", "IBM037" }, { "ibm038", "IBM038" },
        { "ibm1004", "IBM1004" }, { "ibm1006", NULL }, { "ibm1008", "IBM1008" },
        { "ibm1025", "IBM1025" }, { "ibm1026", "IBM1026" }, { "ibm1046", "IBM1046" },
        { "ibm1047", "IBM1047" }, { "ibm1097", "IBM1097" }, { "ibm1112", "IBM1112" },
        { "ibm1122", "IBM1122" }, { "ibm1123", "IBM1123" }, { "ibm1124", "IBM1124" },
        { "ibm1125", "CP1125" }, { "ibm1129", "IBM1129" }, { "ibm1130", "IBM1130" },
        { "ibm1132", "IBM1132" }, { "ibm1133", "IBM1133" }, { "ibm1137", "IBM1137" },
        { "ibm1140", "IBM1140" }, { "ibm1141", "IBM1141" }, { "ibm1142", "IBM1142" },
        { "ibm1143", "IBM1143" }, { "ibm1144", "IBM1144" }, { "ibm1145", "IBM1145" },
        { "ibm1146", "IBM1146" }, { "ibm1147", "IBM1147" }, { "ibm1148", "IBM1148" },
        { "ibm1149", "IBM1149" }, { "ibm1153", "IBM1153" }, { "ibm1154", "IBM1154" },
        { "ibm1155", "IBM1155" }, { "ibm1156", "IBM1156" }, { "ibm1157", "IBM1157" },
        { "ibm1158", "IBM1158" }, { "ibm1160", "IBM1160" }, { "ibm1161", "IBM1161" },
        { "ibm1162", "IBM1162" }, { "ibm1163", "IBM1163" }, { "ibm1164", "IBM1164" },
        { "ibm1166", "IBM1166" }, { "ibm1167", "IBM1167" }, { "ibm1364", "IBM1364" },
        { "ibm1371", "IBM1371" }, { "ibm1388", "IBM1388" }, { "ibm1390", "IBM1390" },
        { "ibm1399", "IBM1399" }, { "ibm273", "IBM273" }, { "ibm274", "IBM274" },
        { "ibm275", "IBM275" }, { "ibm277", "IBM277" }, { "ibm278", "IBM278" },
        { "ibm280", "IBM280" }, { "ibm281", "IBM281" }, { "ibm284", "IBM284" },
        { "ibm285", "IBM285" }, { "ibm290", "IBM290" }, { "ibm297", "IBM297" },
        { "ibm420", "IBM420" }, { "ibm423", "IBM423" }, { "ibm424", "IBM424" },
        { "ibm437", "IBM437" }, { "ibm500", "IBM500" }, { "ibm720", NULL }, { "ibm737", "CP737" },
        { "ibm770", "CP770" }, { "ibm771", "CP771" }, { "ibm772", "CP772" },
        { "ibm773", "CP773" }, { "ibm774", "CP774" }, { "ibm775", "IBM775" },
        { "ibm803", "IBM803" }, { "ibm850", "IBM850" }, { "ibm851", "IBM851" },
        { "ibm852", "IBM852" }, { "ibm855", "IBM855" }, { "ibm856", "IBM856" },
        { "ibm857", "IBM857" }, { "ibm858", "IBM858" }, { "ibm860", "IBM860" },
        { "ibm861", "IBM861" }, { "ibm862", "IBM862" }, { "ibm863", "IBM863" },
        { "ibm864", "IBM864" }, { "ibm865", "IBM865" }, { "ibm866", "IBM866" },
        { "ibm868", "IBM868" }, { "ibm869", "IBM869" }, { "ibm870", "IBM870" },
        { "ibm871", "IBM871" }, { "ibm875", "IBM875" }, { "ibm880", "IBM880" },
        { "ibm901", "IBM901" }, { "ibm902", "IBM902" }, { "ibm905", "IBM905" },
        { "ibm918", "IBM918" }, { "ibm921", "IBM921" }, { "ibm922", "IBM922" },
        { "ibm930", "IBM930" }, { "ibm933", "IBM933" }, { "ibm935", "IBM935" },
        { "ibm937", "IBM937" }, { "ibm939", "IBM939" }, { "iso-2022-cn", "ISO-2022-CN-EXT" },
        { "iso-2022-jp", "ISO-2022-JP" }, { "iso-2022-jp-2", "ISO-2022-JP-2" },
        { "iso-2022-jp-3", "ISO-2022-JP-3" }, { "iso-2022-kr", "ISO-2022-KR" },
        { "iso-8859-10", "ISO-8859-10" }, { "iso-8859-13", "ISO-8859-13" },
        { "iso-8859-14", "ISO-8859-14" }, { "iso-8859-15", "ISO-8859-15" },
        { "iso-8859-16", "ISO-8859-16" }, { "iso-8859-2", "ISO-8859-2" },
        { "iso-8859-3", "ISO-8859-3" }, { "iso-8859-4", "ISO-8859-4" },
        { "iso-8859-5", "ISO-8859-5" }, { "iso-8859-6", "ISO-8859-6" },
        { "iso-8859-7", "ISO-8859-7" }, { "iso-8859-8", "ISO-8859-8" },
        { "iso-8859-8-i", "ISO-8859-8" }, { "iso-8859-9e", "ISO-8859-9E" }, { "johab", "JOHAB" },
        { "koi8-r", "KOI8-R" }, { "koi8-t", "KOI8-T" }, { "koi8-u", "KOI8-U" },
        { "mac-centraleurope", "MAC-CENTRALEUROPE" }, { "mac-croatian", NULL },
        { "mac-greek", NULL }, { "mac-is", "MAC-IS" }, { "mac-romanian", NULL },
        { "mac-sami", "MAC-SAMI" }, { "mac-turkish", NULL }, { "macintosh", "MACINTOSH" },
        { "mik", "MIK" }, { "pt154", "PT154" }, { "rk1048", "RK1048" }, { "shift_jis", "CP932" },
        { "shift_jisx0213", "SHIFT_JISX0213" }, { "tcvn5712-1", "TCVN5712-1" },
        { "tscii", "TSCII" }, { "utf-16be", "UTF-16BE" }, { "utf-16le", "UTF-16LE" },
        { "utf-32be", "UTF-32BE" }, { "utf-32le", "UTF-32LE" }, { "utf-8", "UTF-8" },
        { "viscii", "VISCII" }, { "windows-1250", "CP1250" }, { "windows-1251", "CP1251" },
        { "windows-1252", "CP1252" }, { "windows-1253", "CP1253" }, { "windows-1254", "CP1254" },
        { "windows-1255", "CP1255" }, { "windows-1256", "CP1256" }, { "windows-1257", "CP1257" },
        { "windows-1258", "CP1258" }, { "windows-874", "CP874" },
        { "x-mac-cyrillic", "MAC-CYRILLIC" },
};

/* Code pages that are known by another name, of IBM and of Microsoft, by their numbers. All other
 * numbers are those of "ibm". */
static const struct {
        unsigned number;
        const char *name;
} pages[] = {
        { 39, "ibm037" }, { 154, "pt154" }, { 367, "windows-1252" }, { 813, "iso-8859-7" },
        { 819, "windows-1252" }, { 874, "windows-874" }, { 912, "iso-8859-2" },
        { 913, "iso-8859-3" }, { 914, "iso-8859-4" }, { 915, "iso-8859-5" },
        { 916, "iso-8859-8" }, { 920, "windows-1254" }, { 923, "iso-8859-15" },
        { 932, "shift_jis" }, { 936, "gb18030" }, { 943, "shift_jis" }, { 949, "euc-kr" },
        { 950, "big5" }, { 1051, "hp-roman8" }, { 1089, "iso-8859-6" }, { 1200, "utf-16le" },
        { 1201, "utf-16be" }, { 1250, "windows-1250" }, { 1251, "windows-1251" },
        { 1252, "windows-1252" }, { 1253, "windows-1253" }, { 1254, "windows-1254" },
        { 1255, "windows-1255" }, { 1256, "windows-1256" }, { 1257, "windows-1257" },
        { 1258, "windows-1258" }, { 1361, "johab" }, { 10000, "macintosh" },
        { 10006, "mac-greek" }, { 10007, "x-mac-cyrillic" }, { 10010, "mac-romanian" },
        { 10029, "mac-centraleurope" }, { 10079, "mac-is" }, { 10081, "mac-turkish" },
        { 10082, "mac-croatian" }, { 12000, "utf-32le" }, { 12001, "utf-32be" },
        { 20127, "windows-1252" }, { 20866, "koi8-r" }, { 20932, "euc-jp" }, { 21866, "koi8-u" },
        { 28591, "windows-1252" }, { 28592, "iso-8859-2" }, { 28593, "iso-8859-3" },
        { 28594, "iso-8859-4" }, { 28595, "iso-8859-5" }, { 28596, "iso-8859-6" },
        { 28597, "iso-8859-7" }, { 28598, "iso-8859-8" }, { 28599, "windows-1254" },
        { 28600, "iso-8859-10" }, { 28601, "windows-874" }, { 28603, "iso-8859-13" },
        { 28604, "iso-8859-14" }, { 28605, "iso-8859-15" }, { 28606, "iso-8859-16" },
        { 50220, "iso-2022-jp" }, { 50225, "iso-2022-kr" }, { 51932, "euc-jp" },
        { 51936, "gb18030" }, { 51949, "euc-kr" }, { 54936, "gb18030" }, { 65001, "utf-8" },
};

/* By parts of ISO 8859; what the Encoding Standard reads as a superset of it has that name. */
static const char *const parts[] = {
        [1] = "windows-1252", [2] = "iso-8859-2", [3] = "iso-8859-3", [4] = "iso-8859-4",
        [5] = "iso-8859-5", [6] = "iso-8859-6", [7] = "iso-8859-7", [8] = "iso-8859-8",
        [9] = "windows-1254", [10] = "iso-8859-10", [11] = "windows-874", [13] = "iso-8859-13",
        [14] = "iso-8859-14", [15] = "iso-8859-15", [16] = "iso-8859-16",
};

/* What no rule finds. In byte order of the folded labels. */
static const struct {
        const char *folded, *name;
} labels[] = {
        { "646", "windows-1252" }, { "8859", "windows-1252" }, { "ansi", "windows-1252" },
        { "ansinew", "windows-1252" }, { "ansix34", "windows-1252" },
        { "ansix341968", "windows-1252" }, { "ansix341986", "windows-1252" },
        { "arabic", "iso-8859-6" }, { "armscii8", "armscii-8" }, { "ascii", "windows-1252" },
        { "ascii7", "windows-1252" }, { "asmo708", "iso-8859-6" }, { "baltic", "iso-8859-13" },
        { "big5", "big5" }, { "big5eten", "big5" }, { "big5hkscs", "big5" }, { "big5tw", "big5" },
        { "bigfive", "big5" }, { "cesu8", "utf-8" }, { "chinese", "gb18030" },
        { "cnbig5", "big5" }, { "cngb", "gb18030" }, { "cpgr", "ibm869" }, { "cpis", "ibm861" },
        { "cyrillic", "iso-8859-5" }, { "cyrillicasian", "pt154" }, { "ebcdic", "ibm037" },
        { "ebcdiccpar1", "ibm420" }, { "ebcdiccpar2", "ibm918" }, { "ebcdiccpbe", "ibm500" },
        { "ebcdiccpca", "ibm037" }, { "ebcdiccpch", "ibm500" }, { "ebcdiccpdk", "ibm277" },
        { "ebcdiccpes", "ibm284" }, { "ebcdiccpfi", "ibm278" }, { "ebcdiccpfr", "ibm297" },
        { "ebcdiccpgb", "ibm285" }, { "ebcdiccpgr", "ibm423" }, { "ebcdiccphe", "ibm424" },
        { "ebcdiccpis", "ibm871" }, { "ebcdiccpit", "ibm280" }, { "ebcdiccpnl", "ibm037" },
        { "ebcdiccpno", "ibm277" }, { "ebcdiccproece", "ibm870" }, { "ebcdiccpse", "ibm278" },
        { "ebcdiccptr", "ibm905" }, { "ebcdiccpus", "ibm037" }, { "ebcdiccpwt", "ibm037" },
        { "ebcdiccpyu", "ibm870" }, { "ebcdiccyrillic", "ibm880" }, { "ebcdicde", "ibm273" },
        { "ebcdicint", "ibm038" }, { "ebcdicjpkana", "ibm290" }, { "ebcdiclatin1", "ibm1047" },
        { "ecma114", "iso-8859-6" }, { "ecma118", "iso-8859-7" }, { "elot928", "iso-8859-7" },
        { "euccn", "gb18030" }, { "eucgb2312cn", "gb18030" }, { "eucjis2004", "euc-jisx0213" },
        { "eucjisx213", "euc-jisx0213" }, { "eucjp", "euc-jp" }, { "eucjpms", "euc-jp" },
        { "eucjpopen", "euc-jp" }, { "eucjpwin", "euc-jp" }, { "euckr", "euc-kr" },
        { "eucpkdfmtjapanese", "euc-jp" }, { "euctw", "euc-tw" },
        { "extendedunixcodepackedformatforjapanese", "euc-jp" }, { "gb13000", "gb18030" },
        { "gb18030", "gb18030" }, { "gb180302000", "gb18030" }, { "gb180302005", "gb18030" },
        { "gb180302022", "gb18030" }, { "gb2312", "gb18030" }, { "gb23121980", "gb18030" },
        { "gb231280", "gb18030" }, { "gbk", "gb18030" },
        { "georgianacademy", "georgian-academy" }, { "georgianps", "georgian-ps" },
        { "geostd8", "georgian-academy" }, { "greek", "iso-8859-7" }, { "greek8", "iso-8859-7" },
        { "hebrew", "iso-8859-8" }, { "hkscs", "big5" }, { "hpgreek8", "hp-greek8" },
        { "hproman8", "hp-roman8" }, { "hpthai8", "hp-thai8" }, { "hpturkish8", "hp-turkish8" },
        { "iso10646", "utf-16le" }, { "iso10646ucs2", "utf-16le" },
        { "iso10646ucs4", "utf-32le" }, { "iso2022cn", "iso-2022-cn" },
        { "iso2022cnext", "iso-2022-cn" }, { "iso2022jp", "iso-2022-jp" },
        { "iso2022jp1", "iso-2022-jp-2" }, { "iso2022jp2", "iso-2022-jp-2" },
        { "iso2022jp2004", "iso-2022-jp-3" }, { "iso2022jp3", "iso-2022-jp-3" },
        { "iso2022jpext", "iso-2022-jp" }, { "iso2022jpms", "iso-2022-jp" },
        { "iso2022kr", "iso-2022-kr" }, { "iso58gb231280", "gb18030" },
        { "iso646irv", "windows-1252" }, { "iso646irv1991", "windows-1252" },
        { "iso646us", "windows-1252" }, { "iso8859", "windows-1252" },
        { "isoceltic", "iso-8859-14" }, { "isoir100", "windows-1252" },
        { "isoir101", "iso-8859-2" }, { "isoir109", "iso-8859-3" }, { "isoir110", "iso-8859-4" },
        { "isoir126", "iso-8859-7" }, { "isoir127", "iso-8859-6" }, { "isoir138", "iso-8859-8" },
        { "isoir144", "iso-8859-5" }, { "isoir148", "windows-1254" }, { "isoir149", "euc-kr" },
        { "isoir157", "iso-8859-10" }, { "isoir166", "windows-874" },
        { "isoir179", "iso-8859-13" }, { "isoir199", "iso-8859-14" },
        { "isoir203", "iso-8859-15" }, { "isoir226", "iso-8859-16" }, { "isoir58", "gb18030" },
        { "isoir6", "windows-1252" }, { "isolatin0", "iso-8859-15" },
        { "isolatin1", "windows-1252" }, { "isolatin10", "iso-8859-16" },
        { "isolatin2", "iso-8859-2" }, { "isolatin3", "iso-8859-3" },
        { "isolatin4", "iso-8859-4" }, { "isolatin5", "windows-1254" },
        { "isolatin6", "iso-8859-10" }, { "isolatin7", "iso-8859-13" },
        { "isolatin8", "iso-8859-14" }, { "isolatin9", "iso-8859-15" },
        { "isolatinarabic", "iso-8859-6" }, { "isolatincyrillic", "iso-8859-5" },
        { "isolatingreek", "iso-8859-7" }, { "isolatinhebrew", "iso-8859-8" },
        { "jisx213", "euc-jisx0213" }, { "johab", "johab" }, { "koi", "koi8-r" },
        { "koi8", "koi8-r" }, { "koi8r", "koi8-r" }, { "koi8ru", "koi8-u" },
        { "koi8t", "koi8-t" }, { "koi8u", "koi8-u" }, { "korean", "euc-kr" },
        { "ksc5601", "euc-kr" }, { "ksc56011987", "euc-kr" }, { "ksc56011989", "euc-kr" },
        { "ksx1001", "euc-kr" }, { "kz1048", "rk1048" }, { "l1", "windows-1252" },
        { "l10", "iso-8859-16" }, { "l2", "iso-8859-2" }, { "l3", "iso-8859-3" },
        { "l4", "iso-8859-4" }, { "l5", "windows-1254" }, { "l6", "iso-8859-10" },
        { "l7", "iso-8859-13" }, { "l8", "iso-8859-14" }, { "l9", "iso-8859-15" },
        { "latin", "windows-1252" }, { "latin0", "iso-8859-15" }, { "latin1", "windows-1252" },
        { "latin10", "iso-8859-16" }, { "latin2", "iso-8859-2" }, { "latin3", "iso-8859-3" },
        { "latin4", "iso-8859-4" }, { "latin5", "windows-1254" }, { "latin6", "iso-8859-10" },
        { "latin7", "iso-8859-13" }, { "latin8", "iso-8859-14" }, { "latin9", "iso-8859-15" },
        { "logical", "iso-8859-8-i" }, { "mac", "macintosh" }, { "macce", "mac-centraleurope" },
        { "maccenteuro", "mac-centraleurope" }, { "maccentraleurope", "mac-centraleurope" },
        { "maccroatian", "mac-croatian" }, { "maccyrillic", "x-mac-cyrillic" },
        { "macgreek", "mac-greek" }, { "maciceland", "mac-is" }, { "macicelandic", "mac-is" },
        { "macintosh", "macintosh" }, { "macis", "mac-is" }, { "macjapanese", "shift_jis" },
        { "mackorean", "euc-kr" }, { "maclatin2", "mac-centraleurope" },
        { "macroman", "macintosh" }, { "macromanian", "mac-romanian" }, { "macsami", "mac-sami" },
        { "macsimpchinese", "gb18030" }, { "mactradchinese", "big5" },
        { "macturkish", "mac-turkish" }, { "macuk", "x-mac-cyrillic" },
        { "macukrainian", "x-mac-cyrillic" }, { "mik", "mik" }, { "msansi", "windows-1252" },
        { "msarab", "windows-1256" }, { "mscyrl", "windows-1251" }, { "msee", "windows-1250" },
        { "msgreek", "windows-1253" }, { "mshebr", "windows-1255" }, { "mskanji", "shift_jis" },
        { "msmaccyrillic", "x-mac-cyrillic" }, { "msturk", "windows-1254" },
        { "pc775baltic", "ibm775" }, { "pc850multilingual", "ibm850" },
        { "pc858multilingual", "ibm858" }, { "pc862latinhebrew", "ibm862" },
        { "pc8codepage437", "ibm437" }, { "pcp852", "ibm852" }, { "pt154", "pt154" },
        { "ptcp154", "pt154" }, { "r8", "hp-roman8" }, { "rk1048", "rk1048" },
        { "roman8", "hp-roman8" }, { "ruscii", "ibm1125" }, { "shiftjis", "shift_jis" },
        { "shiftjis2004", "shift_jisx0213" }, { "shiftjisx213", "shift_jisx0213" },
        { "sjis", "shift_jis" }, { "sjis2004", "shift_jisx0213" }, { "sjisopen", "shift_jis" },
        { "sjiswin", "shift_jis" }, { "sjisx213", "shift_jisx0213" },
        { "strk10482002", "rk1048" }, { "suneugreek", "iso-8859-7" }, { "tcvn", "tcvn5712-1" },
        { "tcvn5712", "tcvn5712-1" }, { "tcvn57121", "tcvn5712-1" },
        { "tcvn571211993", "tcvn5712-1" }, { "thai", "windows-874" }, { "thai8", "windows-874" },
        { "tis620", "windows-874" }, { "tis6200", "windows-874" },
        { "tis62025290", "windows-874" }, { "tis62025291", "windows-874" },
        { "tis62025330", "windows-874" }, { "tscii", "tscii" }, { "turkish", "windows-1254" },
        { "turkish8", "hp-turkish8" }, { "u16", "utf-16le" }, { "u32", "utf-32le" },
        { "u8", "utf-8" }, { "ucs2", "utf-16le" }, { "ucs2be", "utf-16be" },
        { "ucs2le", "utf-16le" }, { "ucs4", "utf-32le" }, { "ucs4be", "utf-32be" },
        { "ucs4le", "utf-32le" }, { "uhc", "euc-kr" }, { "ujis", "euc-jp" },
        { "unicode", "utf-16le" }, { "unicode11utf8", "utf-8" }, { "unicode20utf8", "utf-8" },
        { "unicodebig", "utf-16be" }, { "unicodebigunmarked", "utf-16be" },
        { "unicodefeff", "utf-16le" }, { "unicodefffe", "utf-16be" },
        { "unicodelittle", "utf-16le" }, { "unicodelittleunmarked", "utf-16le" },
        { "us", "windows-1252" }, { "usascii", "windows-1252" }, { "utf16", "utf-16le" },
        { "utf16be", "utf-16be" }, { "utf16le", "utf-16le" }, { "utf16lsb", "utf-16le" },
        { "utf32", "utf-32le" }, { "utf32be", "utf-32be" }, { "utf32le", "utf-32le" },
        { "utf8", "utf-8" }, { "utf8bom", "utf-8" }, { "utf8mb3", "utf-8" },
        { "utf8mb4", "utf-8" }, { "utf8n", "utf-8" }, { "utf8sig", "utf-8" },
        { "utf8strict", "utf-8" }, { "utf8ucs2", "utf-8" }, { "utf8ucs4", "utf-8" },
        { "viscii", "viscii" }, { "visual", "iso-8859-8" }, { "winbaltrim", "windows-1257" },
        { "windows", "windows-1252" }, { "windows31j", "shift_jis" },
};
/* clang-format on */

static int compare(const void *key, const void *row) {
        return strcmp(key, *(const char *const *) row);
}

/* The rows of both tables begin with what they are sorted by. */
static const CharsetLabel *charset_find(const char *name) {
        return bsearch(name, charsets, ELEMENTSOF(charsets), sizeof(charsets[0]), compare);
}

static const CharsetLabel *find_listed(const char *folded) {
        const void *found;

        found = bsearch(folded, labels, ELEMENTSOF(labels), sizeof(labels[0]), compare);
        return found ? charset_find(((const char *const *) found)[1]) : NULL;
}

/* "cp850", "win1251", "ansi1252", "65001" */
static const CharsetLabel *find_page(const char *folded) {
        static const char *const families[] = { "cp", "ibm", "windows", "win", "ms", "ansi", "dos",
                "oem", "mscp", "codepage", "ccsid", "windowscp", "wincp", "ibmcp", "" };
        char name[16];

        for (size_t i = 0; i < ELEMENTSOF(families); i++) {
                const char *digits = startswith(folded, families[i]);
                const size_t n = digits ? strspn(digits, "0123456789") : 0;
                unsigned number = 0;

                if (n < 2 || n > 5 || digits[n] != '\0')
                        continue;
                for (size_t k = 0; k < n; k++)
                        number = number * 10 + (unsigned) (digits[k] - '0');
                for (size_t k = 0; k < ELEMENTSOF(pages); k++)
                        if (pages[k].number == number)
                                return charset_find(pages[k].name);
                (void) snprintf(name, sizeof(name), "ibm%03u", number);
                return charset_find(name);
        }

        return NULL;
}

/* "iso88595", "iso885951988" (with the year), "88595", "iso88598i" */
static const CharsetLabel *find_part(const char *folded) {
        const char *s = startswith(folded, "iso8859") ?: startswith(folded, "8859");
        unsigned part = 0;
        size_t n;

        if (!s)
                return NULL;
        n = strspn(s, "0123456789");
        if (s[n] != '\0') {
                static const char *const ended[][2] = { { "6e", "iso-8859-6" },
                        { "6i", "iso-8859-6" }, { "8e", "iso-8859-8" }, { "8i", "iso-8859-8-i" },
                        { "9e", "iso-8859-9e" } };

                for (size_t i = 0; i < ELEMENTSOF(ended); i++)
                        if (streq(s, ended[i][0]))
                                return charset_find(ended[i][1]);
                return NULL;
        }
        if (n > 4)
                n -= 4;
        if (n < 1 || n > 2)
                return NULL;
        for (size_t i = 0; i < n; i++)
                part = part * 10 + (unsigned) (s[i] - '0');
        return part < ELEMENTSOF(parts) && parts[part] ? charset_find(parts[part]) : NULL;
}

static bool fold_label(const char *label, char folded[static LABEL_BYTES_MAX + 1]) {
        size_t n = 0;

        for (const char *s = label; *s != '\0'; s++) {
                if (!ascii_isalpha(*s) && !ascii_isdigit(*s))
                        continue;
                if (*s == '0' && (s == label || !ascii_isdigit(s[-1])) && ascii_isdigit(s[1]))
                        continue;
                if (n == LABEL_BYTES_MAX)
                        return false;
                folded[n++] = ascii_tolower(*s);
        }
        folded[n] = '\0';
        return n > 0;
}

const CharsetLabel *charset_label_find(const char *label) {
        char folded[LABEL_BYTES_MAX + 1];
        const CharsetLabel *found = NULL;

        if (!fold_label(label, folded))
                return NULL;

        /* Private labels begin with an x, and IANA's own for programs with cs. */
        for (const char *s = folded; s && !found; s = startswith(s, "x") ?: startswith(s, "cs")) {
                found = find_listed(s);
                if (!found)
                        found = find_part(s);
                if (!found)
                        found = find_page(s);
        }
        return found;
}
