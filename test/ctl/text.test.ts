import test from 'ava'
import fc from 'fast-check'
import { decodeText, encodeText, printableText } from '../../daemon/ctl/text.js'
import { refusal } from './refusals.js'

test('any text without NUL comes back, and its bytes are UTF-8 with a NUL', (t) => {
  const texts = fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\0'))
  fc.assert(
    fc.property(texts, (text) => {
      const bytes = encodeText(text)
      return Buffer.from(`${text}\0`, 'utf8').equals(bytes) && decodeText(bytes) === text
    }),
  )
  t.pass()
})

test('bytes that are no UTF-8 are read as Latin-1', (t) => {
  t.is(decodeText(Uint8Array.of(0x47, 0xe9, 0x6e, 0)), 'Gén')
  t.is(decodeText(Uint8Array.of(0xc0, 0x80, 0)), 'À\x80', 'an overlong NUL is no UTF-8')
  t.is(decodeText(Uint8Array.of(0x25, 0x34, 0x31, 0)), '%41', 'a percent sign is only that')
})

test('a text that the format cannot hold is refused', (t) => {
  refusal(t, () => encodeText('a\0b'), 'CTL_TEXT_WRONG')
  refusal(t, () => encodeText('\ud800'), 'CTL_TEXT_WRONG')
})

test('nothing in a name makes a terminal do something', (t) => {
  t.is(printableText(Buffer.from('CN=\x1b[2J\r\nx\x7f\0')), 'CN=\\x1b[2J\\x0d\\x0ax\\x7f')
  t.is(printableText(Buffer.from('CN=a\u202eb\u2028\0')), 'CN=a\\u{202e}b\\u{2028}')
  t.is(printableText(Uint8Array.of(0x41, 0x9b, 0xff, 0)), 'A\\x9b\\xff')
  t.is(printableText(Buffer.from('O=Zürich\0')), 'O=Zürich')
})
