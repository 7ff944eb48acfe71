/* Escaping: texts from outside (reasons, names, paths, command lines) may hold any sign. */
#include "harness/driver/markdown.h"

#include <ctype.h>
#include <string.h>

/* Only what would be taken for markup there, so that the file stays readable as it is. */
static int is_special(const char *text, size_t i)
{
    switch (text[i]) {
    case '_': /* within a word it means nothing */
        return i == 0 || !isalnum((unsigned char)text[i - 1]) ||
               !isalnum((unsigned char)text[i + 1]);
    case '[':
        return strstr(text + i, "](") != NULL;
    case '>':
    case '#':
    case '-':
    case '+':
        return i == 0;
    default:
        return strchr("\\`*<|&", text[i]) != NULL;
    }
}

void markdown_text(FILE *out, const char *text)
{
    for (size_t i = 0; text[i]; i++) {
        unsigned char byte = (unsigned char)text[i];
        if (byte < ' ') {
            putc(' ', out);
            continue;
        }
        if (is_special(text, i))
            putc('\\', out);
        putc(byte, out);
    }
}

void markdown_cell(FILE *out, const char *text)
{
    putc(' ', out);
    markdown_text(out, text);
    fputs(" |", out);
}
