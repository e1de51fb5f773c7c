/**
 * What is fuzzed, one entry each. To add a target, add an entry: `run` gets bytes of any kind and throws when an
 * invariant of its own does not hold. A CtlError with a known code is an answer, every other error a finding.
 */
import { sameBytes } from '../../daemon/ctl/bytes.js'
import { CtlError } from '../../daemon/ctl/ctl-error.js'
import { type CtlFile, decodeCtlFile, encodeCtlFile } from '../../daemon/ctl/ctl-file.js'
import { certificateOf, functionOf } from '../../daemon/ctl/record-fields.js'
import { type RecordProfileName, recordProfileNames } from '../../daemon/ctl/record-profiles.js'
import { SAST } from '../../daemon/ctl/tags.js'
import { takeToBeSigned } from '../../daemon/ctl/to-be-signed.js'
import { composeCtl } from '../../daemon/trust/compose-ctl.js'
import { describeCtlFile } from '../../daemon/trust/describe-ctl-file.js'
import { deviceClasses, phoneAcceptance } from '../../daemon/trust/phone-acceptance.js'
import { showCtlText } from '../../daemon/trust/show-ctl-text.js'
import { readTrustList } from '../../daemon/trust/trust-list.js'
import { verifyCtlFile } from '../../daemon/trust/verify-ctl-file.js'
import { samples } from './corpus.js'

export interface FuzzTarget {
  readonly name: string
  /** Which inputs: `all`, or only those that decode. */
  readonly takes: 'all' | 'decodable'
  /** One in so many of them: deep targets cost a hundred times what decoding does. */
  readonly oneIn: number
  readonly run: (bytes: Uint8Array, decoded: Decoded) => void
}

/** What `decodeCtlFile` made of the input. */
export interface Decoded {
  readonly file?: CtlFile
  readonly refusal?: unknown
}

export const targets: readonly FuzzTarget[] = [
  { name: 'decode', takes: 'all', oneIn: 1, run: decodeAndEncode },
  { name: 'to-be-signed', takes: 'decodable', oneIn: 16, run: cutOutSignature },
  { name: 'show', takes: 'decodable', oneIn: 64, run: showSafely },
  {
    name: 'describe',
    takes: 'decodable',
    oneIn: 64,
    run: (bytes) => void JSON.stringify(describeCtlFile(bytes)),
  },
  { name: 'verify', takes: 'all', oneIn: 64, run: verifyBySaying },
  { name: 'compose', takes: 'decodable', oneIn: 64, run: composeFromIt },
  { name: 'phones', takes: 'all', oneIn: 128, run: predictPhones },
]

function requireThat(condition: boolean, what: string): void {
  if (!condition) throw new Error(`invariant: ${what}`)
}

function decodeAndEncode(bytes: Uint8Array, { file, refusal }: Decoded): void {
  if (file !== undefined) {
    requireThat(sameBytes(encodeCtlFile(file), bytes), 'what decodes is encoded to the same bytes')
    return
  }
  const offset = refusal instanceof CtlError ? refusal.place.offset : undefined
  const isInside = offset !== undefined && offset >= 0 && offset <= bytes.length
  if (refusal instanceof CtlError) requireThat(isInside, `the place ${offset} lies in the file`)
  throw refusal
}

function cutOutSignature(bytes: Uint8Array, { file }: Decoded): void {
  if (file === undefined) return
  requireThat(sameBytes(takeToBeSigned(bytes), takeToBeSigned(file)), 'bytes and file give the same message')
}

/** A terminal must get nothing that it obeys: TAB and line feed only. */
const obeyed = /[^\P{C}\n\t]/u

function showSafely(bytes: Uint8Array): void {
  requireThat(!obeyed.test(showCtlText(bytes)), 'show prints no character that a terminal obeys')
}

const sound = samples[0]?.bytes ?? new Uint8Array()

/** Says what is wrong and never throws. */
function verifyBySaying(bytes: Uint8Array): void {
  let verdict: ReturnType<typeof verifyCtlFile>
  try {
    verdict = verifyCtlFile(bytes, { at: new Date(0) })
  } catch (error) {
    throw new Error(`invariant: verify never throws, and threw ${error}`)
  }
  requireThat((verdict.verdict === 'valid') === (verdict.problem === undefined), 'invalid has a problem')
  // Nobody here has the key, so only what the real file's signer signed can verify. Where the signature stands
  // among the fields of the header is not signed: a file may differ there and verify all the same.
  if (verdict.verdict !== 'valid') return
  requireThat(sameBytes(takeToBeSigned(bytes), takeToBeSigned(sound)), 'no changed message verifies')
}

function composeFromIt(bytes: Uint8Array, { file }: Decoded): void {
  const sast = file?.records.find((record) => functionOf(record) === SAST && certificateOf(record))
  const signer = sast && certificateOf(sast)
  if (file === undefined || signer === undefined) return
  const profile = recordProfileNames[bytes.length % recordProfileNames.length] as RecordProfileName
  const draft = composeCtl({
    base: bytes,
    profile,
    digest: 'sha1',
    timestamp: 0,
    signer,
    records: file.records.map((_, index) => ({
      base: index + 1,
      dnsName: 'a',
      ipAddress: Uint8Array.of(1, 2, 3, 4),
    })),
  })
  requireThat(sameBytes(encodeCtlFile(decodeCtlFile(draft)), draft), 'a draft comes back byte for byte')
}

const installed = readTrustList(sound)

function predictPhones(bytes: Uint8Array): void {
  const offered = readTrustList(bytes)
  for (const deviceClass of deviceClasses) {
    const known = { itl: installed, tvs: [] as const, deviceClass }
    phoneAcceptance({ ...known, installed, offered })
    phoneAcceptance({ ...known, installed: offered, offered: installed, itl: offered })
  }
}
