/**
 * The part of PKCS#11 v2.40 that the host uses, as the synchronous calls of the addon offer it.
 * The numbers are those of pkcs11t.h. They stay in this folder.
 */
export interface Version {
  readonly major: number
  readonly minor: number
}

export interface Attribute {
  type: number
  value?: number | boolean | Buffer
}

export interface TokenInfo {
  readonly label: string
  readonly manufacturerID: string
  readonly model: string
  readonly serialNumber: string
  readonly flags: number
  readonly minPinLen: number
  readonly maxPinLen: number
  readonly hardwareVersion: Version
  readonly firmwareVersion: Version
}

/** Handles are opaque buffers. Every call throws; `readCkr` in `ckr.ts` reads what was thrown. */
export interface Cryptoki {
  /** Null without an event, which the blocking form never gives. */
  C_WaitForSlotEvent(flags: number): Buffer | null
  C_GetInfo(): { libraryDescription: string; manufacturerID: string; libraryVersion: Version }
  C_GetSlotList(tokenPresent: boolean): Buffer[]
  C_GetSlotInfo(slot: Buffer): { slotDescription: string; flags: number }
  C_GetTokenInfo(slot: Buffer): TokenInfo
  C_GetMechanismList(slot: Buffer): number[]
  C_GetMechanismInfo(slot: Buffer, mechanism: number): { flags: number }
  C_OpenSession(slot: Buffer, flags: number): Buffer
  C_CloseSession(session: Buffer): void
  C_Login(session: Buffer, userType: number, pin: string): void
  C_Logout(session: Buffer): void
  C_SetPIN(session: Buffer, oldPin: string, newPin: string): void
  C_FindObjectsInit(session: Buffer, template: Attribute[]): void
  C_FindObjects(session: Buffer, maximum: number): Buffer[]
  C_FindObjectsFinal(session: Buffer): void
  C_GetAttributeValue(session: Buffer, object: Buffer, template: Attribute[]): { value: Buffer }[]
  C_GenerateKeyPair(
    session: Buffer,
    mechanism: { mechanism: number },
    publicKey: Attribute[],
    privateKey: Attribute[],
  ): { publicKey: Buffer; privateKey: Buffer }
  C_CreateObject(session: Buffer, template: Attribute[]): Buffer
  C_DestroyObject(session: Buffer, object: Buffer): void
  C_SignInit(session: Buffer, mechanism: { mechanism: number }, key: Buffer): void
  C_Sign(session: Buffer, data: Buffer, signature: Buffer): Buffer
}

export const CKF_TOKEN_PRESENT = 0x1
export const CKF_RW_SESSION = 0x2
export const CKF_SERIAL_SESSION = 0x4
/** Without it 27 of 30 runs with several sessions crashed, and p11-kit refuses to start. */
export const CKF_OS_LOCKING_OK = 0x2
export const CKF_USER_PIN_INITIALIZED = 0x8
export const CKF_PROTECTED_AUTHENTICATION_PATH = 0x100
export const CKF_TOKEN_INITIALIZED = 0x400
export const CKF_USER_PIN_COUNT_LOW = 0x10000
export const CKF_USER_PIN_FINAL_TRY = 0x20000
export const CKF_USER_PIN_LOCKED = 0x40000
export const CKF_USER_PIN_TO_BE_CHANGED = 0x80000
/** Of CK_MECHANISM_INFO. */
export const CKF_SIGN = 0x800

export const CKU_USER = 1
export const CKU_CONTEXT_SPECIFIC = 2

export const CKO_CERTIFICATE = 1
export const CKO_PRIVATE_KEY = 3
export const CKK_RSA = 0

export const CKC_X_509 = 0
export const CKM_RSA_PKCS_KEY_PAIR_GEN = 0x0

export const CKA_CLASS = 0x0
export const CKA_TOKEN = 0x1
export const CKA_PRIVATE = 0x2
export const CKA_LABEL = 0x3
export const CKA_VALUE = 0x11
export const CKA_CERTIFICATE_TYPE = 0x80
export const CKA_ISSUER = 0x81
export const CKA_SERIAL_NUMBER = 0x82
export const CKA_KEY_TYPE = 0x100
export const CKA_SUBJECT = 0x101
export const CKA_ID = 0x102
export const CKA_SENSITIVE = 0x103
export const CKA_SIGN = 0x108
export const CKA_VERIFY = 0x10a
export const CKA_MODULUS = 0x120
export const CKA_MODULUS_BITS = 0x121
export const CKA_PUBLIC_EXPONENT = 0x122
export const CKA_EXTRACTABLE = 0x162
export const CKA_ALWAYS_AUTHENTICATE = 0x202
