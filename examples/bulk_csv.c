/*
 * Bytes per column of a CSV file: maps the file, goes through it line by line, and prints for each
 * column how many fields it has and how many bytes they hold, quotes undone.
 *
 *     cc bulk_csv.c $(pkg-config --cflags --libs apportion) -o bulk_csv && ./bulk_csv FILE
 */
#include <apportion/process_lines.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* Columns from here on are counted in the last one. */
#define COLUMNS_MAX 256

struct columns {
    size_t count;
    uint64_t fields[COLUMNS_MAX];
    uint64_t bytes[COLUMNS_MAX];
};

static int count_columns(void *context, const struct process_lines_line *line)
{
    struct columns *columns = (struct columns *)context;
    for (size_t i = 0; i < line->tokens->count; i++) {
        size_t column = i < COLUMNS_MAX ? i : COLUMNS_MAX - 1;
        columns->fields[column]++;
        columns->bytes[column] += split_result_token(line->tokens, i).length;
        if (column >= columns->count)
            columns->count = column + 1;
    }
    return 0; /* anything else would stop */
}

static int count_text(const char *text, size_t length)
{
    struct split_options split = split_options_default();
    split.quote = '"';
    struct process_lines_options options = {0};
    options.split = &split;
    options.view = true; /* the file outlives its tokens: nothing is copied but unescaped ones */
    struct columns columns = {0};
    struct process_lines_report report;
    if (!process_lines_bulk(text, length, &options, count_columns, &columns, &report)) {
        fprintf(stderr, "bulk_csv: line %zu at byte %zu: %s\n", report.line + 1, report.offset,
                strerror(report.error));
        return 1;
    }
    printf("%" PRIu64 " lines, %" PRIu64 " fields\n", report.lines, report.tokens);
    for (size_t i = 0; i < columns.count; i++)
        printf("column %zu: %" PRIu64 " fields, %" PRIu64 " bytes\n", i + 1, columns.fields[i],
               columns.bytes[i]);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: bulk_csv FILE\n");
        return 2;
    }
    int file = open(argv[1], O_RDONLY);
    struct stat facts;
    if (file < 0 || fstat(file, &facts) != 0) {
        fprintf(stderr, "bulk_csv: %s: %s\n", argv[1], strerror(errno));
        return 1;
    }
    size_t length = (size_t)facts.st_size;
    if (length == 0) /* nothing can be mapped, and nothing need be */
        return count_text("", 0);
    void *text = mmap(NULL, length, PROT_READ, MAP_PRIVATE, file, 0);
    if (text == MAP_FAILED) {
        fprintf(stderr, "bulk_csv: %s: %s\n", argv[1], strerror(errno));
        return 1;
    }
    int status = count_text((const char *)text, length);
    munmap(text, length);
    close(file);
    return status;
}
