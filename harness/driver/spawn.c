/* fork, exec, poll, kill. */
#include "harness/driver/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* A report of a trial has a few KB; more is garbage and is cut. */
#define REPORT_MAX ((size_t)1 << 20)
#define ERRORS_MAX ((size_t)4096)

volatile sig_atomic_t spawn_stop_signal;

static void note_signal(int number)
{
    spawn_stop_signal = number;
}

void spawn_catch_signals(void)
{
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = note_signal; /* no SA_RESTART: poll is to return */
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    signal(SIGPIPE, SIG_IGN);
}

/* Prefixes of environment variables that steer an allocator or the loader. */
static const char *const scrubbed_prefixes[] = {
    "LD_PRELOAD=", "MALLOC_",      "GLIBC_TUNABLES=", "MIMALLOC_",
    "TCMALLOC_",   "MALLOC_CONF=", "_RJEM_MALLOC"};

static bool is_scrubbed(const char *variable)
{
    for (size_t i = 0; i < sizeof scrubbed_prefixes / sizeof scrubbed_prefixes[0]; i++)
        if (strncmp(variable, scrubbed_prefixes[i], strlen(scrubbed_prefixes[i])) == 0)
            return true;
    return false;
}

/* What even a bare environment has: without them the program might not start. */
static bool is_needed(const char *variable)
{
    return strncmp(variable, "LD_LIBRARY_PATH=", 16) == 0 ||
           strncmp(variable, "VALGRIND_LIB=", 13) == 0;
}

void spawn_scrubbed(char *text, size_t size)
{
    size_t used = 0;
    text[0] = 0;
    for (char **variable = environ; *variable && used < size; variable++)
        if (is_scrubbed(*variable))
            used += (size_t)snprintf(text + used, size - used, "%s%.*s", used ? " " : "",
                                     (int)strcspn(*variable, "="), *variable);
}

/* The child's environment: ours less what steers allocators, plus preload and padding. malloc'd, as
 * are its last two strings. */
static char **make_environment(const struct spawn_request *request)
{
    size_t count = 0;
    while (environ[count])
        count++;
    char **made = calloc(count + 3, sizeof *made);
    if (!made)
        return NULL;
    size_t used = 0;
    for (size_t i = 0; i < count; i++)
        if (!is_scrubbed(environ[i]) && (!request->bare_environment || is_needed(environ[i])))
            made[used++] = environ[i];
    if (request->preload && asprintf(&made[used], "LD_PRELOAD=%s", request->preload) >= 0)
        used++;
    if (request->padding > 0 &&
        asprintf(&made[used], "APPORTION_PADDING=%*s", (int)request->padding, "") >= 0)
        used++;
    made[used] = NULL;
    return made;
}

struct stream {
    int descriptor; /* -1: ended */
    char *text;
    size_t length;
    size_t most;
};

/* Reads what is there; a stream over its limit is read on and thrown away. */
static void drain(struct stream *stream)
{
    char block[16384];
    ssize_t got = read(stream->descriptor, block, sizeof block);
    if (got < 0 && (errno == EINTR || errno == EAGAIN))
        return;
    if (got <= 0) {
        close(stream->descriptor);
        stream->descriptor = -1;
        return;
    }
    size_t room = stream->most - stream->length;
    size_t taken = (size_t)got < room ? (size_t)got : room;
    char *larger = realloc(stream->text, stream->length + taken + 1);
    if (!larger)
        return;
    memcpy(larger + stream->length, block, taken);
    stream->text = larger;
    stream->length += taken;
    stream->text[stream->length] = 0;
}

static uint64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* In the child: never returns. report: the descriptor that becomes SPAWN_REPORT_FD, or stdout. */
static void become(const struct spawn_request *request, char **environment, int report, int errors,
                   bool report_on_stdout)
{
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    signal(SIGINT, SIG_DFL);
    signal(SIGTERM, SIG_DFL);
    signal(SIGPIPE, SIG_DFL);
    int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
    dup2(nothing, STDIN_FILENO);
    dup2(errors, STDERR_FILENO);
    dup2(report_on_stdout ? report : nothing, STDOUT_FILENO);
    if (!report_on_stdout) {
        if (report == SPAWN_REPORT_FD)
            fcntl(report, F_SETFD, 0); /* dup2 onto itself would keep it close-on-exec */
        else
            dup2(report, SPAWN_REPORT_FD);
    }
    if (request->topology && !topology_bind_trial(request->topology, request->processors)) {
        dprintf(STDERR_FILENO, "cannot bind to a processor: %s\n", strerror(errno));
        _exit(126);
    }
    execve(request->arguments[0], request->arguments, environment);
    dprintf(STDERR_FILENO, "cannot run %s: %s\n", request->arguments[0], strerror(errno));
    _exit(127);
}

/* Last line of what the child said, made printable. */
static void last_line(const struct stream *errors, char *line, size_t size)
{
    size_t end = errors->length;
    while (end > 0 && errors->text[end - 1] == '\n')
        end--;
    size_t begin = end;
    while (begin > 0 && errors->text[begin - 1] != '\n')
        begin--;
    snprintf(line, size, "%.*s", (int)(end - begin), errors->text ? errors->text + begin : "");
    for (char *c = line; *c; c++)
        if ((unsigned char)*c < ' ' || (unsigned char)*c > '~')
            *c = '?';
}

static void explain(struct spawn_result *result, int status, bool timed_out, double timeout,
                    const struct stream *errors)
{
    char line[200], what[160];
    last_line(errors, line, sizeof line);
    result->ended_well = !timed_out && WIFEXITED(status) && WEXITSTATUS(status) == 0;
    if (timed_out)
        snprintf(what, sizeof what, "killed after its time limit of %g s", timeout);
    else if (WIFSIGNALED(status))
        snprintf(what, sizeof what, "killed by signal %d (%s)", WTERMSIG(status),
                 strsignal(WTERMSIG(status)));
    else
        snprintf(what, sizeof what, "ended with status %d", WEXITSTATUS(status));
    snprintf(result->reason, sizeof result->reason, "%s%s%s", what, *line ? ": " : "", line);
}

static bool run_child(const struct spawn_request *request, bool report_on_stdout,
                      struct spawn_result *result, struct error *error)
{
    int report[2], errors[2];
    memset(result, 0, sizeof *result);
    if (pipe2(report, O_CLOEXEC) != 0)
        return error_set(error, "no pipe: %s", strerror(errno));
    if (pipe2(errors, O_CLOEXEC) != 0) {
        error_set(error, "no pipe: %s", strerror(errno));
        close(report[0]);
        close(report[1]);
        return false;
    }
    char **environment = make_environment(request);
    uint64_t begin = now_ns();
    uint64_t deadline = begin + (uint64_t)(request->timeout * 1e9);
    pid_t child = environment ? fork() : -1;
    if (child == 0)
        become(request, environment, report[1], errors[1], report_on_stdout);
    int reason = errno;
    if (environment)
        for (size_t i = 0; environment[i]; i++)
            if (strncmp(environment[i], "APPORTION_PADDING=", 18) == 0 ||
                (request->preload && strncmp(environment[i], "LD_PRELOAD=", 11) == 0))
                free(environment[i]);
    free(environment);
    close(report[1]);
    close(errors[1]);
    if (child < 0) {
        close(report[0]);
        close(errors[0]);
        return error_set(error, "cannot start a process: %s", strerror(reason));
    }

    struct stream streams[2] = {{report[0], NULL, 0, REPORT_MAX}, {errors[0], NULL, 0, ERRORS_MAX}};
    bool timed_out = false;
    while (streams[0].descriptor >= 0 || streams[1].descriptor >= 0) {
        struct pollfd waits[2] = {{streams[0].descriptor, POLLIN, 0},
                                  {streams[1].descriptor, POLLIN, 0}};
        uint64_t now = now_ns();
        if (spawn_stop_signal)
            result->interrupted = true;
        if (now >= deadline)
            timed_out = true;
        if (timed_out || result->interrupted)
            break;
        poll(waits, 2, (int)((deadline - now) / 1000000) + 1);
        for (unsigned i = 0; i < 2; i++)
            if (streams[i].descriptor >= 0 && waits[i].revents)
                drain(&streams[i]);
    }
    /* The whole group: a runner may have children. Its streams have ended, or it must end now. */
    if (timed_out || result->interrupted)
        kill(-child, SIGKILL);
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        if (spawn_stop_signal)
            kill(-child, SIGKILL);
    kill(-child, SIGKILL); /* whatever it left behind */
    for (unsigned i = 0; i < 2; i++)
        if (streams[i].descriptor >= 0)
            close(streams[i].descriptor);
    result->wall_ns = now_ns() - begin;
    explain(result, status, timed_out, request->timeout, &streams[1]);
    result->report = streams[0].text ? streams[0].text : calloc(1, 1);
    result->report_size = streams[0].length;
    free(streams[1].text);
    return result->report != NULL || error_set(error, "no memory");
}

bool spawn(const struct spawn_request *request, struct spawn_result *result, struct error *error)
{
    return run_child(request, false, result, error);
}

bool spawn_output(char *const *arguments, double timeout, char **text, struct error *error)
{
    struct spawn_request request = {.arguments = arguments, .timeout = timeout};
    struct spawn_result result;
    if (!run_child(&request, true, &result, error))
        return false;
    if (!result.ended_well) {
        error_set(error, "%s %s", arguments[0], result.reason);
        free(result.report);
        return false;
    }
    *text = result.report;
    return true;
}
