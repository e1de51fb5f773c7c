/** Tag numbers of the header. Source: `show ctl`, TAC 118893; 28: certutils. */
export const headerTag = {
  version: 1,
  headerLength: 2,
  signerId: 3,
  signerName: 4,
  serialNumber: 5,
  caName: 6,
  signatureInfo: 7,
  digestAlgorithm: 8,
  signatureAlgoInfo: 9,
  signatureAlgorithm: 10,
  signatureModulus: 11,
  signature: 12,
  padding: 13,
  fileName: 14,
  timestamp: 15,
  signerVersion: 28,
} as const

/**
 * Header tags of an encrypted configuration file, `.cnf.xml.enc.sgn`. Evidence: certutils, which writes them
 * with version 2.0. Their values are not read here.
 */
export const encryptionTags: ReadonlySet<number> = new Set(
  Array.from({ length: 12 }, (_, index) => 16 + index),
)

/** Tag numbers of a record. Source: `show ctl`, TAC 118893; 11 and 12: certutils. */
export const recordTag = {
  recordLength: 1,
  dnsName: 2,
  subjectName: 3,
  function: 4,
  issuerName: 5,
  serialNumber: 6,
  publicKey: 7,
  signature: 8,
  certificate: 9,
  ipAddress: 10,
  certificateHash: 11,
  hashAlgorithm: 12,
} as const

/** Header tags as `show ctl` names them. The two misspelt ones are Cisco's spelling. */
export const headerTagNames: ReadonlyMap<number, string> = new Map([
  [1, 'VERSION'],
  [2, 'HEADERLENGTH'],
  [3, 'SIGNERID'],
  [4, 'SIGNERNAME'],
  [5, 'SERIALNUMBER'],
  [6, 'CANAME'],
  [7, 'SIGNATUREINFO'],
  [8, 'DIGESTALGORTITHM'],
  [9, 'SIGNATUREALGOINFO'],
  [10, 'SIGNATUREALGORTITHM'],
  [11, 'SIGNATUREMODULUS'],
  [12, 'SIGNATURE'],
  [13, 'PADDING'],
  [14, 'FILENAME'],
  [15, 'TIMESTAMP'],
  [28, 'SIGNERVERSION'],
])

/** Record tags as `show ctl` names them. */
export const recordTagNames: ReadonlyMap<number, string> = new Map([
  [1, 'RECORDLENGTH'],
  [2, 'DNSNAME'],
  [3, 'SUBJECTNAME'],
  [4, 'FUNCTION'],
  [5, 'ISSUERNAME'],
  [6, 'SERIALNUMBER'],
  [7, 'PUBLICKEY'],
  [8, 'SIGNATURE'],
  [9, 'CERTIFICATE'],
  [10, 'IPADDRESS'],
  [11, 'CERTIFICATEHASH'],
  [12, 'HASHALGORITHM'],
])

/** The role of a record whose certificate may sign a CTL: System Administrator Security Token. */
export const SAST = 0

/** The roles whose certificate signs files of TFTP. */
export const TFTP_ROLES: readonly number[] = [2, 3]

/** Role numbers of FUNCTION with the names `show ctl` prints. */
export const ctlFunctions: ReadonlyMap<number, string> = new Map([
  [SAST, 'System Administrator Security Token'],
  [1, 'CCM'],
  [2, 'CCM+TFTP'],
  [3, 'TFTP'],
  [4, 'CAPF'],
  [5, 'SRST'],
  [6, 'FIREWALL'],
  [7, 'APP-SERVER'],
  [20, 'CA'],
  [21, 'TVS'],
  [22, 'SIGNALING_CALL_CONTROL'],
  [23, 'PROVISIONING_SERVICE'],
  [24, 'DATA_SERVICE'],
  [25, 'NETWORK_ELEMENT'],
  [26, 'VPN'],
  [27, 'SERVICEABILITY'],
  [255, 'UNKNOWN'],
])

/** The name of a role; a number nobody documents is shown as such. */
export function functionName(role: number): string {
  return ctlFunctions.get(role) ?? `UNKNOWN (${role})`
}

export type CtlDigest = 'sha1' | 'sha256' | 'sha512'

/** DIGESTALGORTITHM: code to digest. */
export const digestCodes: ReadonlyMap<number, CtlDigest> = new Map([
  [1, 'sha1'],
  [2, 'sha256'],
  [3, 'sha512'],
])

/** SIGNATUREALGORTITHM: the only code anybody has seen, RSA with PKCS#1 v1.5. */
export const RSA_SIGNATURE = 0

/** SIGNATUREMODULUS: code to length of the signature in bytes. */
export const modulusCodes: ReadonlyMap<number, number> = new Map([
  [0, 64],
  [1, 128],
  [2, 256],
  [3, 512],
])
