/* sftp-server that is gone before it can answer a rename: done (RENAME_AND_DIE=after) or not (=before). */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int rename(const char *from, const char *to)
{
    int (*next)(const char *, const char *) = dlsym(RTLD_NEXT, "rename");
    const char *when = getenv("RENAME_AND_DIE");
    if (when != NULL && strcmp(when, "after") == 0)
        next(from, to);
    _exit(1);
}
