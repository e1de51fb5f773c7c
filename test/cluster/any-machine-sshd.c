/* sshd started as root wants a system user of its own and /run/sshd, which only its package makes; and it may find the
 * account of whoever runs the tests locked, without a shell, or its password hidden from it. Here every machine looks
 * as if it were set up: nothing on it is changed. Loaded into sshd by LD_PRELOAD.
 *
 * TEST_SSHD_PASSWORD, where it is set, is the password of the user. */
#define _GNU_SOURCE
#include <crypt.h>
#include <dlfcn.h>
#include <errno.h>
#include <pwd.h>
#include <shadow.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char empty_folder[] = "/run/sshd";

static struct passwd *with_shell(struct passwd *found)
{
    if (found != NULL)
        found->pw_shell = "/bin/sh";
    return found;
}

struct passwd *getpwnam(const char *name)
{
    struct passwd *(*next)(const char *) = dlsym(RTLD_NEXT, "getpwnam");
    struct passwd *found = next(name);
    if (found == NULL && strcmp(name, "sshd") == 0) {
        static struct passwd nobody = {"sshd", "*", 65534, 65534, "", "/", "/bin/sh"};
        return &nobody;
    }
    return with_shell(found);
}

struct passwd *getpwuid(uid_t uid)
{
    struct passwd *(*next)(uid_t) = dlsym(RTLD_NEXT, "getpwuid");
    return with_shell(next(uid));
}

struct spwd *getspnam(const char *name)
{
    static struct spwd entry;
    static char hash[256];
    const char *password = getenv("TEST_SSHD_PASSWORD");
    memset(&entry, 0xff, sizeof entry);
    entry.sp_namp = (char *)name;
    entry.sp_pwdp = "*";
    if (password != NULL && hash[0] == '\0') {
        const char *made = crypt(password, "$6$ctlbridge$");
        if (made != NULL && strlen(made) < sizeof hash)
            strcpy(hash, made);
    }
    if (hash[0] != '\0')
        entry.sp_pwdp = hash;
    return &entry;
}

int stat(const char *restrict path, struct stat *restrict found)
{
    int (*next)(const char *, struct stat *) = dlsym(RTLD_NEXT, "stat");
    return next(strcmp(path, empty_folder) == 0 ? "/proc/self" : path, found);
}

int chroot(const char *path)
{
    int (*next)(const char *) = dlsym(RTLD_NEXT, "chroot");
    return strcmp(path, empty_folder) == 0 ? 0 : next(path);
}

/* sshd gives a terminal to the group tty, and ends where it may not. Where devpts is mounted without that group, only
 * root may; the terminal is the user's all the same. */
int chown(const char *path, uid_t owner, gid_t group)
{
    int (*next)(const char *, uid_t, gid_t) = dlsym(RTLD_NEXT, "chown");
    int result = next(path, owner, group);
    return result == -1 && errno == EPERM && strncmp(path, "/dev/pts/", 9) == 0 ? 0 : result;
}
