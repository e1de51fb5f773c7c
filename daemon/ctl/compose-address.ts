import { isAllZero } from './bytes.js'
import { CtlError } from './ctl-error.js'
import { parseIpAddress } from './record-fields.js'
import type { RecordProfile } from './record-profiles.js'
import { recordTag, SAST } from './tags.js'
import { decodeText, encodeText } from './text.js'

/** How a server is called: what the caller asks for. */
export interface AddressRequest {
  /** Host name or IP address as text, without a NUL. */
  readonly dnsName?: string
  /** IPv4, 4 bytes. */
  readonly ipAddress?: Uint8Array
}

/** The two fields as they are written. Undefined where the profile leaves them out. */
export interface AddressFields {
  readonly dnsName: Uint8Array | undefined
  readonly ipAddress: Uint8Array | undefined
}

/** What the record that is copied says already. */
export interface OwnAddress {
  readonly dnsName?: Uint8Array | undefined
  readonly ipAddress?: Uint8Array | undefined
}

// What IPADDRESS holds in the record of a token is published nowhere; the caller may say otherwise.
const noAddress = Uint8Array.of(0, 0, 0, 0)

/**
 * DNSNAME and IPADDRESS of a record in a profile. `record` is its number, from 1, for errors:
 * CTL_SERVER_ADDRESS_NEEDED, CTL_FIELD_MISSING (cucm-cli without a host name), CTL_LENGTH_WRONG,
 * CTL_TEXT_WRONG.
 */
export function addressFields(
  profile: RecordProfile,
  role: number,
  request: AddressRequest,
  own: OwnAddress,
  record: number,
): AddressFields {
  if (profile.dnsName === 'absent') return { dnsName: undefined, ipAddress: undefined }
  const ipAddress = chooseIpAddress(request, own, record)
  const dnsName =
    profile.dnsName === 'ip address'
      ? chooseAddressName(role, request, own, ipAddress, record)
      : chooseHostName(role, request, own, record)
  return { dnsName, ipAddress }
}

function chooseIpAddress(request: AddressRequest, own: OwnAddress, record: number): Uint8Array {
  if (request.ipAddress !== undefined) {
    if (request.ipAddress.length === 4) return request.ipAddress
    throw new CtlError('CTL_LENGTH_WRONG', `The IP address of record ${record} is not 4 bytes long.`, {
      record,
      tag: recordTag.ipAddress,
    })
  }
  if (own.ipAddress !== undefined && !isAllZero(own.ipAddress)) return own.ipAddress
  return parseIpAddress(request.dnsName ?? '') ?? parseOwnName(own) ?? own.ipAddress ?? noAddress
}

function parseOwnName(own: OwnAddress): Uint8Array | undefined {
  return own.dnsName === undefined ? undefined : parseIpAddress(decodeText(own.dnsName))
}

/** The CTL Client writes a server's IP address as text, and nothing for a token. */
function chooseAddressName(
  role: number,
  request: AddressRequest,
  own: OwnAddress,
  ipAddress: Uint8Array,
  record: number,
): Uint8Array {
  if (request.dnsName !== undefined) return encodeText(request.dnsName)
  if (role === SAST) return encodeText('')
  if (request.ipAddress === undefined && parseOwnName(own) !== undefined && own.dnsName) return own.dnsName
  if (!isAllZero(ipAddress)) return encodeText(ipAddress.join('.'))
  throw new CtlError('CTL_SERVER_ADDRESS_NEEDED', `Record ${record} needs the IP address of its server.`, {
    record,
    tag: recordTag.dnsName,
  })
}

function chooseHostName(role: number, request: AddressRequest, own: OwnAddress, record: number): Uint8Array {
  if (request.dnsName !== undefined) return encodeText(request.dnsName)
  if (own.dnsName !== undefined) return own.dnsName
  if (role === SAST) return encodeText('')
  throw new CtlError('CTL_FIELD_MISSING', `Record ${record} needs the host name of its server.`, {
    record,
    tag: recordTag.dnsName,
  })
}
