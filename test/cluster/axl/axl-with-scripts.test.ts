import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import test, { type ExecutionContext } from 'ava'
import fc from 'fast-check'
import { BridgeError } from '../../../daemon/bridge-error.js'
import { isVersionRefusal, versionsInRefusal } from '../../../daemon/cluster/axl/axl-schema-version.js'
import { openAxl } from '../../../daemon/cluster/axl/open-axl.js'
import { readSoapAnswer } from '../../../daemon/cluster/soap/soap-answer.js'
import { type Asked, login, loginHeader, scriptedWeb } from '../scripted-web.js'
import { answer, ccmVersion, envelope, fault, rows } from './axl-answers.js'

type Reply = string | ((response: ServerResponse) => void)

/** Version discovery gets its answer; everything else what the test gives, chosen by the SQL. */
async function axlWith(t: ExecutionContext, reply: (asked: Asked) => Reply, more: object = {}) {
  const { port, asked } = await scriptedWeb(t, (heard, response) => {
    const given = heard.action.endsWith('getCCMVersion') ? ccmVersion : reply(heard)
    if (typeof given === 'string') response.end(given)
    else given(response)
  })
  return { axl: openAxl({ ...login, port, ...more }), asked }
}

const sqlIn = ({ body }: Asked): string => /<sql>(.*)<\/sql>/.exec(body)?.[1] ?? ''

test('a request is SOAP with the action, the name space and the login that AXL wants', async (t) => {
  const { axl, asked } = await axlWith(t, () => rows({ paramname: 'ClusterSecurityMode', paramvalue: 0 }), {
    release: '11.5.1',
  })
  t.is(await axl.securityMode(), 'non-secure')
  const [first, second] = asked
  t.is(first?.action, 'CUCM:DB ver=11.5 getCCMVersion')
  t.like(second, {
    method: 'POST',
    path: '/axl/',
    action: 'CUCM:DB ver=11.5 executeSQLQuery',
    authorization: loginHeader,
  })
  t.regex(second?.body ?? '', /xmlns:ns="http:\/\/www\.cisco\.com\/AXL\/API\/11\.5"/)
  t.is(
    second && sqlIn(second),
    'select paramname,paramvalue from processconfig where paramname=&apos;ClusterSecurityMode&apos;',
  )
})

test('parameters are asked by name, in one question, and quotes stay inside their text', async (t) => {
  const { axl, asked } = await axlWith(t, () =>
    rows({ PARAMNAME: 'A', PARAMVALUE: 'x &amp; y' }, { paramname: 'A', paramvalue: 'x &amp; y' }),
  )
  t.deepEqual(await axl.parameters(['A', "b'; drop"]), { A: 'x & y' })
  t.regex(sqlIn(asked[1] as Asked), /paramname in \(&apos;A&apos;,&apos;b&apos;&apos;; drop&apos;\)$/)
  t.deepEqual(await axl.parameters([]), {})
  t.is(asked.length, 2)
})

test('devices are counted by model, and models with the feature are known', async (t) => {
  const { axl } = await axlWith(t, (asked) =>
    sqlIn(asked).includes('productsupportsfeature')
      ? rows({ model: 'Cisco 7945' }, { model: 'Cisco 8861' })
      : rows({ model: 'Cisco 7960', devices: '13.00' }, { model: 'Cisco 7945', devices: 212 }),
  )
  t.deepEqual(await axl.modelCounts(), [
    { model: 'Cisco 7945', devices: 212, securityByDefault: true },
    { model: 'Cisco 7960', devices: 13, securityByDefault: false },
  ])
})

test('where the tables do not know the feature, nothing is said of any model', async (t) => {
  const counts = rows({ model: 'Cisco 7945', devices: 1 })
  const unsaid = [{ model: 'Cisco 7945', devices: 1, securityByDefault: undefined }]
  const none = await axlWith(t, (asked) => (sqlIn(asked).includes('psf') ? rows() : counts))
  t.deepEqual(await none.axl.modelCounts(), unsaid)
  const missing = await axlWith(t, (asked) =>
    sqlIn(asked).includes('psf')
      ? (response) => response.writeHead(500).end(fault('The table is not in the database.', '-206'))
      : counts,
  )
  t.deepEqual(await missing.axl.modelCounts(), unsaid)
  const throttled = await axlWith(t, (asked) =>
    sqlIn(asked).includes('psf') ? (response) => response.writeHead(503).end() : counts,
  )
  await t.throwsAsync(throttled.axl.modelCounts(), { code: 'NODE_REFUSES' })
})

const wrongRows: ReadonlyArray<readonly [string, string, RegExp]> = [
  ['no row', rows(), /says nothing for ClusterSecurityMode/],
  ['a third mode', rows({ paramname: 'ClusterSecurityMode', paramvalue: 2 }), /says "2"/],
  ['another column', rows({ name: 'ClusterSecurityMode', paramvalue: 1 }), /something else/],
  [
    'a value with markup in it',
    rows({ paramname: 'ClusterSecurityMode', paramvalue: '<b>1</b>' }),
    /says ""/,
  ],
  [
    'two values',
    rows(
      { paramname: 'ClusterSecurityMode', paramvalue: 0 },
      { paramname: 'ClusterSecurityMode', paramvalue: 1 },
    ),
    /other values on other nodes/,
  ],
  ['no return', envelope('<executeSQLQueryResponse/>'), /executeSQLQuery/],
  ['two answers', envelope('<a/><b/>'), /no SOAP/],
]

for (const [what, given, message] of wrongRows) {
  test(`an answer with ${what} is no mode`, async (t) => {
    const { axl } = await axlWith(t, () => given)
    await t.throwsAsync(axl.securityMode(), { code: 'NODE_ANSWER_WRONG', message })
  })
}

test('an answer with thousands of rows is read, one with a bomb is refused', async (t) => {
  const many = Array.from({ length: 2500 }, (_, index) => ({ model: `Cisco ${index}`, devices: index }))
  const { axl } = await axlWith(t, () => rows(...many))
  t.is((await axl.modelCounts()).length, 2500)
  const bomb = await axlWith(t, () => `<!DOCTYPE a [<!ENTITY b "x">]>${rows({ paramname: '&b;' })}`)
  await t.throwsAsync(bomb.axl.securityMode(), { code: 'NODE_ANSWER_WRONG', message: /document type/ })
})

const misbehaviour: ReadonlyArray<readonly [string, (response: ServerResponse) => void, string, RegExp]> = [
  ['hangs up without an answer', (response) => response.destroy(), 'NODE_ANSWER_WRONG', /No answer came/],
  [
    'ends in the middle',
    (response) => {
      response.writeHead(200, { 'Content-Length': 1000 }).write('<a>')
      setTimeout(() => response.destroy(), 30)
    },
    'NODE_ANSWER_WRONG',
    /in the middle, after 3 bytes/,
  ],
  ['says nothing', () => undefined, 'NODE_TIMEOUT', /within 3 s/],
  [
    'trickles',
    (response) => {
      const timer = setInterval(() => response.write('<'), 50)
      response.once('close', () => clearInterval(timer))
    },
    'NODE_TIMEOUT',
    /within 3 s/,
  ],
  [
    'never ends',
    (response) => {
      const more = () => {
        while (!response.destroyed && response.write('<a></a>'.repeat(9000)));
      }
      response.on('drain', more)
      more()
    },
    'NODE_ANSWER_WRONG',
    /more than 262144/,
  ],
  [
    'packs its answer',
    (response) => response.writeHead(200, { 'Content-Encoding': 'gzip' }).end('x'),
    'NODE_ANSWER_WRONG',
    /gzip/,
  ],
  ['speaks no HTTP', ({ socket }) => socket?.end('SSH-2.0-x\r\n'), 'NODE_ANSWER_WRONG', /no HTTP/],
  [
    'throttles with a fault',
    (response) => response.writeHead(500).end(fault('Exceeded allowed rate for Reatime information', '0')),
    'NODE_REFUSES',
    /throttles/,
  ],
]

// One at a time: those that end at the deadline must get as far as their request before it.
for (const [what, behave, code, message] of misbehaviour) {
  test.serial(`a node that ${what} is told as that, once`, async (t) => {
    const { axl, asked } = await axlWith(t, () => behave, { deadline: 3000 })
    await axl.version()
    await t.throwsAsync(axl.securityMode(), { code, message })
    t.is(asked.length, 3)
  })
}

test('a node that accepts and says nothing at all is left at the deadline', async (t) => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const { port } = server.address() as AddressInfo
  const axl = openAxl({ ...login, port, deadline: 300 })
  await t.throwsAsync(axl.version(), { code: 'NODE_TIMEOUT' })
})

test('a password is in no error', async (t) => {
  const { port } = await scriptedWeb(t, ({ authorization, body }, response) => {
    response.writeHead(500).end(`${authorization}${body}`)
  })
  const error = await t.throwsAsync(openAxl({ ...login, port }).version())
  t.notRegex(JSON.stringify({ ...error, message: error.message, stack: error.stack }), /sswort|UMOkc3N3b3J0/)
})

test('versions in a refusal are found, newest first', (t) => {
  const named = (text: string) => versionsInRefusal({ status: 599, body: Buffer.from(text) })
  t.deepEqual(named('Supported axl versions are 12.x, 14.0 and 15.0</div>12.5'), [
    '15.0',
    '14.0',
    '12.5',
    '12.0',
  ])
  t.deepEqual(named('Supported AXL versions: [8.5, 9.0, 9.1, 10.0, 10.5]'), [
    '10.5',
    '10.0',
    '9.1',
    '9.0',
    '8.5',
  ])
  t.deepEqual(named('Supported axl versions are 14'), ['14.0'])
  t.deepEqual(named('HTTP Status 599'), [])
})

test.serial('whatever bytes come as an answer, they are read or refused with a code', (t) => {
  const service = { node: 'pub', inWords: 'AXL', neededService: 'AXL', neededRole: 'AXL' }
  const whole = Buffer.from(answer('executeSQLQuery', '<row><a>1</a></row>'))
  const mutated = fc
    .tuple(fc.nat(whole.length - 1), fc.nat(12), fc.uint8Array({ maxLength: 12 }))
    .map(([at, cut, bytes]) => Buffer.concat([whole.subarray(0, at), bytes, whole.subarray(at + cut)]))
  const status = fc.constantFrom(200, 401, 403, 404, 500, 503, 599)
  fc.assert(
    fc.property(status, fc.oneof(mutated, fc.uint8Array({ maxLength: 300 })), (code, body) => {
      try {
        isVersionRefusal({ status: code, body })
        versionsInRefusal({ status: code, body })
        readSoapAnswer({ status: code, body }, service)
      } catch (error) {
        if (!(error instanceof BridgeError) || !error.code.startsWith('NODE_')) throw error
      }
    }),
    { numRuns: 3000 },
  )
  t.pass()
})
