import type { TokenCertificate } from '../token.js'
import * as p11 from './cryptoki.js'

const BATCH = 32

export function findObjects(cryptoki: p11.Cryptoki, session: Buffer, template: p11.Attribute[]): Buffer[] {
  cryptoki.C_FindObjectsInit(session, template)
  const found: Buffer[] = []
  for (;;) {
    const batch = cryptoki.C_FindObjects(session, BATCH)
    found.push(...batch)
    if (batch.length < BATCH) break
  }
  cryptoki.C_FindObjectsFinal(session)
  return found
}

/** One attribute; undefined when the object has none or does not show it. Asked one by one, because
 * a single sensitive attribute fails the whole C_GetAttributeValue. */
export function readAttribute(
  cryptoki: p11.Cryptoki,
  session: Buffer,
  object: Buffer,
  type: number,
): Buffer | undefined {
  try {
    return cryptoki.C_GetAttributeValue(session, object, [{ type }])[0]?.value
  } catch {
    return undefined
  }
}

export function readCertificates(cryptoki: p11.Cryptoki, session: Buffer): TokenCertificate[] {
  const objects = findObjects(cryptoki, session, [{ type: p11.CKA_CLASS, value: p11.CKO_CERTIFICATE }])
  return objects.flatMap((object) => {
    const der = readAttribute(cryptoki, session, object, p11.CKA_VALUE)
    if (der === undefined || der.length === 0) return []
    const id = readAttribute(cryptoki, session, object, p11.CKA_ID)
    const label = readAttribute(cryptoki, session, object, p11.CKA_LABEL)
    return {
      keyId: id?.toString('hex') ?? '',
      label: label?.toString('utf8') ?? '',
      der: new Uint8Array(der),
    }
  })
}
