import { createHash } from 'node:crypto'
import { hex } from '../../ctl/bytes.js'
import { headerLength } from '../../ctl/ctl-field.js'
import { digestOf, fileNameOf, modulusBytesOf, signerIdOf, timestampOf } from '../../ctl/header-fields.js'
import { decodeSgnFile, encryptionOf } from '../../ctl/sgn-file.js'
import type { CtlDigest } from '../../ctl/tags.js'
import { decodeText } from '../../ctl/text.js'
import { isUnsigned } from '../../ctl/to-be-signed.js'

interface Hashed {
  /** Bytes. */
  readonly length: number
  readonly md5: string
  readonly sha1: string
  readonly sha256: string
}

/** A signed configuration file as plain data. Hashes are lower-case hex, times ISO 8601 in UTC. */
export interface SgnDescription extends Hashed {
  /** `1.0` */
  readonly version: string
  /** Bytes. */
  readonly headerLength: number
  readonly signer: { readonly name: string; readonly serial: string; readonly issuer: string }
  readonly digest: CtlDigest
  /** Bytes. */
  readonly signatureLength: number
  readonly unsigned: boolean
  readonly fileName?: string
  readonly timestamp?: string
  /** By what the payload is known to be encrypted. */
  readonly encrypted?: 'name' | 'header'
  readonly payload: Hashed
}

/** Throws CtlError when the bytes are no signed file. `name` is what the file is called. */
export function describeSgnFile(bytes: Uint8Array, name?: string): SgnDescription {
  const file = decodeSgnFile(bytes)
  const signer = signerIdOf(file)
  const fileName = fileNameOf(file)
  const timestamp = timestampOf(file)
  const encrypted = encryptionOf(file, name ?? fileName)
  return {
    ...hashed(bytes),
    version: `${file.version.major}.${file.version.minor}`,
    headerLength: headerLength(file),
    signer: {
      name: decodeText(signer.name),
      serial: hex(signer.serial, ':').toUpperCase(),
      issuer: decodeText(signer.issuer),
    },
    digest: digestOf(file),
    signatureLength: modulusBytesOf(file),
    unsigned: isUnsigned(file),
    ...(fileName !== undefined && { fileName }),
    ...(timestamp !== undefined && { timestamp: new Date(timestamp * 1000).toISOString() }),
    ...(encrypted !== undefined && { encrypted }),
    payload: hashed(file.payload),
  }
}

function hashed(bytes: Uint8Array): Hashed {
  const digest = (algorithm: string): string => createHash(algorithm).update(bytes).digest('hex')
  return { length: bytes.length, md5: digest('md5'), sha1: digest('sha1'), sha256: digest('sha256') }
}
