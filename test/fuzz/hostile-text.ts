/** Texts that a terminal, a C program or a decoder could trip over. */
import type { Random } from './random.js'

const texts: readonly string[] = [
  '\x1b[2J\x1b[1;1H',
  '\x1b]0;title\x07',
  '\x9b31m',
  '\u202eevil\u202c',
  '\u2028\u2029',
  '\r\nCTL Record #:9',
  'a\0b',
  '%00%ff%',
  '\ufeff\u200b',
  '{{7*7}}',
  '"; rm -rf /;"',
  '../../../../etc/passwd',
  'CN="SAST-ADN008580ef        ";ou=IPCBU;o="Cisco Systems',
  '__proto__',
]

const byteStrings: readonly (readonly number[])[] = [
  [0xc0, 0x80],
  [0xed, 0xa0, 0x80],
  [0xf4, 0x90, 0x80, 0x80],
  [0xff, 0xfe],
  [0xe2, 0x82],
]

/** A value with one NUL at its end, most often. */
export function hostileText(random: Random): Uint8Array {
  const part = random.oneIn(3) ? random.pick(byteStrings) : new TextEncoder().encode(random.pick(texts))
  const times = random.oneIn(2000) ? Math.floor(65_534 / Math.max(part.length, 1)) : 1 + random.below(3)
  const bytes = new Uint8Array(part.length * times + 1)
  for (let index = 0; index < times; index++) bytes.set(part, index * part.length)
  return random.oneIn(20) ? bytes.subarray(0, -1) : bytes
}
