/*
 * A PKCS#11 library in front of another one, that behaves like one with a reader: slots change, the
 * PIN is typed on a pad, and now and then it crashes. Environment: READER_TARGET is the library behind
 * it, READER_FOLDER a folder with
 *   calls         one line per call that matters (written here)
 *   events        C_WaitForSlotEvent returns whenever the length of this file changes; without the file
 *                 there are no slot events
 *   wait-result   hexadecimal CK_RV that C_WaitForSlotEvent gives at once
 *   slot-offset   hexadecimal number added to every slot id
 *   typed         the PIN that a person types on the pad when C_Login or C_SetPIN gets an empty one
 *   no-pad        an empty PIN is refused with CKR_ARGUMENTS_BAD while this file exists
 *   context-result  hexadecimal CK_RV that a context-specific C_Login gives without asking further
 *   set-pin-result  hexadecimal CK_RV that C_SetPIN gives without asking further
 *   logins-allowed  hexadecimal; once so many C_Login stand in calls, CKR_PIN_INCORRECT is the answer
 *   crash-NAME    C_GetSlotList, C_Sign or C_WaitForSlotEvent crashes while this file exists
 */
#include <dlfcn.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pkcs11.h"

static CK_FUNCTION_LIST own;
static CK_FUNCTION_LIST_PTR target;

static const char *path_of(const char *name) {
  static char path[4096];
  const char *folder = getenv("READER_FOLDER");
  snprintf(path, sizeof path, "%s/%s", folder ? folder : "/nonexistent", name);
  return path;
}

static int exists(const char *name) { return access(path_of(name), F_OK) == 0; }

static unsigned long number_in(const char *name) {
  unsigned long value = 0;
  FILE *file = fopen(path_of(name), "r");
  if (file == NULL) return 0;
  if (fscanf(file, "%lx", &value) != 1) value = 0;
  fclose(file);
  return value;
}

static void note(const char *call) {
  FILE *file = fopen(path_of("calls"), "a");
  if (file == NULL) return;
  fprintf(file, "%s\n", call);
  fclose(file);
}

static unsigned long noted(const char *call) {
  char line[256];
  unsigned long count = 0;
  FILE *file = fopen(path_of("calls"), "r");
  if (file == NULL) return 0;
  while (fgets(line, sizeof line, file) != NULL) count += strncmp(line, call, strlen(call)) == 0;
  fclose(file);
  return count;
}

static void crash_if_told(const char *name) {
  char file[64];
  snprintf(file, sizeof file, "crash-%s", name);
  if (exists(file)) raise(SIGSEGV);
}

static size_t typed_pin(CK_UTF8CHAR *pin, size_t room) {
  FILE *file = fopen(path_of("typed"), "r");
  if (file == NULL) return 0;
  size_t length = fread(pin, 1, room, file);
  fclose(file);
  return length;
}

static CK_RV login(CK_SESSION_HANDLE session, CK_USER_TYPE user, CK_UTF8CHAR_PTR pin, CK_ULONG length) {
  unsigned long before = noted("C_Login");
  CK_UTF8CHAR typed[256];
  note(user == CKU_CONTEXT_SPECIFIC ? "C_Login for one signature" : "C_Login");
  if (exists("logins-allowed") && before >= number_in("logins-allowed")) return CKR_PIN_INCORRECT;
  if (user == CKU_CONTEXT_SPECIFIC && exists("context-result")) return number_in("context-result");
  if (length > 0) return target->C_Login(session, user, pin, length);
  if (exists("no-pad")) return CKR_ARGUMENTS_BAD;
  length = typed_pin(typed, sizeof typed);
  return target->C_Login(session, user, typed, length);
}

static CK_RV set_pin(CK_SESSION_HANDLE session, CK_UTF8CHAR_PTR old, CK_ULONG old_length,
                     CK_UTF8CHAR_PTR new, CK_ULONG new_length) {
  note("C_SetPIN");
  if (exists("set-pin-result")) return number_in("set-pin-result");
  return target->C_SetPIN(session, old, old_length, new, new_length);
}

static long event_length(void) {
  struct stat events;
  return stat(path_of("events"), &events) == 0 ? (long)events.st_size : -1;
}

static CK_RV wait_for_slot_event(CK_FLAGS flags, CK_SLOT_ID_PTR slot, CK_VOID_PTR reserved) {
  static long seen = -1;
  (void)reserved;
  note("C_WaitForSlotEvent");
  crash_if_told("C_WaitForSlotEvent");
  if (exists("wait-result")) return number_in("wait-result");
  if (event_length() < 0 || (flags & CKF_DONT_BLOCK)) return CKR_FUNCTION_NOT_SUPPORTED;
  if (seen < 0) seen = event_length();
  while (event_length() == seen) {
    crash_if_told("C_WaitForSlotEvent");
    usleep(10000);
  }
  seen = event_length();
  *slot = 0;
  return CKR_OK;
}

static CK_RV get_slot_list(CK_BBOOL present, CK_SLOT_ID_PTR slots, CK_ULONG_PTR count) {
  crash_if_told("C_GetSlotList");
  CK_RV rv = target->C_GetSlotList(present, slots, count);
  for (CK_ULONG i = 0; rv == CKR_OK && slots != NULL && i < *count; i++) slots[i] += number_in("slot-offset");
  return rv;
}

static CK_RV get_slot_info(CK_SLOT_ID slot, CK_SLOT_INFO_PTR info) {
  return target->C_GetSlotInfo(slot - number_in("slot-offset"), info);
}

static CK_RV get_token_info(CK_SLOT_ID slot, CK_TOKEN_INFO_PTR info) {
  CK_RV rv = target->C_GetTokenInfo(slot - number_in("slot-offset"), info);
  if (rv == CKR_OK && (exists("typed") || exists("no-pad"))) info->flags |= CKF_PROTECTED_AUTHENTICATION_PATH;
  return rv;
}

static CK_RV get_mechanism_list(CK_SLOT_ID slot, CK_MECHANISM_TYPE_PTR list, CK_ULONG_PTR count) {
  return target->C_GetMechanismList(slot - number_in("slot-offset"), list, count);
}

static CK_RV get_mechanism_info(CK_SLOT_ID slot, CK_MECHANISM_TYPE type, CK_MECHANISM_INFO_PTR info) {
  return target->C_GetMechanismInfo(slot - number_in("slot-offset"), type, info);
}

static CK_RV open_session(CK_SLOT_ID slot, CK_FLAGS flags, CK_VOID_PTR application, CK_NOTIFY notify,
                          CK_SESSION_HANDLE_PTR session) {
  return target->C_OpenSession(slot - number_in("slot-offset"), flags, application, notify, session);
}

static CK_RV sign(CK_SESSION_HANDLE session, CK_BYTE_PTR data, CK_ULONG length, CK_BYTE_PTR signature,
                  CK_ULONG_PTR size) {
  char line[64];
  snprintf(line, sizeof line, "C_Sign in %d", (int)getpid());
  note(line);
  crash_if_told("C_Sign");
  return target->C_Sign(session, data, length, signature, size);
}

CK_RV C_GetFunctionList(CK_FUNCTION_LIST_PTR_PTR list) {
  void *library = dlopen(getenv("READER_TARGET"), RTLD_NOW | RTLD_LOCAL);
  if (library == NULL) return CKR_GENERAL_ERROR;
  CK_C_GetFunctionList get = (CK_C_GetFunctionList)dlsym(library, "C_GetFunctionList");
  if (get == NULL || get(&target) != CKR_OK) return CKR_GENERAL_ERROR;
  own = *target;
  own.C_Login = login;
  own.C_SetPIN = set_pin;
  own.C_WaitForSlotEvent = wait_for_slot_event;
  own.C_GetSlotList = get_slot_list;
  own.C_GetSlotInfo = get_slot_info;
  own.C_GetTokenInfo = get_token_info;
  own.C_GetMechanismList = get_mechanism_list;
  own.C_GetMechanismInfo = get_mechanism_info;
  own.C_OpenSession = open_session;
  own.C_Sign = sign;
  *list = &own;
  return CKR_OK;
}
