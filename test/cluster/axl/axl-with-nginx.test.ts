import test, { type ExecutionContext } from 'ava'
import { openAxl } from '../../../daemon/cluster/axl/open-axl.js'
import { type NginxWish, startNginx } from '../nginx.js'
import { certificate, login } from '../scripted-web.js'
import { ccmVersion, fault, processNodes, rows, versionRefusal } from './axl-answers.js'

/** nginx gives files for GET alone; its 405 for POST is turned into the file. */
const postAsGet = 'location /axl/ { rewrite ^ /$answer break; error_page 405 =200 /$answer; }'

const byAction = `map $http_soapaction $answer {
  default missing.xml;
  "~ getCCMVersion" version.xml;
  "~ listProcessNode" nodes.xml;
  "~ executeSQLQuery" rows.xml;
}`

const files = {
  'version.xml': ccmVersion,
  'nodes.xml': processNodes,
  'rows.xml': rows({ paramname: 'ClusterSecurityMode', paramvalue: 1 }),
}

async function nginx(t: ExecutionContext, wish: Partial<NginxWish>) {
  const started = await startNginx({ certificate, files, http: byAction, server: postAsGet, ...wish })
  t.teardown(started.stop)
  return started
}

test('version, nodes and mode come from answers that nginx gives out, over basic auth', async (t) => {
  const { httpsPort, requests } = await nginx(t, { user: 'ctl-bridge:Pässwort: <&>' })
  const axl = openAxl({ ...login, port: httpsPort })
  t.is(await axl.version(), '10.5.2.10000-5')
  t.is(await axl.securityMode(), 'mixed')
  t.deepEqual(await axl.nodes(), [
    { name: 'cucm-pub', role: 'Publisher' },
    { name: '10.48.47.154', role: 'Subscriber' },
  ])
  t.deepEqual(await axl.parameters(['ClusterSecurityMode']), { ClusterSecurityMode: '1' })
  const asked = await requests(5)
  t.is(asked.length, 5)
  for (const line of asked) t.regex(line, /^200 POST \/axl\/ HTTP\/1\.1 \S*CUCM:DB ver=10\.5 \w+/)
})

test('a wrong password is tried once, however much is asked at the same time and later', async (t) => {
  const { httpsPort, requests } = await nginx(t, { user: 'ctl-bridge:another' })
  const axl = openAxl({ ...login, port: httpsPort })
  const all = await Promise.allSettled([axl.version(), axl.securityMode(), axl.nodes(), axl.modelCounts()])
  for (const one of all) t.like(one, { status: 'rejected', reason: { code: 'NODE_LOGIN_REFUSED' } })
  await t.throwsAsync(axl.version(), { code: 'NODE_LOGIN_REFUSED', message: /user or password/ })
  t.deepEqual(
    (await requests(1)).map((line) => line.slice(0, 8)),
    ['401 POST'],
  )
})

test('a password that was put right is tried again', async (t) => {
  const { httpsPort } = await nginx(t, { user: 'ctl-bridge:right' })
  let password = 'wrong'
  const axl = openAxl({ ...login, port: httpsPort, password: async () => password })
  await t.throwsAsync(axl.version(), { code: 'NODE_LOGIN_REFUSED' })
  password = 'right'
  t.is(await axl.version(), '10.5.2.10000-5')
})

test('nothing is asked of a node whose certificate is not the pinned one', async (t) => {
  const { httpsPort, requests } = await nginx(t, {})
  const tls = { ...login.tls, fingerprint: 'a'.repeat(64) }
  let isAsked = false
  const password = async () => {
    isAsked = true
    return 'secret'
  }
  const axl = openAxl({ ...login, port: httpsPort, tls, password })
  await t.throwsAsync(axl.version(), { code: 'NODE_CERTIFICATE_UNKNOWN', message: /web_fingerprint/ })
  t.false(isAsked)
  t.deepEqual(await requests(0), [])
})

const answers: ReadonlyArray<readonly [string, Partial<NginxWish>, string, RegExp]> = [
  [
    'lacks the role',
    { server: 'location /axl/ { return 403; }' },
    'NODE_LOGIN_REFUSED',
    /Standard AXL API Access/,
  ],
  ['has no AXL', { server: 'location /axl/ { return 404; }' }, 'NODE_ANSWER_WRONG', /Cisco AXL Web Service/],
  ['throttles', { server: 'location /axl/ { return 503; }' }, 'NODE_REFUSES', /throttles/],
  [
    'points to a login page',
    { server: 'location /axl/ { return 302 https://192.0.2.1/ccmadmin/; }' },
    'NODE_ANSWER_WRONG',
    /192\.0\.2\.1.*not followed/,
  ],
  [
    'gives a login page',
    { files: { ...files, 'version.xml': '<!DOCTYPE html><html><body>Log in</body></html>' } },
    'NODE_ANSWER_WRONG',
    /web page.*web_port/,
  ],
  [
    'gives a large file',
    { files: { ...files, 'version.xml': `<a>${'x'.repeat(1024 * 1024)}</a>` } },
    'NODE_ANSWER_WRONG',
    /more than 262144 bytes/,
  ],
  [
    'gives another document',
    { files: { ...files, 'version.xml': '<feed><entry/></feed>' } },
    'NODE_ANSWER_WRONG',
    /no SOAP/,
  ],
  [
    'answers another question',
    { files: { ...files, 'version.xml': processNodes } },
    'NODE_ANSWER_WRONG',
    /listProcessNodeResponse/,
  ],
  [
    'tells no version',
    { files: { ...files, 'version.xml': ccmVersion.replace('10.5.2.10000-5', 'ten') } },
    'NODE_ANSWER_WRONG',
    /something else/,
  ],
  [
    'answers with a fault',
    {
      files: { ...files, 'version.xml': fault('The specified table\n(x) is not in the database.', '-206') },
      server: 'location /axl/ { rewrite ^ /$answer break; error_page 405 =500 /$answer; }',
    },
    'NODE_COMMAND_REFUSED',
    /^AXL answered: The specified table \(x\) is not in the database\. \(AXL code -206\)$/,
  ],
]

for (const [what, wish, code, message] of answers) {
  test(`a node that ${what} is told as that`, async (t) => {
    const { httpsPort } = await nginx(t, wish)
    const axl = openAxl({ ...login, port: httpsPort })
    const error = await t.throwsAsync(axl.version(), { code, message })
    t.like(error, { place: { node: 'pub' } })
  })
}

test('a version that the node does not take is replaced by the newest that its refusal names', async (t) => {
  const takes14 = `map $http_soapaction $answer { default ""; "~ver=14.0 getCCMVersion" version.xml; }`
  const server = `location /axl/ { if ($answer = "") { return 599 "${versionRefusal('12.x, 13.5 and 14.0')}"; } rewrite ^ /$answer break; error_page 405 =200 /$answer; }`
  const { httpsPort, requests } = await nginx(t, { http: takes14, server })
  for (const [release, first, count] of [
    [undefined, '10.5', 3],
    ['15.0.1', '15.0', 6],
  ] as const) {
    const axl = openAxl({ ...login, port: httpsPort, release })
    t.is(await axl.version(), '10.5.2.10000-5')
    const versions = (await requests(count)).slice(-3).map((line) => /ver=([\d.]+)/.exec(line)?.[1])
    t.deepEqual(versions, [first, '14.0', '14.0'])
  }
})

test('a node that takes no version at all is left after all were tried', async (t) => {
  const { httpsPort, requests } = await nginx(t, { server: 'location /axl/ { return 599; }' })
  const axl = openAxl({ ...login, port: httpsPort })
  await t.throwsAsync(axl.version(), {
    code: 'NODE_ANSWER_WRONG',
    message: /10\.5, 12\.5, 9\.1, 8\.5, 15\.0/,
  })
  t.is((await requests(5)).length, 5)
})
