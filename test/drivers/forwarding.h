/*
 * What the PKCS#11 libraries of the tests share: each stands in front of another library, forwards its calls,
 * writes them down and misbehaves as it is told, also while a process runs. Environment:
 *   FORWARDING_TARGET  the library behind
 *   FORWARDING_FOLDER  a folder with
 *     calls    one line per call (written here)
 *     faults   read at every call; lines that all the libraries know, where CALL is a name as in calls:
 *       hang:CALL          hangs while the line is there
 *       slow:CALL:MS       takes so many milliseconds more
 *       crash:CALL         writes to address zero
 *       answer:CALL:HEX    gives this CK_RV without asking the library behind
 */
#ifndef FORWARDING_H
#define FORWARDING_H

#include "pkcs11.h"

/* The functions of the library behind. */
extern CK_FUNCTION_LIST_PTR target;

/* Loads the library behind and fills `own` with its functions, which the caller then replaces. */
CK_RV load_target(CK_FUNCTION_LIST_PTR own);

const char *path_in_folder(const char *name);

/* The value of the line `NAME` or `NAME:VALUE`: "" without one, NULL when there is no such line. */
const char *fault(const char *name);
unsigned long number_of_fault(const char *name, int base);

void note(const char *call, CK_BYTE_PTR bytes, CK_ULONG count);
void crash_if_told(const char *call);

/* Hangs, waits or crashes as told; the answer is CKR_OK when the library behind is to be asked. */
CK_RV enter(const char *call);

#define ENTER(call) \
  do { \
    note(call, NULL, 0); \
    CK_RV told = enter(call); \
    if (told != CKR_OK) return told; \
  } while (0)

#endif
