/* Aligning, cutting and wrapping. */
#include "harness/driver/text_table.h"

#include <stdlib.h>
#include <string.h>

#define INDENT 2
#define FIRST_COLUMN_MIN 12

struct text_table {
    const char *alignment;
    size_t columns;
    char **texts; /* row by row */
    size_t count;
    size_t room;
};

static bool begins_character(char byte)
{
    return ((unsigned char)byte & 0xc0) != 0x80;
}

static size_t width_of(const char *text)
{
    size_t width = 0;
    for (; *text; text++)
        width += begins_character(*text);
    return width;
}

/* Bytes of the first `width` characters. */
static size_t bytes_of(const char *text, size_t width)
{
    size_t i = 0;
    while (text[i] && (width > 0 || !begins_character(text[i])))
        width -= begins_character(text[i++]);
    return i;
}

struct text_table *text_table_new(const char *alignment)
{
    struct text_table *table = calloc(1, sizeof *table);
    if (table) {
        table->alignment = alignment;
        table->columns = strlen(alignment);
    }
    return table;
}

bool text_table_row(struct text_table *table, const char *const *texts)
{
    if (table->count + table->columns > table->room) {
        size_t room = 2 * table->room + 16 * table->columns;
        char **larger = realloc(table->texts, room * sizeof *larger);
        if (!larger)
            return false;
        table->texts = larger;
        table->room = room;
    }
    for (size_t c = 0; c < table->columns; c++) {
        table->texts[table->count] = strdup(texts[c]);
        if (!table->texts[table->count])
            return false;
        table->count++;
    }
    return true;
}

static size_t column_width(const struct text_table *table, size_t column)
{
    size_t widest = 0;
    for (size_t i = column; i < table->count; i += table->columns) {
        size_t width = width_of(table->texts[i]);
        widest = width > widest ? width : widest;
    }
    return widest;
}

/* Between two columns, so that all fit. */
static size_t gap_of(const struct text_table *table)
{
    size_t total = INDENT;
    for (size_t c = 0; c < table->columns; c++)
        total += column_width(table, c);
    return total + 2 * (table->columns - 1) <= TEXT_WIDTH ? 2 : 1;
}

/* Of the first column: what the others leave of the line. */
static size_t first_width(const struct text_table *table, size_t gap)
{
    size_t width = column_width(table, 0), others = INDENT;
    for (size_t c = 1; c < table->columns; c++)
        others += gap + column_width(table, c);
    size_t left = others + FIRST_COLUMN_MIN < TEXT_WIDTH ? TEXT_WIDTH - others : FIRST_COLUMN_MIN;
    return width < left ? width : left;
}

static void put_text(FILE *out, const char *text, size_t width, bool right)
{
    size_t own = width_of(text);
    if (own > width)
        fprintf(out, "%.*s…", (int)bytes_of(text, width - 1), text);
    else
        fprintf(out, "%*s%s%*s", right ? (int)(width - own) : 0, "", text,
                right ? 0 : (int)(width - own), "");
}

void text_table_print(const struct text_table *table, FILE *out)
{
    size_t gap = gap_of(table);
    for (size_t i = 0; i < table->count; i++) {
        size_t column = i % table->columns;
        size_t width = column == 0 ? first_width(table, gap) : column_width(table, column);
        bool right = table->alignment[column] == 'r';
        bool last = column + 1 == table->columns;
        bool empty = last && !*table->texts[i]; /* no blanks at the end of a line */
        fprintf(out, "%*s", empty ? 0 : (int)(column == 0 ? INDENT : gap), "");
        put_text(out, table->texts[i], last && !right ? width_of(table->texts[i]) : width, right);
        if (last)
            putc('\n', out);
    }
}

void text_table_free(struct text_table *table)
{
    if (!table)
        return;
    for (size_t i = 0; i < table->count; i++)
        free(table->texts[i]);
    free(table->texts);
    free(table);
}

static size_t width_of_bytes(const char *text, size_t length)
{
    size_t width = 0;
    for (size_t i = 0; i < length; i++)
        width += begins_character(text[i]);
    return width;
}

/* Bytes up to the next blank at which a line may break: not within brackets, not before '%'. */
static size_t word_length(const char *text)
{
    size_t i = 0;
    bool bracket = false;
    for (; text[i]; i++) {
        if (text[i] == '[' || text[i] == ']')
            bracket = text[i] == '[' && strchr(text + i, ']') != NULL;
        if (text[i] == ' ' && !bracket && text[i + 1] != '%')
            break;
    }
    return i;
}

/* Bytes of a clause, up to its semicolon. */
static size_t clause_length(const char *text)
{
    const char *end = strstr(text, "; ");
    return end ? (size_t)(end - text) + 1 : strlen(text);
}

void text_wrap(FILE *out, const char *text, size_t column)
{
    size_t at = column, clause = 0; /* bytes left of a clause that is too long for a line */
    const char *blank = "";
    while (*text) {
        size_t length = clause_length(text);
        if (clause > 0 || width_of_bytes(text, length) > TEXT_WIDTH - column) {
            clause = clause > 0 ? clause : length;
            length = word_length(text);
        }
        size_t width = width_of_bytes(text, length);
        if (at > column && at + 1 + width > TEXT_WIDTH) {
            fprintf(out, "\n%*s", (int)column, "");
            at = column;
            blank = "";
        }
        fprintf(out, "%s%.*s", blank, (int)length, text);
        at += width + (*blank != 0);
        blank = " ";
        length += strspn(text + length, " ");
        clause -= length < clause ? length : clause;
        text += length;
    }
    putc('\n', out);
}
