/*
 * A library that lies about its slots, its flags and its signatures. Faults beside those of forwarding.h:
 *   wrong-signature    flips a bit of every signature
 *   show-flags:HEX     C_GetTokenInfo shows these flags in addition
 *   hide-flags:HEX     C_GetTokenInfo hides these flags
 *   no-slots           every slot is gone from the list; sessions go on
 *   slots:N            shows the first token N times, under serials of their own
 *   no-rsa-pkcs        CKM_RSA_PKCS is not offered
 * In calls the name of C_Sign is followed by its input in hex.
 */
#include "forwarding.h"

#include <stdio.h>
#include <string.h>

/* Above every slot number of SoftHSM, which makes 31 bits of the serial number, and of OpenSC. */
#define FIRST_COPY 0x80000000ul
#define MOST_SLOTS 256

static CK_FUNCTION_LIST own;

static CK_SLOT_ID first_token(void) {
  CK_SLOT_ID slots[MOST_SLOTS];
  CK_ULONG count = MOST_SLOTS;
  if (target->C_GetSlotList(CK_TRUE, slots, &count) != CKR_OK) return 0;
  for (CK_ULONG i = 0; i < count; i++) {
    CK_TOKEN_INFO info;
    if (target->C_GetTokenInfo(slots[i], &info) == CKR_OK && (info.flags & CKF_TOKEN_INITIALIZED)) return slots[i];
  }
  return 0;
}

static CK_SLOT_ID behind(CK_SLOT_ID slot) { return slot >= FIRST_COPY ? first_token() : slot; }

static CK_RV initialize(CK_VOID_PTR arguments) {
  ENTER("C_Initialize");
  return target->C_Initialize(arguments);
}

static CK_RV get_slot_list(CK_BBOOL present, CK_SLOT_ID_PTR slots, CK_ULONG_PTR count) {
  ENTER("C_GetSlotList");
  CK_ULONG room = *count, copies = number_of_fault("slots", 10);
  if (fault("no-slots")) {
    *count = 0;
    return CKR_OK;
  }
  if (copies == 0) return target->C_GetSlotList(present, slots, count);
  *count = copies;
  if (slots == NULL) return CKR_OK;
  if (room < copies) return CKR_BUFFER_TOO_SMALL;
  slots[0] = first_token();
  for (CK_ULONG i = 1; i < copies; i++) slots[i] = FIRST_COPY + i;
  return CKR_OK;
}

static CK_RV get_slot_info(CK_SLOT_ID slot, CK_SLOT_INFO_PTR info) {
  ENTER("C_GetSlotInfo");
  if (fault("no-slots")) return CKR_SLOT_ID_INVALID;
  return target->C_GetSlotInfo(behind(slot), info);
}

static CK_RV get_token_info(CK_SLOT_ID slot, CK_TOKEN_INFO_PTR info) {
  ENTER("C_GetTokenInfo");
  if (fault("no-slots")) return CKR_SLOT_ID_INVALID;
  CK_RV rv = target->C_GetTokenInfo(behind(slot), info);
  if (rv != CKR_OK) return rv;
  info->flags |= number_of_fault("show-flags", 16);
  info->flags &= ~number_of_fault("hide-flags", 16);
  if (slot >= FIRST_COPY) {
    char serial[32];
    snprintf(serial, sizeof serial, "copy%012lu", (unsigned long)(slot - FIRST_COPY));
    memcpy(info->serialNumber, serial, sizeof info->serialNumber);
  }
  return CKR_OK;
}

static CK_RV get_mechanism_list(CK_SLOT_ID slot, CK_MECHANISM_TYPE_PTR list, CK_ULONG_PTR count) {
  ENTER("C_GetMechanismList");
  return target->C_GetMechanismList(behind(slot), list, count);
}

static CK_RV get_mechanism_info(CK_SLOT_ID slot, CK_MECHANISM_TYPE type, CK_MECHANISM_INFO_PTR info) {
  ENTER("C_GetMechanismInfo");
  if (type == CKM_RSA_PKCS && fault("no-rsa-pkcs")) return CKR_MECHANISM_INVALID;
  return target->C_GetMechanismInfo(behind(slot), type, info);
}

static CK_RV open_session(CK_SLOT_ID slot, CK_FLAGS flags, CK_VOID_PTR application, CK_NOTIFY notify,
                          CK_SESSION_HANDLE_PTR session) {
  ENTER("C_OpenSession");
  return target->C_OpenSession(behind(slot), flags, application, notify, session);
}

static CK_RV login(CK_SESSION_HANDLE session, CK_USER_TYPE user, CK_UTF8CHAR_PTR pin, CK_ULONG length) {
  ENTER("C_Login");
  return target->C_Login(session, user, pin, length);
}

static CK_RV find_objects(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE_PTR found, CK_ULONG most, CK_ULONG_PTR count) {
  ENTER("C_FindObjects");
  return target->C_FindObjects(session, found, most, count);
}

static CK_RV get_attribute_value(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_PTR wanted,
                                 CK_ULONG count) {
  ENTER("C_GetAttributeValue");
  return target->C_GetAttributeValue(session, object, wanted, count);
}

static CK_RV sign_init(CK_SESSION_HANDLE session, CK_MECHANISM_PTR mechanism, CK_OBJECT_HANDLE key) {
  ENTER("C_SignInit");
  return target->C_SignInit(session, mechanism, key);
}

static CK_RV sign(CK_SESSION_HANDLE session, CK_BYTE_PTR data, CK_ULONG length, CK_BYTE_PTR signature,
                  CK_ULONG_PTR size) {
  note("C_Sign", data, length);
  CK_RV told = enter("C_Sign");
  if (told != CKR_OK) return told;
  CK_RV rv = target->C_Sign(session, data, length, signature, size);
  if (rv == CKR_OK && signature != NULL && *size > 0 && fault("wrong-signature")) signature[*size / 2] ^= 1;
  return rv;
}

CK_RV C_GetFunctionList(CK_FUNCTION_LIST_PTR_PTR list) {
  if (load_target(&own) != CKR_OK) return CKR_GENERAL_ERROR;
  own.C_Initialize = initialize;
  own.C_GetSlotList = get_slot_list;
  own.C_GetSlotInfo = get_slot_info;
  own.C_GetTokenInfo = get_token_info;
  own.C_GetMechanismList = get_mechanism_list;
  own.C_GetMechanismInfo = get_mechanism_info;
  own.C_OpenSession = open_session;
  own.C_Login = login;
  own.C_FindObjects = find_objects;
  own.C_GetAttributeValue = get_attribute_value;
  own.C_SignInit = sign_init;
  own.C_Sign = sign;
  *list = &own;
  return CKR_OK;
}
