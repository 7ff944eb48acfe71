/* Pieces of GitHub-flavoured Markdown. */
#ifndef HARNESS_DRIVER_MARKDOWN_H
#define HARNESS_DRIVER_MARKDOWN_H

#include <stdio.h>

/* A text that is to be read as it stands, whatever signs it holds. */
void markdown_text(FILE *out, const char *text);
/* One cell of a table's row, with the bar behind it. */
void markdown_cell(FILE *out, const char *text);

#endif
