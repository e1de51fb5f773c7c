import type { ServerResponse } from 'node:http'
import test, { type ExecutionContext } from 'ava'
import { openControlCenter } from '../../../daemon/cluster/control-center/open-control-center.js'
import { envelope, fault } from '../axl/axl-answers.js'
import { startNginx } from '../nginx.js'
import { type Asked, certificate, login, loginHeader, scriptedWeb } from '../scripted-web.js'

interface Item {
  readonly status?: string
  readonly name?: string
  readonly upTime?: number
}

const item = ({ name = 'Cisco Tftp', status = 'Started', upTime }: Item) =>
  `<ns1:item><ns1:ServiceName>${name}</ns1:ServiceName><ns1:ServiceStatus>${status}</ns1:ServiceStatus><ns1:ReasonCode>-1</ns1:ReasonCode><ns1:ReasonCodeString> </ns1:ReasonCodeString><ns1:StartTime/>${upTime === undefined ? '' : `<ns1:UpTime>${upTime}</ns1:UpTime>`}</ns1:item>`

/** As Cisco's Control Center Services API shows it. */
const reply = (operation: string, items: readonly Item[], code = 0, reason = '') =>
  envelope(
    `<ns1:${operation}Response xmlns:ns1="http://schemas.cisco.com/ast/soap"><ns1:${operation}Return><ns1:ReturnCode>${code}</ns1:ReturnCode><ns1:ReasonCode>-1</ns1:ReasonCode><ns1:ReasonString>${reason}</ns1:ReasonString><ns1:ServiceInfoList>${items.map(item).join('')}</ns1:ServiceInfoList></ns1:${operation}Return></ns1:${operation}Response>`,
  )

const restarted = reply('soapDoControlServices', [{}])
const says = (...items: readonly Item[]) => reply('soapGetServiceStatus', items)

type Reply = string | ((response: ServerResponse) => void)

/** `look` answers the questions for the status, by how often it was asked. */
async function controlCenter(
  t: ExecutionContext,
  restart: Reply,
  look: (count: number) => Reply,
  patience: object = {},
) {
  let looks = 0
  const { port, asked } = await scriptedWeb(t, ({ action }, response) => {
    if (action === 'soapGetServiceStatus') looks += 1
    const given = action === 'soapDoControlServices' ? restart : look(looks)
    if (typeof given === 'string') response.end(given)
    else given(response)
  })
  const short = { pause: 10, ...patience }
  const orders = () => asked.filter(({ action }) => action === 'soapDoControlServices')
  return { center: openControlCenter({ ...login, port, patience: short }), asked, orders }
}

test('the status of a service is what the node says of that service', async (t) => {
  const { center, asked } = await controlCenter(t, '', () =>
    says({ name: 'Cisco CallManager', status: 'Stopped' }, { status: 'Starting' }),
  )
  t.is((await center.state('Cisco Tftp')).status, 'Starting')
  t.is((await center.state('Cisco CallManager')).status, 'Stopped')
  t.like(asked[0], {
    method: 'POST',
    path: '/controlcenterservice2/services/ControlCenterServices',
    authorization: loginHeader,
  })
  const body =
    '<ns:soapGetServiceStatus><ns:ServiceStatus>Cisco Tftp</ns:ServiceStatus></ns:soapGetServiceStatus>'
  t.true(asked[0]?.body.includes(body))
  await t.throwsAsync(center.state('Cisco CTIManager'), { code: 'NODE_ANSWER_WRONG', message: /CTIManager/ })
})

test('nginx gives out an answer of Control Center, and its login page is none', async (t) => {
  const nginx = await startNginx({
    certificate,
    files: { 'status.xml': says({}), 'login.html': '<!DOCTYPE html><html></html>' },
    user: 'ctl-bridge:Pässwort: <&>',
    http: 'map $http_soapaction $answer { default login.html; "~soapGetServiceStatus" status.xml; }',
    server: 'location /controlcenterservice2/ { rewrite ^ /$answer break; error_page 405 =200 /$answer; }',
  })
  t.teardown(nginx.stop)
  const center = openControlCenter({ ...login, port: nginx.httpsPort })
  t.is((await center.state('Cisco Tftp')).status, 'Started')
  await t.throwsAsync(center.restart('Cisco Tftp'), { code: 'NODE_OUTCOME_UNKNOWN', message: /web page/ })
  t.is((await nginx.requests(2)).length, 2)
})

test('a restart is ordered once and over when the service says Started', async (t) => {
  const steps = ['Stopping', 'Stopped', 'Starting', 'Started']
  const { center, asked, orders } = await controlCenter(t, restarted, (count) =>
    says({ status: steps[count - 1] ?? 'asked too often' }),
  )
  await center.restart('Cisco Tftp')
  t.is(asked.length, 5)
  const body =
    '<ns:ControlServiceRequest><ns:NodeName>pub</ns:NodeName><ns:ControlType>Restart</ns:ControlType><ns:ServiceList><ns:item>Cisco Tftp</ns:item></ns:ServiceList></ns:ControlServiceRequest>'
  t.true((orders()[0] as Asked).body.includes(`<ns:soapDoControlServices>${body}</ns:soapDoControlServices>`))
  t.is(orders().length, 1)
})

test('a service that has run for long is still the old one', async (t) => {
  const { center, asked } = await controlCenter(t, restarted, (count) =>
    says({ upTime: count < 3 ? 86_400 + count : 2 }),
  )
  await center.restart('Cisco Tftp')
  t.is(asked.length, 4)
})

test('a node that is busy while its services restart is looked at again', async (t) => {
  const looks: Reply[] = [
    (response) => response.destroy(),
    (response) => response.writeHead(503).end(),
    (response) => response.writeHead(500).end(fault('Exceeded allowed rate', '0')),
    '<html></html>',
    says({ name: 'Cisco CallManager' }),
    says({}),
  ]
  const { center, asked } = await controlCenter(t, restarted, (count) => looks[count - 1] ?? '')
  await center.restart('Cisco Tftp')
  t.is(asked.length, 7)
})

const lost: ReadonlyArray<readonly [string, Reply]> = [
  ['hangs up', (response) => response.destroy()],
  ['says nothing', () => undefined],
  ['answers with a page', '<!DOCTYPE html><html></html>'],
  ['answers with garbage', '\0\x01'],
  ['answers another question', says({})],
  [
    'ends in the middle',
    (response) => response.writeHead(200, { 'Content-Length': 99 }).write('<a>', () => response.destroy()),
  ],
  ['fails inside', (response) => response.writeHead(502).end()],
]

for (const [what, restart] of lost) {
  test.serial(
    `a restart that the node ${what} after has an unknown outcome and is not sent again`,
    async (t) => {
      const { center, asked } = await controlCenter(t, restart, () => says({}), { restart: 3000 })
      await t.throwsAsync(center.restart('Cisco Tftp'), {
        code: 'NODE_OUTCOME_UNKNOWN',
        message: /^The restart of Cisco Tftp was sent, and its answer was lost: /,
      })
      t.deepEqual(
        asked.map(({ action }) => action),
        ['soapDoControlServices'],
      )
    },
  )
}

const refused: ReadonlyArray<readonly [string, Reply, string, RegExp]> = [
  ['a wrong password', (response) => response.writeHead(401).end(), 'NODE_LOGIN_REFUSED', /Control Center/],
  ['a missing role', (response) => response.writeHead(403).end(), 'NODE_LOGIN_REFUSED', /role/],
  ['throttling', (response) => response.writeHead(503).end(), 'NODE_REFUSES', /throttles/],
  [
    'a fault',
    (response) => response.writeHead(500).end(fault('No such service', '1')),
    'NODE_COMMAND_REFUSED',
    /No such service/,
  ],
  [
    'a return code',
    reply('soapDoControlServices', [{ status: 'Stopped' }], 1, 'Service is not activated'),
    'NODE_COMMAND_REFUSED',
    /did not restart Cisco Tftp: Service is not activated \(1\)/,
  ],
]

for (const [what, restart, code, message] of refused) {
  test(`a restart refused by ${what} is known not to have happened`, async (t) => {
    const { center, asked } = await controlCenter(t, restart, () => says({}))
    await t.throwsAsync(center.restart('Cisco Tftp'), { code, message })
    t.is(asked.length, 1)
  })
}

test('nothing was sent to a node with another certificate, so its refusal is plain', async (t) => {
  const { port, asked } = await scriptedWeb(t, (_, response) => response.end(restarted))
  const center = openControlCenter({ ...login, port, tls: { ...login.tls, fingerprint: 'b'.repeat(64) } })
  await t.throwsAsync(center.restart('Cisco Tftp'), { code: 'NODE_CERTIFICATE_UNKNOWN' })
  t.deepEqual(asked, [])
  const closed = openControlCenter({ ...login, port: 1 })
  await t.throwsAsync(closed.restart('Cisco Tftp'), { code: 'NODE_UNREACHABLE' })
})

test('a service that does not come back is told with what it says', async (t) => {
  const { center, orders } = await controlCenter(t, restarted, () => says({ status: 'Stopped' }), {
    start: 200,
  })
  await t.throwsAsync(center.restart('Cisco Tftp'), {
    code: 'NODE_OUTCOME_UNKNOWN',
    message:
      /took the order to restart Cisco Tftp, and has not started it within 0\.2 s\. It says "Stopped" now/,
  })
  t.is(orders().length, 1)
})

test('a login that is refused while waiting ends the wait', async (t) => {
  const { center } = await controlCenter(t, restarted, () => (response) => response.writeHead(401).end())
  await t.throwsAsync(center.restart('Cisco Tftp'), { code: 'NODE_LOGIN_REFUSED' })
})
