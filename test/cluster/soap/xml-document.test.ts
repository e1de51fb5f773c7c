import test from 'ava'
import fc from 'fast-check'
import { childNamed, fieldsOf, readXml, XmlRefusal } from '../../../daemon/cluster/soap/xml-document.js'

const read = (text: string) => readXml(Buffer.from(text))
const refusal = (text: string | Uint8Array): string => {
  try {
    readXml(Buffer.from(text))
  } catch (error) {
    if (error instanceof XmlRefusal) return error.message
    throw error
  }
  return 'it was read'
}

test('elements, prefixes, references and CDATA are read as XML says', (t) => {
  const root = read(
    '<?xml version="1.0"?><s:a xmlns:s="x"><!-- no --><b q="1"> Tom &amp; &#74;e&#x72;ry </b><c><![CDATA[<&amp;>]]></c><d/></s:a>',
  )
  t.is(root.name, 'a')
  t.deepEqual(fieldsOf(root), { b: 'Tom & Jerry', c: '<&amp;>', d: '' })
  t.is(childNamed(root, 'b')?.text, 'Tom & Jerry')
})

test('elements that are called as parts of every object do no harm', (t) => {
  t.deepEqual(fieldsOf(read('<row><Entries>x</Entries><length>1</length></row>')), {
    entries: 'x',
    length: '1',
  })
  for (const name of ['constructor', '__proto__', 'prototype', 'toString'])
    t.regex(refusal(`<${name}>x</${name}>`), /no XML|was read/)
  t.is((Object.prototype as Record<string, unknown>)['#text'], undefined)
})

const bomb = `<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol">${Array.from(
  { length: 9 },
  (_, level) => `<!ENTITY lol${level + 1} "${`&lol${level || ''};`.repeat(10)}">`,
).join('')}]><lolz>&lol9;</lolz>`

const refused: ReadonlyArray<readonly [string, string | Uint8Array, RegExp]> = [
  ['a billion laughs', bomb, /document type/],
  [
    'a file from outside',
    '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
    /document type/,
  ],
  ['an entity without a declaration', '<a>&b;</a>', /entity/],
  ['a reference to no character', '<a>&#0;</a>', /entity/],
  ['a reference beyond Unicode', '<a>&#x110000;</a>', /entity/],
  ['a login page', '<!DOCTYPE html><html><body>Log in</body></html>', /web page/],
  ['a page with a comment before it', '<!-- custom --><html><body/></html>', /web page/],
  ['deep nesting', '<a>'.repeat(50_000) + '</a>'.repeat(50_000), /deeper than 32/],
  ['deep nesting that does not end', '<a>'.repeat(200_000), /no XML|deeper/],
  ['nothing', '', /no XML/],
  ['two roots', '<a/><b/>', /no XML/],
  ['text alone', 'Service unavailable', /no XML/],
  ['an element that is not closed', '<a><b></a>', /no XML/],
  ['a document cut in the middle', '<a><b>x</b', /no XML/],
  ['other bytes than UTF-8', Uint8Array.of(0x3c, 0x61, 0x3e, 0xff, 0x3c, 0x2f, 0x61, 0x3e), /UTF-8/],
]

for (const [what, text, message] of refused) {
  test(`${what} is refused`, (t) => {
    t.regex(refusal(text), message)
  })
}

test('whatever bytes come, they are read or refused', (t) => {
  const markup = fc.array(
    fc.constantFrom(
      '<',
      '>',
      '</',
      '/>',
      'a',
      ':',
      '&',
      ';',
      '#x',
      '<!--',
      '-->',
      '<![CDATA[',
      ']]>',
      '<?',
      '?>',
      '"',
      '=',
      ' ',
      '__proto__',
      'constructor',
      '\n',
      '0',
      'é',
    ),
    { maxLength: 60 },
  )
  const inputs = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    markup.map((parts) => Buffer.from(parts.join(''))),
    markup.map((parts) => Buffer.from(`<Envelope><Body>${parts.join('')}</Body></Envelope>`)),
  )
  let read = 0
  fc.assert(
    fc.property(inputs, (bytes) => {
      try {
        readXml(bytes)
        read += 1
      } catch (error) {
        if (!(error instanceof XmlRefusal)) throw error
      }
    }),
    { numRuns: 3000 },
  )
  t.true(read > 0)
})

test('a text that is escaped is read back as it was', (t) => {
  const text = fc.string({ unit: 'grapheme', maxLength: 60 }).filter((value) => !/[^\P{C}]/u.test(value))
  fc.assert(
    fc.property(text, (value) => {
      const numbers = Array.from(value, (character) => `&#${character.codePointAt(0)};`).join('')
      return read(`<a>x${numbers}x</a>`).text === `x${value}x`
    }),
  )
  t.pass()
})
