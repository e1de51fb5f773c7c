import { sameBytes } from '../../ctl/bytes.js'
import { CtlError } from '../../ctl/ctl-error.js'
import type { CtlFile } from '../../ctl/ctl-field.js'
import { CTL_SIZE_CEILING, decodeCtlFile } from '../../ctl/ctl-file.js'
import { digestOf, fileNameOf } from '../../ctl/header-fields.js'
import { certificateOf, functionOf, signerRecordsOf } from '../../ctl/record-fields.js'
import type { RecordProfileName } from '../../ctl/record-profiles.js'
import { type CtlDigest, SAST } from '../../ctl/tags.js'
import type { UnsignedCtl } from '../../ctl/to-be-signed.js'
import { verifyCtlFile } from '../verify/verify-ctl-file.js'
import { arrangeSast, type CompositionMode, sastRuleOf } from './arrange-sast.js'
import { composeCtl, decodeBase, type TokenCtlRequest } from './compose-ctl.js'
import {
  type CompositionFinding,
  changeFindings,
  duplicateFinding,
  duplicatesOf,
  mixedLayout,
} from './composition-findings.js'
import { type CompositionRow, compositionRows } from './composition-rows.js'
import { usualProfile } from './profile-of.js'
import { baseRecordOf, isFromBase, isNewStub, type WantedRecord } from './wanted-record.js'

export interface CompositionRequest
  extends Omit<TokenCtlRequest, 'signer' | 'profile' | 'digest' | 'fileName'> {
  /** Left out: `usualProfile`. */
  readonly profile?: RecordProfileName
  /** Left out: the base's, or SHA-1. */
  readonly digest?: CtlDigest
  /** Left out: the base's, or `CTLFile.tlv`. */
  readonly fileName?: string
  /**
   * Certificate of the signer, DER, or the number of its record in the base. Left out: the first SAST of the
   * release, the signer of the base, or without a base the first SAST record.
   */
  readonly signer?: Uint8Array | { readonly base: number }
  readonly mode?: CompositionMode
  /** Needed for every mode but `non-secure`. */
  readonly release?: string
  /** Turns CTL_RECORD_DUPLICATE, CTL_OVER_CEILING and what a release's rule asks for into findings. */
  readonly force?: boolean
}

export interface Composition {
  readonly draft: UnsignedCtl
  /** What the draft's records were made of, in its order. */
  readonly records: readonly WantedRecord[]
  /** The records of the draft, then those of the base that are gone. */
  readonly rows: readonly CompositionRow[]
  readonly findings: readonly CompositionFinding[]
}

/**
 * A draft, checked for what an edit can make inconsistent, with its records before and after. Throws what
 * `composeCtl` throws, CTL_RELEASE_RULE, CTL_RECORD_DUPLICATE and CTL_OVER_CEILING.
 */
export function compose(request: CompositionRequest, at: Date): Composition {
  const base = request.base === undefined ? undefined : decodeBase(request.base)
  const force = request.force === true
  const wished = request.mode === 'non-secure' ? withStubs(base, request.records) : request.records
  const asked = request.signer && signerCertificate(base, request.signer)
  const sast = arrange(request, base, wished, asked)
  const signer = asked ?? sast.signer ?? usualSigner(base, sast.records)
  const draft = composeCtl({ ...request, ...usualHeader(request, base), records: sast.records, signer })
  const file = decodeCtlFile(draft)
  if (draft.length > CTL_SIZE_CEILING && !force) {
    const detail = `The file would have ${draft.length} bytes; phones are known to fail above ${CTL_SIZE_CEILING}.`
    throw new CtlError('CTL_OVER_CEILING', detail)
  }
  return {
    draft,
    records: sast.records,
    rows: compositionRows(base, file, sast.records),
    findings: [
      // What is normal somewhere is for `verify` to tell.
      ...verifyCtlFile(draft, { at }).findings.filter(({ severity }) => severity === 'warning'),
      ...sast.findings,
      ...duplicates(file, sast.records, force),
      ...mixedLayout(file),
      ...(base === undefined ? [] : changeFindings(base, file, sast.records)),
    ],
  }
}

function usualHeader(
  { profile, mode, digest, fileName }: CompositionRequest,
  base: CtlFile | undefined,
): Pick<TokenCtlRequest, 'profile' | 'digest'> & { readonly fileName: string } {
  return {
    profile: profile ?? usualProfile(base, mode),
    digest: digest ?? (base === undefined ? 'sha1' : digestOf(base)),
    fileName: fileName ?? (base && fileNameOf(base)) ?? 'CTLFile.tlv',
  }
}

/** CCM, CCM+TFTP and TFTP: the servers whose records TAC 118893 prints without certificate. */
const stubRoles = [1, 2, 3]

function withStubs(base: CtlFile | undefined, records: readonly WantedRecord[]): WantedRecord[] {
  return records.map((wanted, index) => {
    if (isNewStub(wanted)) return wanted
    if (isFromBase(wanted)) {
      const record = baseRecordOf(base, wanted.base, index + 1)
      const isServer = stubRoles.includes(functionOf(record)) && certificateOf(record) !== undefined
      return isServer ? { ...wanted, stub: true } : wanted
    }
    if (!stubRoles.includes(wanted.function)) return wanted
    const { dnsName, ipAddress, function: role } = wanted
    const name = dnsName ?? ipAddress?.join('.')
    if (name === undefined || ipAddress === undefined) {
      const detail = `Record ${index + 1} is a server without certificate, so it needs its IP address.`
      throw new CtlError('CTL_SERVER_ADDRESS_NEEDED', detail, { record: index + 1 })
    }
    return { stub: { function: role, dnsName: name, ipAddress } }
  })
}

function arrange(
  { release, mode, force }: CompositionRequest,
  base: CtlFile | undefined,
  records: readonly WantedRecord[],
  signer: Uint8Array | undefined,
): {
  readonly records: readonly WantedRecord[]
  readonly signer: Uint8Array | undefined
  readonly findings: readonly CompositionFinding[]
} {
  if (release === undefined || mode === undefined) return { records, signer: undefined, findings: [] }
  const arranged = arrangeSast({ base, records, rule: sastRuleOf(release, mode), signer })
  const [first] = arranged.broken
  if (first !== undefined && !force) throw new CtlError('CTL_RELEASE_RULE', first)
  const broken = arranged.broken.map(
    (detail): CompositionFinding => ({
      code: 'RELEASE_RULE_BROKEN',
      severity: 'warning',
      detail,
      remedy: `Compose it as CUCM ${release} does, unless this is what you want.`,
    }),
  )
  return { ...arranged, findings: [...broken, ...arranged.findings] }
}

function signerCertificate(
  base: CtlFile | undefined,
  signer: Uint8Array | { readonly base: number },
): Uint8Array {
  if (signer instanceof Uint8Array) return signer
  const certificate = certificateOf(baseRecordOf(base, signer.base, signer.base))
  if (certificate !== undefined) return certificate
  throw new CtlError('CTL_SIGNER_MISSING', `Record ${signer.base} of the base file has no certificate.`, {
    record: signer.base,
  })
}

/** The base's signer; the draft is refused when the edit took its record away. */
function usualSigner(base: CtlFile | undefined, records: readonly WantedRecord[]): Uint8Array {
  if (base !== undefined) {
    const [index = -1] = signerRecordsOf(base)
    const own = base.records[index]
    const der = own && certificateOf(own)
    const isThere = records.some((wanted) => sameBytes(sastCertificate(base, wanted), der))
    if (der !== undefined && isThere) return der
    const detail = `The signer of the base file, its record ${index + 1}, is no SAST any more: name another signer.`
    throw new CtlError('CTL_SIGNER_MISSING', detail, { record: index + 1 })
  }
  for (const wanted of records) {
    const der = sastCertificate(base, wanted)
    if (der !== undefined) return der
  }
  throw new CtlError('CTL_SIGNER_MISSING', 'No record is a SAST, so nobody can sign.')
}

function sastCertificate(base: CtlFile | undefined, wanted: WantedRecord): Uint8Array | undefined {
  if (isNewStub(wanted)) return undefined
  if (!isFromBase(wanted)) return wanted.function === SAST ? wanted.certificate : undefined
  const record = base?.records[wanted.base - 1]
  if (record === undefined || (wanted.function ?? functionOf(record)) !== SAST) return undefined
  return wanted.replacement ?? certificateOf(record)
}

/** Records that the base has twice are its own matter; an edit must not add to them. */
function duplicates(file: CtlFile, wanted: readonly WantedRecord[], force: boolean): CompositionFinding[] {
  return duplicatesOf(file).map((pair) => {
    const isMade = pair.some((number) => {
      const record = wanted[number - 1]
      return record !== undefined && !(isFromBase(record) && record.replacement === undefined)
    })
    const finding = duplicateFinding(pair)
    if (isMade && !force) throw new CtlError('CTL_RECORD_DUPLICATE', finding.detail, { record: pair[1] })
    return finding
  })
}
