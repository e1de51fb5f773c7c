import test from 'ava'
import { describeCtlFile } from '../../daemon/trust/show/describe-ctl-file.js'
import { showCtlText } from '../../daemon/trust/show/show-ctl-text.js'
import { verifyCtlFile } from '../../daemon/trust/verify/verify-ctl-file.js'
import * as raw from '../ctl/raw-file.js'

const { bytes, tlv } = raw
const times = (count: number, part: number[]): number[] => Array.from({ length: count }, () => part).flat()
const sast = raw.record(bytes(tlv(4, [0, 0]), tlv(6, [1, 2]), tlv(5, 'CN=B\0'), tlv(9, [1])))
const fullRecord = (count: number): number[] =>
  raw.record(bytes(times(count, [200, 0, 0]), tlv(4, [0, 0]), tlv(6, [1, 2]), tlv(5, 'CN=B\0'), tlv(9, [1])))

/** The same pieces, evenly spread and heaped up where a reader that looks twice would look most. */
const heaps: Record<string, { even: Uint8Array; heaped: Uint8Array }> = {
  'padding before the signer of 5,000 records': {
    even: raw.file(raw.usualHeader(), times(5_000, sast)),
    heaped: raw.file(bytes(times(60_000, [13]), raw.usualHeader()), times(5_000, sast)),
  },
  'unknown fields in few records': {
    even: raw.file(raw.usualHeader(), times(4_000, fullRecord(10))),
    heaped: raw.file(raw.usualHeader(), times(2, fullRecord(20_000))),
  },
}

function fastest(work: () => void): number {
  const runs = Array.from({ length: 3 }, () => {
    const start = performance.now()
    work()
    return performance.now() - start
  })
  return Math.min(...runs)
}

const readers = { verifyCtlFile, describeCtlFile, showCtlText }

for (const [what, { even, heaped }] of Object.entries(heaps)) {
  for (const [name, reader] of Object.entries(readers)) {
    test(`${name} is not slowed down by ${what}`, (t) => {
      const ratio = fastest(() => reader(heaped)) / fastest(() => reader(even))
      t.true(ratio < 4, `heaped up it took ${ratio.toFixed(1)} times as long`)
    })
  }
}
