/* Tables and paragraphs for a terminal: columns aligned by what they hold, lines kept to a width.
 * Widths are counted in characters of UTF-8, one column each. */
#ifndef HARNESS_DRIVER_TEXT_TABLE_H
#define HARNESS_DRIVER_TEXT_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* Widest line of everything the driver prints. */
#define TEXT_WIDTH 100

struct text_table;

/* alignment: a letter a column, 'l' or 'r'. The first row is the head. NULL: no memory. */
struct text_table *text_table_new(const char *alignment);
/* As many texts as there are columns; they are copied. */
bool text_table_row(struct text_table *table, const char *const *texts);
/* Two blanks before each line. Where the lines would be wider than TEXT_WIDTH the columns move
 * closer together, and then the first column's texts are cut, with an ellipsis. */
void text_table_print(const struct text_table *table, FILE *out);
void text_table_free(struct text_table *table);

/* A text after `column` columns of its line that are written already, broken at TEXT_WIDTH, between
 * clauses ("; ") where that is possible, else between words; further lines are indented to that
 * column. Ends the line. */
void text_wrap(FILE *out, const char *text, size_t column);

#endif
