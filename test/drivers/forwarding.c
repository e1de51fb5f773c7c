#include "forwarding.h"

#include <dlfcn.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

CK_FUNCTION_LIST_PTR target;

CK_RV load_target(CK_FUNCTION_LIST_PTR own) {
  const char *path = getenv("FORWARDING_TARGET");
  void *library = path ? dlopen(path, RTLD_NOW | RTLD_LOCAL) : NULL;
  if (library == NULL) return CKR_GENERAL_ERROR;
  CK_C_GetFunctionList get = (CK_C_GetFunctionList)dlsym(library, "C_GetFunctionList");
  if (get == NULL || get(&target) != CKR_OK) return CKR_GENERAL_ERROR;
  *own = *target;
  return CKR_OK;
}

const char *path_in_folder(const char *name) {
  static __thread char path[4096];
  const char *folder = getenv("FORWARDING_FOLDER");
  snprintf(path, sizeof path, "%s/%s", folder ? folder : "/nonexistent", name);
  return path;
}

const char *fault(const char *name) {
  static __thread char line[256];
  FILE *file = fopen(path_in_folder("faults"), "r");
  if (file == NULL) return NULL;
  const char *value = NULL;
  size_t length = strlen(name);
  while (value == NULL && fgets(line, sizeof line, file) != NULL) {
    line[strcspn(line, "\r\n")] = 0;
    if (strncmp(line, name, length) != 0) continue;
    const char *rest = line + length;
    if (*rest == 0) value = rest;
    if (*rest == ':') value = rest + 1;
  }
  fclose(file);
  return value;
}

static unsigned long number(const char *text, int base) { return text ? strtoul(text, NULL, base) : 0; }

unsigned long number_of_fault(const char *name, int base) { return number(fault(name), base); }

static const char *fault_of(const char *kind, const char *call) {
  char name[96];
  snprintf(name, sizeof name, "%s:%s", kind, call);
  return fault(name);
}

void note(const char *call, CK_BYTE_PTR bytes, CK_ULONG count) {
  FILE *file = fopen(path_in_folder("calls"), "a");
  if (file == NULL) return;
  fprintf(file, "%s", call);
  for (CK_ULONG i = 0; i < count; i++) fprintf(file, "%s%02x", i ? "" : " ", bytes[i]);
  fprintf(file, "\n");
  fclose(file);
}

void crash_if_told(const char *call) {
  if (fault_of("crash", call) == NULL) return;
  signal(SIGSEGV, SIG_DFL);
  *(volatile char *)0 = 0;
}

CK_RV enter(const char *call) {
  while (fault_of("hang", call)) usleep(10000);
  usleep((useconds_t)number(fault_of("slow", call), 10) * 1000);
  crash_if_told(call);
  return number(fault_of("answer", call), 16);
}
