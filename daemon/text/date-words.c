/* SPDX-License-Identifier: MIT */

/* The words of dates in the languages of the press, as text/fold.h folds them: without case and
 * accents, Cyrillic as Latin letters. So one row serves both scripts of Serbian and every spelling
 * of a name with and without its marks.
 *
 * A word means all that the names which it begins mean, unless it is a name itself. "mar" begins
 * March in a dozen languages and Tuesday in three: the reader decides by what else there is. "jui"
 * begins June and July of French: it is neither. Left out are words that mean different months in
 * different languages of one script: "listopada" is October in Croatian and November in Polish.
 * What differs by script has a row for each: "travnja" is April in Croatian, and as Ukrainian May.
 */

#include "base/str.h"
#include "text/date-parts.h"
#include "text/fold-table.h"
#include "text/utf8.h"

/* The longest name folded, its NUL, and room for one more code point; longer words mean nothing. */
#define FOLDED_BYTES_MAX 48

enum {
        /* 1 to 12: a month */
        WORD_WEEKDAY = 13,
        WORD_FILLER, /* "at", "um", "de": says nothing of the date */
        WORD_MORNING,
        WORD_AFTERNOON,
        WORD_KIND = 0x1F,
        WORD_WHOLE = 0x20,    /* not to be cut */
        WORD_CYRILLIC = 0x40, /* only when written in Cyrillic */
        WORD_LATIN = 0x80,    /* only when not */
};

typedef struct WordRow {
        const char *folded;
        uint8_t what;
} WordRow;

/* In byte order. */
/* clang-format off */
static const WordRow rows[] = {
        { "a", WORD_FILLER | WORD_WHOLE }, { "abril", 4 }, { "agosto", 8 }, { "agustos", 8 },
        { "agustus", 8 }, { "alle", WORD_FILLER | WORD_WHOLE },
        { "am", WORD_MORNING | WORD_WHOLE }, { "aout", 8 }, { "aprel", 4 }, { "aprelja", 4 },
        { "april", 4 }, { "aprila", 4 }, { "aprile", 4 }, { "aprilie", 4 }, { "aprilis", 4 },
        { "aralik", 12 }, { "at", WORD_FILLER | WORD_WHOLE }, { "august", 8 }, { "augusta", 8 },
        { "augusti", 8 }, { "augustus", 8 }, { "augusztus", 8 }, { "avgust", 8 },
        { "avgusta", 8 }, { "avril", 4 }, { "berezen", 3 | WORD_CYRILLIC },
        { "bereznja", 3 | WORD_CYRILLIC }, { "brezen", 3 | WORD_LATIN },
        { "brezna", 3 | WORD_LATIN }, { "carsamba", WORD_WEEKDAY }, { "cerven", 6 },
        { "cervence", 7 | WORD_LATIN }, { "cervenec", 7 | WORD_LATIN },
        { "cervna", 6 | WORD_LATIN }, { "cervnja", 6 | WORD_CYRILLIC },
        { "cetrtek", WORD_WEEKDAY | WORD_LATIN }, { "cetver", WORD_WEEKDAY },
        { "cetverg", WORD_WEEKDAY }, { "cetvrtak", WORD_WEEKDAY }, { "cetvrtk", WORD_WEEKDAY },
        { "cetvrtok", WORD_WEEKDAY }, { "cmt", WORD_WEEKDAY | WORD_WHOLE },
        { "csutortok", WORD_WEEKDAY }, { "ct", WORD_WEEKDAY | WORD_WHOLE },
        { "cts", WORD_WEEKDAY | WORD_WHOLE }, { "ctvrtek", WORD_WEEKDAY | WORD_LATIN },
        { "cuma", WORD_WEEKDAY }, { "cumartesi", WORD_WEEKDAY }, { "czerwca", 6 },
        { "czerwiec", 6 }, { "czwartek", WORD_WEEKDAY }, { "dana", WORD_FILLER | WORD_WHOLE },
        { "de", WORD_FILLER | WORD_WHOLE }, { "decembar", 12 }, { "december", 12 },
        { "decembra", 12 }, { "decembre", 12 }, { "decembrie", 12 }, { "dekabr", 12 },
        { "dekabrja", 12 }, { "dekemvri", 12 }, { "del", WORD_FILLER | WORD_WHOLE },
        { "den", WORD_FILLER | WORD_WHOLE }, { "der", WORD_FILLER | WORD_WHOLE },
        { "desember", 12 }, { "dezember", 12 }, { "dezembro", 12 }, { "dhjetor", 12 },
        { "di", WORD_WEEKDAY | WORD_WHOLE }, { "dicembre", 12 }, { "diciembre", 12 },
        { "diel", WORD_WEEKDAY }, { "diela", WORD_WEEKDAY }, { "dienstag", WORD_WEEKDAY },
        { "dimanche", WORD_WEEKDAY }, { "dinsdag", WORD_WEEKDAY },
        { "dne", WORD_FILLER | WORD_WHOLE }, { "do", WORD_WEEKDAY | WORD_WHOLE },
        { "domenica", WORD_WEEKDAY }, { "domingo", WORD_WEEKDAY }, { "donderdag", WORD_WEEKDAY },
        { "donnerstag", WORD_WEEKDAY }, { "duben", 4 | WORD_LATIN }, { "dubna", 4 | WORD_LATIN },
        { "duminica", WORD_WEEKDAY }, { "e", WORD_FILLER | WORD_WHOLE }, { "ekim", 10 },
        { "elokuuta", 8 | WORD_LATIN }, { "enero", 1 }, { "enjte", WORD_WEEKDAY },
        { "enjtja", WORD_WEEKDAY }, { "eylul", 9 }, { "febbraio", 2 }, { "feber", 2 },
        { "febrero", 2 }, { "februar", 2 }, { "februara", 2 }, { "februari", 2 },
        { "februarie", 2 }, { "february", 2 }, { "feira", WORD_FILLER | WORD_WHOLE },
        { "fevereiro", 2 }, { "fevral", 2 }, { "fevralja", 2 }, { "fevrier", 2 },
        { "fevruari", 2 }, { "fr", WORD_WEEKDAY | WORD_WHOLE },
        { "fredag", WORD_WEEKDAY | WORD_LATIN }, { "freitag", WORD_WEEKDAY },
        { "friday", WORD_WEEKDAY }, { "g", WORD_FILLER | WORD_WHOLE }, { "gennaio", 1 },
        { "giovedi", WORD_WEEKDAY }, { "giugno", 6 }, { "god", WORD_FILLER | WORD_WHOLE },
        { "goda", WORD_FILLER | WORD_WHOLE }, { "godine", WORD_FILLER | WORD_WHOLE },
        { "gruden", 12 | WORD_CYRILLIC }, { "grudnia", 12 }, { "grudnja", 12 | WORD_CYRILLIC },
        { "grudzien", 12 }, { "gsh", 8 | WORD_WHOLE }, { "gusht", 8 },
        { "h", WORD_FILLER | WORD_WHOLE }, { "haziran", 6 }, { "heinakuuta", 7 | WORD_LATIN },
        { "helmikuuta", 2 | WORD_LATIN }, { "hena", WORD_WEEKDAY }, { "hene", WORD_WEEKDAY },
        { "hetfo", WORD_WEEKDAY }, { "hours", WORD_FILLER | WORD_WHOLE },
        { "hrs", WORD_FILLER | WORD_WHOLE }, { "hs", WORD_FILLER | WORD_WHOLE },
        { "huhtikuuta", 4 | WORD_LATIN }, { "ianuarie", 1 }, { "ijul", 7 }, { "ijulja", 7 },
        { "ijun", 6 }, { "ijunja", 6 }, { "il", WORD_FILLER | WORD_WHOLE }, { "iulie", 7 },
        { "iunie", 6 }, { "janar", 1 }, { "janeiro", 1 }, { "janner", 1 }, { "januar", 1 },
        { "januara", 1 }, { "januari", 1 }, { "january", 1 }, { "janvar", 1 }, { "janvarja", 1 },
        { "janvier", 1 }, { "jeudi", WORD_WEEKDAY }, { "joi", WORD_WEEKDAY },
        { "joulukuuta", 12 | WORD_LATIN }, { "jueves", WORD_WEEKDAY }, { "juillet", 7 },
        { "juin", 6 }, { "jula", 7 }, { "julho", 7 }, { "juli", 7 }, { "julij", 7 },
        { "julio", 7 }, { "julius", 7 }, { "july", 7 }, { "jumat", WORD_WEEKDAY | WORD_LATIN },
        { "juna", 6 }, { "june", 6 }, { "junho", 6 }, { "juni", 6 }, { "junij", 6 },
        { "junio", 6 }, { "junius", 6 }, { "kamis", WORD_WEEKDAY | WORD_LATIN }, { "kasim", 11 },
        { "kedd", WORD_WEEKDAY }, { "kesakuuta", 6 | WORD_LATIN },
        { "keskiviikko", WORD_WEEKDAY | WORD_LATIN },
        { "keskiviikkona", WORD_WEEKDAY | WORD_LATIN }, { "kl", WORD_FILLER | WORD_WHOLE },
        { "klo", WORD_FILLER | WORD_WHOLE }, { "klockan", WORD_FILLER | WORD_WHOLE },
        { "kolovoz", 8 | WORD_LATIN }, { "kolovoza", 8 | WORD_LATIN }, { "korrik", 7 },
        { "kveten", 5 | WORD_LATIN }, { "kvetna", 5 | WORD_LATIN },
        { "kviten", 4 | WORD_CYRILLIC }, { "kvitnja", 4 | WORD_CYRILLIC }, { "kwiecien", 4 },
        { "kwietnia", 4 }, { "las", WORD_FILLER | WORD_WHOLE },
        { "lauantai", WORD_WEEKDAY | WORD_LATIN }, { "lauantaina", WORD_WEEKDAY | WORD_LATIN },
        { "le", WORD_FILLER | WORD_WHOLE }, { "leden", 1 | WORD_LATIN },
        { "ledna", 1 | WORD_LATIN }, { "lipanj", 6 | WORD_LATIN | WORD_WHOLE },
        { "lipca", 7 | WORD_WHOLE }, { "lipen", 7 | WORD_CYRILLIC }, { "lipiec", 7 | WORD_WHOLE },
        { "lipnja", 6 | WORD_LATIN | WORD_WHOLE }, { "lipnja", 7 | WORD_CYRILLIC },
        { "listopad", 11 | WORD_CYRILLIC }, { "listopada", 11 | WORD_CYRILLIC },
        { "listopadu", 11 | WORD_LATIN | WORD_WHOLE }, { "ljutii", 2 | WORD_CYRILLIC },
        { "ljutogo", 2 | WORD_CYRILLIC }, { "lokakuuta", 10 | WORD_LATIN },
        { "lordag", WORD_WEEKDAY | WORD_LATIN }, { "luglio", 7 }, { "lundi", WORD_WEEKDAY },
        { "lunedi", WORD_WEEKDAY }, { "lunes", WORD_WEEKDAY }, { "luni", WORD_WEEKDAY },
        { "lutego", 2 }, { "luty", 2 }, { "maaliskuuta", 3 | WORD_LATIN },
        { "maanantai", WORD_WEEKDAY | WORD_LATIN }, { "maanantaina", WORD_WEEKDAY | WORD_LATIN },
        { "maandag", WORD_WEEKDAY }, { "maart", 3 }, { "maerz", 3 }, { "maggio", 5 },
        { "mai", 5 }, { "maio", 5 }, { "maj", 5 }, { "maja", 5 }, { "majus", 5 },
        { "mandag", WORD_WEEKDAY | WORD_LATIN }, { "marca", 3 }, { "march", 3 }, { "marcius", 3 },
        { "marco", 3 }, { "mardi", WORD_WEEKDAY }, { "maret", 3 },
        { "marraskuu", 11 | WORD_WHOLE | WORD_LATIN },
        { "marraskuuta", 11 | WORD_WHOLE | WORD_LATIN }, { "mars", 3 }, { "mart", 3 },
        { "marta", 3 }, { "marta", WORD_WEEKDAY }, { "marte", WORD_WEEKDAY },
        { "martedi", WORD_WEEKDAY }, { "martes", WORD_WEEKDAY }, { "marti", WORD_WEEKDAY },
        { "martie", 3 }, { "marts", 3 }, { "marz", 3 }, { "marzec", 3 }, { "marzo", 3 },
        { "may", 5 }, { "mayis", 5 }, { "mayo", 5 }, { "md", WORD_AFTERNOON | WORD_WHOLE },
        { "mei", 5 }, { "mercoledi", WORD_WEEKDAY }, { "mercredi", WORD_WEEKDAY },
        { "merkura", WORD_WEEKDAY }, { "merkure", WORD_WEEKDAY },
        { "mi", WORD_WEEKDAY | WORD_WHOLE }, { "miercoles", WORD_WEEKDAY },
        { "miercuri", WORD_WEEKDAY }, { "minggu", WORD_WEEKDAY | WORD_LATIN },
        { "mittwoch", WORD_WEEKDAY }, { "mo", WORD_WEEKDAY | WORD_WHOLE },
        { "monday", WORD_WEEKDAY }, { "montag", WORD_WEEKDAY }, { "mrt", 3 | WORD_WHOLE },
        { "mrz", 3 | WORD_WHOLE }, { "nedela", WORD_WEEKDAY }, { "nedelja", WORD_WEEKDAY },
        { "nedilja", WORD_WEEKDAY }, { "nedjelja", WORD_WEEKDAY }, { "nentor", 11 },
        { "niedziela", WORD_WEEKDAY }, { "nisan", 4 }, { "noemvri", 11 }, { "noiembrie", 11 },
        { "nojabr", 11 }, { "nojabrja", 11 }, { "novembar", 11 }, { "november", 11 },
        { "novembra", 11 }, { "novembre", 11 }, { "novembro", 11 }, { "noviembre", 11 },
        { "ocak", 1 }, { "october", 10 }, { "octobre", 10 }, { "octombrie", 10 },
        { "octubre", 10 }, { "of", WORD_FILLER | WORD_WHOLE }, { "oktjabr", 10 },
        { "oktjabrja", 10 }, { "oktobar", 10 }, { "oktober", 10 }, { "oktobra", 10 },
        { "oktomvri", 10 }, { "on", WORD_FILLER | WORD_WHOLE },
        { "onsdag", WORD_WEEKDAY | WORD_LATIN }, { "oo", WORD_MORNING | WORD_WHOLE },
        { "ora", WORD_FILLER | WORD_WHOLE }, { "ore", WORD_FILLER | WORD_WHOLE },
        { "os", WORD_AFTERNOON | WORD_WHOLE }, { "ottobre", 10 }, { "outubro", 10 },
        { "ozujak", 3 | WORD_LATIN }, { "ozujka", 3 | WORD_LATIN },
        { "patek", WORD_WEEKDAY | WORD_LATIN }, { "pazar", WORD_WEEKDAY },
        { "pazartesi", WORD_WEEKDAY }, { "pazdziernik", 10 }, { "pazdziernika", 10 },
        { "pd", WORD_MORNING | WORD_WHOLE }, { "pentek", WORD_WEEKDAY },
        { "perjantai", WORD_WEEKDAY | WORD_LATIN }, { "perjantaina", WORD_WEEKDAY | WORD_LATIN },
        { "persembe", WORD_WEEKDAY }, { "petak", WORD_WEEKDAY },
        { "petek", WORD_WEEKDAY | WORD_LATIN }, { "petk", WORD_WEEKDAY },
        { "petok", WORD_WEEKDAY }, { "piatek", WORD_WEEKDAY }, { "pjatnica", WORD_WEEKDAY },
        { "pjatnicja", WORD_WEEKDAY }, { "pm", WORD_AFTERNOON | WORD_WHOLE },
        { "pn", WORD_WEEKDAY | WORD_WHOLE }, { "pondeli", WORD_WEEKDAY | WORD_LATIN },
        { "ponedeljak", WORD_WEEKDAY }, { "ponedeljek", WORD_WEEKDAY | WORD_LATIN },
        { "ponedelnik", WORD_WEEKDAY }, { "ponedilok", WORD_WEEKDAY },
        { "ponedjeljak", WORD_WEEKDAY }, { "poniedzialek", WORD_WEEKDAY },
        { "premte", WORD_WEEKDAY }, { "premtja", WORD_WEEKDAY }, { "prill", 4 },
        { "prosinac", 12 | WORD_LATIN }, { "prosinca", 12 | WORD_LATIN },
        { "prosince", 12 | WORD_LATIN }, { "prosinec", 12 | WORD_LATIN },
        { "pt", WORD_WEEKDAY | WORD_WHOLE }, { "pts", WORD_WEEKDAY | WORD_WHOLE },
        { "pukul", WORD_FILLER | WORD_WHOLE }, { "pzt", WORD_WEEKDAY | WORD_WHOLE },
        { "qershor", 6 }, { "quarta", WORD_WEEKDAY }, { "quinta", WORD_WEEKDAY },
        { "rabu", WORD_WEEKDAY | WORD_LATIN }, { "rijen", 10 | WORD_LATIN },
        { "rijna", 10 | WORD_LATIN }, { "rujan", 9 | WORD_LATIN }, { "rujna", 9 | WORD_LATIN },
        { "sa", WORD_WEEKDAY | WORD_WHOLE }, { "saat", WORD_FILLER | WORD_WHOLE },
        { "sabado", WORD_WEEKDAY }, { "sabato", WORD_WEEKDAY }, { "sabota", WORD_WEEKDAY },
        { "sabtu", WORD_WEEKDAY | WORD_LATIN }, { "sali", WORD_WEEKDAY },
        { "sambata", WORD_WEEKDAY }, { "samedi", WORD_WEEKDAY }, { "samstag", WORD_WEEKDAY },
        { "saturday", WORD_WEEKDAY }, { "sb", WORD_WEEKDAY | WORD_WHOLE },
        { "sbota", WORD_WEEKDAY }, { "segunda", WORD_WEEKDAY },
        { "selasa", WORD_WEEKDAY | WORD_LATIN }, { "senin", WORD_WEEKDAY | WORD_LATIN },
        { "sentjabr", 9 }, { "sentjabrja", 9 }, { "septembar", 9 }, { "september", 9 },
        { "septembra", 9 }, { "septembre", 9 }, { "septembrie", 9 }, { "septemvri", 9 },
        { "septiembre", 9 }, { "sereda", WORD_WEEKDAY }, { "serpen", 8 | WORD_CYRILLIC },
        { "serpnja", 8 | WORD_CYRILLIC }, { "setembro", 9 }, { "setiembre", 9 },
        { "settembre", 9 }, { "sexta", WORD_WEEKDAY }, { "shkurt", 2 }, { "shtator", 9 },
        { "shtuna", WORD_WEEKDAY }, { "shtune", WORD_WEEKDAY }, { "sicen", 1 | WORD_CYRILLIC },
        { "sicnja", 1 | WORD_CYRILLIC }, { "sierpien", 8 }, { "sierpnia", 8 },
        { "sijecanj", 1 | WORD_LATIN }, { "sijecnja", 1 | WORD_LATIN },
        { "so", WORD_WEEKDAY | WORD_WHOLE }, { "sobota", WORD_WEEKDAY },
        { "sobotu", WORD_WEEKDAY | WORD_LATIN }, { "sondag", WORD_WEEKDAY | WORD_LATIN },
        { "sonnabend", WORD_WEEKDAY }, { "sonntag", WORD_WEEKDAY },
        { "sr", WORD_WEEKDAY | WORD_WHOLE }, { "sreda", WORD_WEEKDAY },
        { "srijeda", WORD_WEEKDAY }, { "srjada", WORD_WEEKDAY }, { "sroda", WORD_WEEKDAY },
        { "srpanj", 7 | WORD_LATIN }, { "srpen", 8 | WORD_LATIN }, { "srpna", 8 | WORD_LATIN },
        { "srpnja", 7 | WORD_LATIN }, { "streda", WORD_WEEKDAY | WORD_LATIN },
        { "studeni", 11 | WORD_LATIN }, { "studenog", 11 | WORD_LATIN },
        { "studenoga", 11 | WORD_LATIN }, { "styczen", 1 }, { "stycznia", 1 }, { "subat", 2 },
        { "subbota", WORD_WEEKDAY }, { "subota", WORD_WEEKDAY }, { "sunday", WORD_WEEKDAY },
        { "sunnuntai", WORD_WEEKDAY | WORD_LATIN }, { "sunnuntaina", WORD_WEEKDAY | WORD_LATIN },
        { "svibanj", 5 | WORD_LATIN }, { "svibnja", 5 | WORD_LATIN },
        { "syyskuuta", 9 | WORD_LATIN }, { "szeptember", 9 }, { "szerda", WORD_WEEKDAY },
        { "szombat", WORD_WEEKDAY }, { "tammikuuta", 1 | WORD_LATIN }, { "temmuz", 7 },
        { "terca", WORD_WEEKDAY }, { "tetor", 10 }, { "the", WORD_FILLER | WORD_WHOLE },
        { "thursday", WORD_WEEKDAY }, { "tiistai", WORD_WEEKDAY | WORD_LATIN },
        { "tiistaina", WORD_WEEKDAY | WORD_LATIN }, { "tirsdag", WORD_WEEKDAY | WORD_LATIN },
        { "tisdag", WORD_WEEKDAY | WORD_LATIN }, { "torek", WORD_WEEKDAY | WORD_LATIN },
        { "torsdag", WORD_WEEKDAY | WORD_LATIN }, { "torstai", WORD_WEEKDAY | WORD_LATIN },
        { "torstaina", WORD_WEEKDAY | WORD_LATIN }, { "toukokuuta", 5 | WORD_LATIN },
        { "travanj", 4 | WORD_LATIN }, { "traven", 5 | WORD_CYRILLIC },
        { "travnja", 4 | WORD_LATIN }, { "travnja", 5 | WORD_CYRILLIC },
        { "tuesday", WORD_WEEKDAY }, { "u", WORD_FILLER | WORD_WHOLE },
        { "uhr", WORD_FILLER | WORD_WHOLE }, { "ul", WORD_FILLER | WORD_WHOLE },
        { "um", WORD_FILLER | WORD_WHOLE }, { "unor", 2 | WORD_LATIN },
        { "unora", 2 | WORD_LATIN }, { "utery", WORD_WEEKDAY | WORD_LATIN },
        { "utorak", WORD_WEEKDAY }, { "uur", WORD_FILLER | WORD_WHOLE },
        { "v", WORD_FILLER | WORD_WHOLE }, { "vasarnap", WORD_WEEKDAY },
        { "veljaca", 2 | WORD_LATIN }, { "veljace", 2 | WORD_LATIN },
        { "vendredi", WORD_WEEKDAY }, { "venerdi", WORD_WEEKDAY },
        { "veresen", 9 | WORD_CYRILLIC }, { "veresnja", 9 | WORD_CYRILLIC },
        { "viernes", WORD_WEEKDAY }, { "vineri", WORD_WEEKDAY }, { "vivtorok", WORD_WEEKDAY },
        { "vo", WORD_FILLER | WORD_WHOLE }, { "voskresene", WORD_WEEKDAY },
        { "vrijdag", WORD_WEEKDAY }, { "vs", WORD_WEEKDAY | WORD_WHOLE },
        { "vt", WORD_WEEKDAY | WORD_WHOLE }, { "vtornik", WORD_WEEKDAY },
        { "wednesday", WORD_WEEKDAY }, { "woensdag", WORD_WEEKDAY }, { "wrzesien", 9 },
        { "wrzesnia", 9 }, { "wtorek", WORD_WEEKDAY }, { "zari", 9 | WORD_LATIN },
        { "zaterdag", WORD_WEEKDAY }, { "zondag", WORD_WEEKDAY },
        { "zovten", 10 | WORD_CYRILLIC }, { "zovtnja", 10 | WORD_CYRILLIC }, { "απριλιοσ", 4 },
        { "απριλιου", 4 }, { "αυγουστοσ", 8 }, { "αυγουστου", 8 }, { "δεκεμβριοσ", 12 },
        { "δεκεμβριου", 12 }, { "δευτερα", WORD_WEEKDAY }, { "ιανουαριοσ", 1 },
        { "ιανουαριου", 1 }, { "ιολ", 7 | WORD_WHOLE }, { "ιον", 6 | WORD_WHOLE },
        { "ιουλιοσ", 7 }, { "ιουλιου", 7 }, { "ιουνιοσ", 6 }, { "ιουνιου", 6 },
        { "κυριακη", WORD_WEEKDAY }, { "μαιοσ", 5 }, { "μαιου", 5 }, { "μαρτιοσ", 3 },
        { "μαρτιου", 3 }, { "μμ", WORD_AFTERNOON | WORD_WHOLE }, { "νοεμβριοσ", 11 },
        { "νοεμβριου", 11 }, { "οκτωβριοσ", 10 }, { "οκτωβριου", 10 },
        { "παρασκευη", WORD_WEEKDAY }, { "πεμπτη", WORD_WEEKDAY },
        { "πμ", WORD_MORNING | WORD_WHOLE }, { "σαββατο", WORD_WEEKDAY }, { "σεπτεμβριοσ", 9 },
        { "σεπτεμβριου", 9 }, { "τεταρτη", WORD_WEEKDAY }, { "τριτη", WORD_WEEKDAY },
        { "φεβρουαριοσ", 2 }, { "φεβρουαριου", 2 }, { "اب", 8 | WORD_WHOLE },
        { "ابريل", 4 | WORD_WHOLE }, { "اذار", 3 | WORD_WHOLE }, { "اغسطس", 8 | WORD_WHOLE },
        { "افريل", 4 | WORD_WHOLE }, { "اكتوبر", 10 | WORD_WHOLE },
        { "الاثنين", WORD_WEEKDAY | WORD_WHOLE }, { "الاحد", WORD_WEEKDAY | WORD_WHOLE },
        { "الاربعاء", WORD_WEEKDAY | WORD_WHOLE }, { "الثلاثاء", WORD_WEEKDAY | WORD_WHOLE },
        { "الجمعه", WORD_WEEKDAY | WORD_WHOLE }, { "الخميس", WORD_WEEKDAY | WORD_WHOLE },
        { "الساعه", WORD_FILLER | WORD_WHOLE }, { "السبت", WORD_WEEKDAY | WORD_WHOLE },
        { "اوت", 8 | WORD_WHOLE }, { "ايار", 5 | WORD_WHOLE }, { "ايلول", 9 | WORD_WHOLE },
        { "تموز", 7 | WORD_WHOLE }, { "جانفي", 1 | WORD_WHOLE }, { "جوان", 6 | WORD_WHOLE },
        { "جويليه", 7 | WORD_WHOLE }, { "حزيران", 6 | WORD_WHOLE }, { "ديسمبر", 12 | WORD_WHOLE },
        { "سبتمبر", 9 | WORD_WHOLE }, { "شباط", 2 | WORD_WHOLE },
        { "ص", WORD_MORNING | WORD_WHOLE }, { "صباحا", WORD_MORNING | WORD_WHOLE },
        { "فبراير", 2 | WORD_WHOLE }, { "فيفري", 2 | WORD_WHOLE },
        { "م", WORD_AFTERNOON | WORD_WHOLE }, { "مارس", 3 | WORD_WHOLE },
        { "ماي", 5 | WORD_WHOLE }, { "مايو", 5 | WORD_WHOLE },
        { "مساء", WORD_AFTERNOON | WORD_WHOLE }, { "نوفمبر", 11 | WORD_WHOLE },
        { "نيسان", 4 | WORD_WHOLE }, { "يناير", 1 | WORD_WHOLE }, { "يوليه", 7 | WORD_WHOLE },
        { "يوليو", 7 | WORD_WHOLE }, { "يونيه", 6 | WORD_WHOLE }, { "يونيو", 6 | WORD_WHOLE },
};
/* clang-format on */

/* Chinese, Japanese and Korean write these without spaces around. */
static const struct {
        const char *word;
        bool morning, afternoon;
} halves[] = {
        { "오전", true, false },
        { "오후", false, true },
        { "午前", true, false },
        { "午後", false, true },
        { "上午", true, false },
        { "下午", false, true },
};

static const char *const weekday_ends[] = { "요일", "曜日" };

/* 0 when it is too long. */
static size_t word_fold(const char *word, size_t n_bytes, char folded[static FOLDED_BYTES_MAX],
        bool *ret_cyrillic) {
        size_t n = 0, n_letters = 0;

        *ret_cyrillic = false;
        for (size_t i = 0, n_used; i < n_bytes; i += n_used, n_letters++) {
                char bytes[FOLD_CODEPOINT_BYTES_MAX];
                uint32_t c;
                size_t n_folded;

                if ((unsigned char) word[i] < 0x80) {
                        bytes[0] = ascii_tolower(word[i]);
                        n_folded = n_used = 1;
                } else {
                        n_used = utf8_decode(word + i, n_bytes - i, &c);
                        n_folded = fold_codepoint(c, bytes);
                        *ret_cyrillic |= c >= 0x400 && c < 0x530;
                }
                if (n + n_folded >= FOLDED_BYTES_MAX)
                        return 0;
                memcpy(folded + n, bytes, n_folded);
                n += n_folded;
        }

        folded[n] = '\0';
        return n;
}

/* The first row that is not below @folded. */
static size_t rows_lower_bound(const char *folded) {
        size_t low = 0, high = ELEMENTSOF(rows);

        while (low < high) {
                size_t middle = low + (high - low) / 2;

                if (strcmp(rows[middle].folded, folded) < 0)
                        low = middle + 1;
                else
                        high = middle;
        }

        return low;
}

static void word_add(DateWord *word, unsigned kind) {
        switch (kind) {
        case WORD_WEEKDAY:
                word->weekday = true;
                break;
        case WORD_FILLER:
                word->filler = true;
                break;
        case WORD_MORNING:
                word->morning = true;
                break;
        case WORD_AFTERNOON:
                word->afternoon = true;
                break;
        default:
                word->month = word->month == 0 || word->month == (int) kind ? (int) kind
                                                                            : DATE_MONTH_UNSURE;
        }
}

static bool find_unspaced(const char *word, size_t n_bytes, DateWord *ret) {
        for (size_t i = 0; i < ELEMENTSOF(halves); i++)
                if (n_bytes == strlen(halves[i].word) &&
                        memcmp(word, halves[i].word, n_bytes) == 0) {
                        ret->morning = halves[i].morning;
                        ret->afternoon = halves[i].afternoon;
                        return true;
                }

        for (size_t i = 0; i < ELEMENTSOF(weekday_ends); i++) {
                size_t n = strlen(weekday_ends[i]);

                if (n_bytes > n && memcmp(word + n_bytes - n, weekday_ends[i], n) == 0) {
                        ret->weekday = true;
                        return true;
                }
        }

        return false;
}

static bool row_is_of(const WordRow *row, bool cyrillic) {
        return !(row->what & (cyrillic ? WORD_LATIN : WORD_CYRILLIC));
}

bool date_word_find(const char *word, size_t n_bytes, DateWord *ret) {
        char folded[FOLDED_BYTES_MAX];
        bool cyrillic, whole = false;
        size_t n_folded, n_found = 0, first;

        *ret = (DateWord){};
        if (find_unspaced(word, n_bytes, ret))
                return true;

        n_folded = word_fold(word, n_bytes, folded, &cyrillic);
        if (n_folded == 0)
                return false;

        /* Whole words come before those that only begin so. */
        first = rows_lower_bound(folded);
        for (size_t i = first; i < ELEMENTSOF(rows) && streq(rows[i].folded, folded); i++)
                whole |= row_is_of(rows + i, cyrillic);
        if (!whole && utf8_n_chars(folded, n_folded) < 3)
                return false;

        for (size_t i = first; i < ELEMENTSOF(rows) && startswith(rows[i].folded, folded); i++) {
                const bool is_whole = rows[i].folded[n_folded] == '\0';

                if (whole && !is_whole)
                        break;
                if (is_whole != whole || (!is_whole && (rows[i].what & WORD_WHOLE)) ||
                        !row_is_of(rows + i, cyrillic))
                        continue;
                word_add(ret, rows[i].what & WORD_KIND);
                n_found++;
        }

        return n_found > 0;
}
