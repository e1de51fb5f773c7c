/**
 * What is fuzzed, one entry each. To add a target, add an entry: `run` gets bytes of any kind and throws when an
 * invariant of its own does not hold. An error with a known code is an answer, every other error a finding.
 */

import { diffText } from '../../daemon/cli/ctl/diff-text.js'
import { plain } from '../../daemon/cli/paint.js'
import { sameBytes } from '../../daemon/ctl/bytes.js'
import { CtlError } from '../../daemon/ctl/ctl-error.js'
import { type CtlFile, decodeCtlFile, encodeCtlFile } from '../../daemon/ctl/ctl-file.js'
import { certificateOf, functionOf } from '../../daemon/ctl/record-fields.js'
import { type RecordProfileName, recordProfileNames } from '../../daemon/ctl/record-profiles.js'
import { SAST } from '../../daemon/ctl/tags.js'
import { takeToBeSigned } from '../../daemon/ctl/to-be-signed.js'
import { readCertificateParts } from '../../daemon/trust/certificate/certificate-parts.js'
import { composeCtl } from '../../daemon/trust/compose/compose-ctl.js'
import { compose } from '../../daemon/trust/compose/composition.js'
import { describeDiff } from '../../daemon/trust/diff/describe-diff.js'
import { deviceClasses, phoneAcceptance } from '../../daemon/trust/phones/phone-acceptance.js'
import { readTrustList } from '../../daemon/trust/phones/trust-list.js'
import { describeCtlFile } from '../../daemon/trust/show/describe-ctl-file.js'
import { showCtlText } from '../../daemon/trust/show/show-ctl-text.js'
import { showLongText } from '../../daemon/trust/show/show-long-text.js'
import { rulesOf } from '../../daemon/trust/verify/sast-by-release.js'
import { verifyCtlFile } from '../../daemon/trust/verify/verify-ctl-file.js'
import { carriedTargets } from './carried-targets.js'
import { samples } from './corpus.js'
import { requirePrintable, requireThat } from './invariants.js'

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
  { name: 'show-long', takes: 'decodable', oneIn: 64, run: showLongSafely },
  { name: 'diff', takes: 'all', oneIn: 64, run: compare },
  { name: 'compose', takes: 'decodable', oneIn: 64, run: composeFromIt },
  { name: 'edit', takes: 'decodable', oneIn: 64, run: editNothing },
  { name: 'phones', takes: 'all', oneIn: 128, run: predictPhones },
  ...carriedTargets,
]

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

function showSafely(bytes: Uint8Array): void {
  requirePrintable('show', showCtlText(bytes))
}

function showLongSafely(bytes: Uint8Array): void {
  requirePrintable('show --long', showLongText(bytes, { width: 60 }))
}

const sound = samples[0]?.bytes ?? new Uint8Array()
const roots =
  samples[0]?.file.records.flatMap((record) => {
    const der = certificateOf(record)
    return der === undefined ? [] : [readCertificateParts(der)]
  }) ?? []
const release = rulesOf([11, 5, 0])

/** Says what is wrong and never throws. */
function verifyBySaying(bytes: Uint8Array): void {
  let verdict: ReturnType<typeof verifyCtlFile>
  try {
    verdict = verifyCtlFile(bytes, { at: new Date(0), roots, ...(release && { release }) })
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

function compare(bytes: Uint8Array): void {
  const itself = describeDiff(bytes, bytes)
  requireThat(
    itself.extent === 'nothing' && itself.records.length === 0,
    'a file differs in nothing from itself',
  )
  const diff = bytes.length % 2 === 0 ? describeDiff(sound, bytes) : describeDiff(bytes, sound)
  requireThat((diff.extent === 'nothing') === sameBytes(sound, bytes), 'files differ as their bytes do')
  requirePrintable('diff', diffText({ old: 'old', new: 'new' }, diff, plain))
}

/** Only a draft gets as far as being edited: nobody here can sign the others. */
function editNothing(bytes: Uint8Array, { file }: Decoded): void {
  if (file === undefined) return
  const records = file.records.map((_, index) => ({ base: index + 1, layout: 'own' as const }))
  const kept = { base: bytes, records, keepHeader: true, force: true, timestamp: 0 }
  const { draft } = compose(kept, new Date(0))
  const after = decodeCtlFile(draft)
  requireThat(
    sameBytes(
      encodeCtlFile({ ...file, header: [] }).subarray(10),
      encodeCtlFile({ ...after, header: [] }).subarray(10),
    ),
    'records that are kept keep their bytes',
  )
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
