/*
 * A library that behaves like one with a reader: slots change, tell of it, and the PIN is typed on a pad.
 * Faults beside those of forwarding.h:
 *   slot-offset:HEX      number added to every slot id
 *   typed:PIN            what a person types on the pad when C_Login gets an empty PIN
 *   no-pad               an empty PIN is refused with CKR_ARGUMENTS_BAD
 *   logins-allowed:HEX   once so many C_Login stand in calls, CKR_PIN_INCORRECT is the answer
 *   endless-events       C_WaitForSlotEvent tells of one at once, each time
 * A C_Login with CKU_CONTEXT_SPECIFIC has the name "C_Login for one signature", a C_Sign "C_Sign in PID".
 * C_WaitForSlotEvent returns whenever the length of the file events in FORWARDING_FOLDER changes; without the
 * file there are no slot events.
 */
#include "forwarding.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static CK_FUNCTION_LIST own;

static unsigned long noted(const char *call) {
  char line[256];
  unsigned long count = 0;
  FILE *file = fopen(path_in_folder("calls"), "r");
  if (file == NULL) return 0;
  while (fgets(line, sizeof line, file) != NULL) count += strncmp(line, call, strlen(call)) == 0;
  fclose(file);
  return count;
}

static CK_RV login(CK_SESSION_HANDLE session, CK_USER_TYPE user, CK_UTF8CHAR_PTR pin, CK_ULONG length) {
  unsigned long before = noted("C_Login");
  const char *call = user == CKU_CONTEXT_SPECIFIC ? "C_Login for one signature" : "C_Login";
  ENTER(call);
  if (fault("logins-allowed") && before >= number_of_fault("logins-allowed", 16)) return CKR_PIN_INCORRECT;
  if (length > 0) return target->C_Login(session, user, pin, length);
  if (fault("no-pad")) return CKR_ARGUMENTS_BAD;
  const char *typed = fault("typed");
  return target->C_Login(session, user, (CK_UTF8CHAR_PTR)typed, typed ? strlen(typed) : 0);
}

static CK_RV set_pin(CK_SESSION_HANDLE session, CK_UTF8CHAR_PTR old, CK_ULONG old_length,
                     CK_UTF8CHAR_PTR new, CK_ULONG new_length) {
  ENTER("C_SetPIN");
  return target->C_SetPIN(session, old, old_length, new, new_length);
}

static long event_length(void) {
  struct stat events;
  return stat(path_in_folder("events"), &events) == 0 ? (long)events.st_size : -1;
}

static CK_RV wait_for_slot_event(CK_FLAGS flags, CK_SLOT_ID_PTR slot, CK_VOID_PTR reserved) {
  static long seen = -1;
  (void)reserved;
  ENTER("C_WaitForSlotEvent");
  if (fault("endless-events")) {
    *slot = 0;
    return CKR_OK;
  }
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

static CK_SLOT_ID slot_offset(void) { return number_of_fault("slot-offset", 16); }

static CK_RV get_slot_list(CK_BBOOL present, CK_SLOT_ID_PTR slots, CK_ULONG_PTR count) {
  ENTER("C_GetSlotList");
  CK_RV rv = target->C_GetSlotList(present, slots, count);
  for (CK_ULONG i = 0; rv == CKR_OK && slots != NULL && i < *count; i++) slots[i] += slot_offset();
  return rv;
}

static CK_RV get_slot_info(CK_SLOT_ID slot, CK_SLOT_INFO_PTR info) {
  return target->C_GetSlotInfo(slot - slot_offset(), info);
}

static CK_RV get_token_info(CK_SLOT_ID slot, CK_TOKEN_INFO_PTR info) {
  CK_RV rv = target->C_GetTokenInfo(slot - slot_offset(), info);
  if (rv == CKR_OK && (fault("typed") || fault("no-pad"))) info->flags |= CKF_PROTECTED_AUTHENTICATION_PATH;
  return rv;
}

static CK_RV get_mechanism_list(CK_SLOT_ID slot, CK_MECHANISM_TYPE_PTR list, CK_ULONG_PTR count) {
  return target->C_GetMechanismList(slot - slot_offset(), list, count);
}

static CK_RV get_mechanism_info(CK_SLOT_ID slot, CK_MECHANISM_TYPE type, CK_MECHANISM_INFO_PTR info) {
  return target->C_GetMechanismInfo(slot - slot_offset(), type, info);
}

static CK_RV open_session(CK_SLOT_ID slot, CK_FLAGS flags, CK_VOID_PTR application, CK_NOTIFY notify,
                          CK_SESSION_HANDLE_PTR session) {
  return target->C_OpenSession(slot - slot_offset(), flags, application, notify, session);
}

static CK_RV sign(CK_SESSION_HANDLE session, CK_BYTE_PTR data, CK_ULONG length, CK_BYTE_PTR signature,
                  CK_ULONG_PTR size) {
  char line[64];
  snprintf(line, sizeof line, "C_Sign in %d", (int)getpid());
  note(line, NULL, 0);
  CK_RV told = enter("C_Sign");
  if (told != CKR_OK) return told;
  return target->C_Sign(session, data, length, signature, size);
}

CK_RV C_GetFunctionList(CK_FUNCTION_LIST_PTR_PTR list) {
  if (load_target(&own) != CKR_OK) return CKR_GENERAL_ERROR;
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
