import { readFileSync } from 'node:fs'
import test from 'ava'
import { CtlError } from '../../daemon/ctl/ctl-error.js'
import { decodeCtlFile } from '../../daemon/ctl/ctl-file.js'
import { verifyCtlFile } from '../../daemon/trust/verify/verify-ctl-file.js'
import { judgeFully } from '../fuzz/judge-input.js'
import { targets } from '../fuzz/targets.js'
import { allVectors } from './vector.js'

const vectors = allVectors()

function outcome(bytes: Uint8Array): { expect: string; at: string | undefined } {
  try {
    decodeCtlFile(bytes)
    return { expect: 'decodes', at: undefined }
  } catch (error) {
    if (!(error instanceof CtlError)) throw error
    const { offset, record, tag } = error.place
    const at = Object.entries({ offset, record, tag }).filter(([, value]) => value !== undefined)
    return { expect: error.code, at: at.map((pair) => pair.join(' ')).join(', ') }
  }
}

for (const { name, what, expect, at, verify, bytes } of vectors) {
  test(`${name}: ${what}`, (t) => {
    t.deepEqual(outcome(bytes), { expect, at })
    if (verify !== undefined) t.is(verifyCtlFile(bytes).problem?.code ?? 'valid', verify)
    t.deepEqual(judgeFully(targets, bytes), [])
  })
}

/** The codes that `daemon/ctl` throws while it decodes, from its sources. */
function decoderCodes(): string[] {
  const files = ['ctl-file', 'tlv', 'header-fields'].map((name) =>
    readFileSync(new URL(`../../../daemon/ctl/${name}.ts`, import.meta.url), 'utf8'),
  )
  const codes = new Set(
    files.flatMap((text) => [...text.matchAll(/'(CTL_[A-Z_]+)'/g)].map(([, code = '']) => code)),
  )
  // Only the encoder says this.
  codes.delete('CTL_NOT_ENCODABLE')
  return [...codes].sort()
}

test('there is a vector for every refusal of the decoder', (t) => {
  const covered = new Set(vectors.map(({ expect }) => expect))
  t.true(decoderCodes().length > 10)
  t.deepEqual(
    decoderCodes().filter((code) => !covered.has(code)),
    [],
  )
})
