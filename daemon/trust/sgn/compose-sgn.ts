import { type ComposeSgnRequest, composeSgnFile } from '../../ctl/compose-sgn.js'
import { CtlError } from '../../ctl/ctl-error.js'
import type { UnsignedSgn } from '../../ctl/sgn-file.js'
import { readCertificate } from '../certificate/certificate.js'
import { certutilsSgnName, cucmName } from '../certificate/distinguished-name.js'
import { serialNumber } from '../certificate/serial-number.js'

export type SgnRequest = Omit<ComposeSgnRequest, 'signer'> & {
  /** The signer's certificate, DER. */
  readonly certificate: Uint8Array
}

/** A signed-file draft for the holder of a certificate. Throws CtlError, as `composeSgnFile` does. */
export function composeSgn({ certificate, ...request }: SgnRequest): UnsignedSgn {
  const { key, subjectName, issuerName, serialBytes } = readCertificate(certificate)
  if (key.type !== 'rsa' || key.bits % 8 !== 0) {
    const kind = key.type === 'rsa' ? `RSA of ${key.bits} bits` : `a key of type ${key.type}`
    throw new CtlError('CTL_SIGNER_KEY_UNSUPPORTED', `A configuration file cannot be signed with ${kind}.`)
  }
  const write = request.layout === 'certutils' ? certutilsSgnName : cucmName
  return composeSgnFile({
    ...request,
    signer: {
      name: write(subjectName),
      issuer: write(issuerName),
      serial: serialNumber(serialBytes),
      modulusBytes: key.bits / 8,
    },
  })
}
