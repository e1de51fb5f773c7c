/*
 * A PKCS#11 library in front of another one. It writes down calls that matter and misbehaves on
 * demand. Environment: COUNTING_TARGET is the library behind it, COUNTING_FOLDER a folder with
 *   calls         one line per C_Login and C_Sign (written here)
 *   hang-NAME     C_Login, C_Sign or C_GetSlotList hangs while this file exists
 *   flags         hexadecimal flags that C_GetTokenInfo shows in addition
 *   login-result  hexadecimal CK_RV that C_Login gives without asking the library behind
 *   no-rsa-pkcs   CKM_RSA_PKCS is not offered while this file exists
 */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "pkcs11.h"

static CK_FUNCTION_LIST own;
static CK_FUNCTION_LIST_PTR target;

static const char *path_of(const char *name) {
  static char path[4096];
  const char *folder = getenv("COUNTING_FOLDER");
  snprintf(path, sizeof path, "%s/%s", folder ? folder : "/nonexistent", name);
  return path;
}

static void hang_while_told(const char *name) {
  char file[64];
  snprintf(file, sizeof file, "hang-%s", name);
  while (access(path_of(file), F_OK) == 0) usleep(10000);
}

static unsigned long number_in(const char *name) {
  unsigned long value = 0;
  FILE *file = fopen(path_of(name), "r");
  if (file == NULL) return 0;
  if (fscanf(file, "%lx", &value) != 1) value = 0;
  fclose(file);
  return value;
}

static void note(const char *call, CK_BYTE_PTR bytes, CK_ULONG count) {
  FILE *file = fopen(path_of("calls"), "a");
  if (file == NULL) return;
  fprintf(file, "%s", call);
  for (CK_ULONG i = 0; i < count; i++) fprintf(file, "%s%02x", i ? "" : " ", bytes[i]);
  fprintf(file, "\n");
  fclose(file);
}

static CK_RV login(CK_SESSION_HANDLE session, CK_USER_TYPE user, CK_UTF8CHAR_PTR pin, CK_ULONG length) {
  note("C_Login", NULL, 0);
  hang_while_told("C_Login");
  CK_RV told = number_in("login-result");
  return told ? told : target->C_Login(session, user, pin, length);
}

static CK_RV sign(CK_SESSION_HANDLE session, CK_BYTE_PTR data, CK_ULONG length, CK_BYTE_PTR signature,
                  CK_ULONG_PTR size) {
  note("C_Sign", data, length);
  hang_while_told("C_Sign");
  return target->C_Sign(session, data, length, signature, size);
}

static CK_RV get_slot_list(CK_BBOOL present, CK_SLOT_ID_PTR slots, CK_ULONG_PTR count) {
  hang_while_told("C_GetSlotList");
  return target->C_GetSlotList(present, slots, count);
}

static CK_RV get_token_info(CK_SLOT_ID slot, CK_TOKEN_INFO_PTR info) {
  CK_RV rv = target->C_GetTokenInfo(slot, info);
  if (rv == CKR_OK) info->flags |= number_in("flags");
  return rv;
}

static CK_RV get_mechanism_info(CK_SLOT_ID slot, CK_MECHANISM_TYPE type, CK_MECHANISM_INFO_PTR info) {
  if (type == CKM_RSA_PKCS && access(path_of("no-rsa-pkcs"), F_OK) == 0) return CKR_MECHANISM_INVALID;
  return target->C_GetMechanismInfo(slot, type, info);
}

CK_RV C_GetFunctionList(CK_FUNCTION_LIST_PTR_PTR list) {
  void *library = dlopen(getenv("COUNTING_TARGET"), RTLD_NOW | RTLD_LOCAL);
  if (library == NULL) return CKR_GENERAL_ERROR;
  CK_C_GetFunctionList get = (CK_C_GetFunctionList)dlsym(library, "C_GetFunctionList");
  if (get == NULL || get(&target) != CKR_OK) return CKR_GENERAL_ERROR;
  own = *target;
  own.C_Login = login;
  own.C_Sign = sign;
  own.C_GetSlotList = get_slot_list;
  own.C_GetTokenInfo = get_token_info;
  own.C_GetMechanismInfo = get_mechanism_info;
  *list = &own;
  return CKR_OK;
}
