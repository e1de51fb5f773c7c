import { request } from 'node:https'
import test from 'ava'
import type { LabCluster, LabNode } from '../../../lab/model/lab-cluster.js'
import { runningLab } from './running-lab.js'

interface Posted {
  readonly path?: string
  readonly action?: string
  readonly user?: string
  readonly method?: string
  readonly body: string
}

const AXL = '/axl/'
const CONTROL_CENTER = '/controlcenterservice2/services/ControlCenterServices'

const envelope = (body: string) =>
  `<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:ns="http://www.cisco.com/AXL/API/10.5"><soapenv:Header/><soapenv:Body>${body}</soapenv:Body></soapenv:Envelope>`

const sql = (statement: string) =>
  envelope(`<ns:executeSQLQuery><sql>${statement}</sql></ns:executeSQLQuery>`)

const mode = sql(
  'select paramname,paramvalue from processconfig where paramname=&apos;ClusterSecurityMode&apos;',
)

function post(lab: LabCluster, node: LabNode, { path = AXL, action, user, method = 'POST', body }: Posted) {
  const { user: name, password } = lab.credentials
  const headers: Record<string, string> = { 'Content-Type': 'text/xml' }
  if (action !== undefined) headers.SOAPAction = action
  return new Promise<{ status: number; text: string }>((resolve, reject) => {
    const options = {
      method,
      headers,
      auth: user ?? `${name}:${password}`,
      rejectUnauthorized: false,
      agent: false,
    }
    const sent = request(`https://${node.address}:${node.ports.web}${path}`, options, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (part) => (text += part))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }))
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

test('AXL tells version, mode and nodes', async (t) => {
  const { lab, node } = await runningLab(t, { nodes: 2, release: '10.5.2' })
  const action = '"CUCM:DB ver=10.5 getCCMVersion"'
  const version = await post(lab, node, { action, body: envelope('<ns:getCCMVersion/>') })
  t.is(version.status, 200)
  t.regex(version.text, /<componentVersion><version>10\.5\.2\.10000-5<\/version><\/componentVersion>/)
  t.regex(version.text, /<ns:getCCMVersionResponse xmlns:ns="http:\/\/www\.cisco\.com\/AXL\/API\/10\.5">/)
  const mixed = await post(lab, node, { body: mode })
  t.regex(mixed.text, /<row><paramname>ClusterSecurityMode<\/paramname><paramvalue>1<\/paramvalue><\/row>/)
  await lab.setClusterMode(0)
  t.regex((await post(lab, node, { body: mode })).text, /<paramvalue>0<\/paramvalue>/)
  const nodes = await post(lab, node, { body: envelope('<ns:listProcessNode/>') })
  t.deepEqual(
    [...nodes.text.matchAll(/<name>([^<]*)<\/name>.*?<nodeUsage>([^<]*)</g)].map(([, name, usage]) => [
      name,
      usage,
    ]),
    [
      ['EnterpriseWideData', 'Subscriber'],
      ...lab.nodes.map(({ name, role }) => [name, role === 'publisher' ? 'Publisher' : 'Subscriber']),
    ],
  )
})

test('rows hold what would be marks as text, and a function’s column has a name', async (t) => {
  const { lab, node } = await runningLab(t, { phones: 3 })
  const count = await post(lab, node, { body: sql('select count(*) from device') })
  t.regex(count.text, /<row><count>3<\/count><\/row>/)
  const marks = await post(lab, node, {
    body: sql(`select '&lt;b>&amp;' as a from processconfig where paramvalue &lt; 'F' limit 1`),
  })
  t.regex(marks.text, /<a>&#60;b&#62;&#38;<\/a>/)
})

test('the oldest schema that a release takes is of the second major release before it', async (t) => {
  const { lab, node } = await runningLab(t, { release: '14' })
  const statusOf = async (version: string) =>
    (await post(lab, node, { action: `"CUCM:DB ver=${version} executeSQLQuery"`, body: mode })).status
  t.is(await statusOf('10.5'), 599)
  t.is(await statusOf('11.0'), 200)
  t.is(await statusOf('14.0'), 200)
})

test('AXL refuses versions that the release does not know, and wrong passwords', async (t) => {
  const { lab, node } = await runningLab(t, { release: '10.5.2' })
  const newer = await post(lab, node, { action: '"CUCM:DB ver=12.5 executeSQLQuery"', body: mode })
  t.is(newer.status, 599)
  t.regex(
    newer.text,
    /<faultstring>Incorrect AXL version 12\.5\. Supported axl versions are 8\.0, 8\.5, 9\.0, 9\.1, 10\.0, 10\.5</,
  )
  t.is((await post(lab, node, { action: 'CUCM:DB ver=8.5', body: mode })).status, 200)
  t.is((await post(lab, node, { action: 'something', body: mode })).status, 500)
  for (const user of [`${lab.credentials.user}:wrong`, `other:${lab.credentials.password}`, '']) {
    const refused = await post(lab, node, { user, body: mode })
    t.is(refused.status, 401)
    t.notRegex(refused.text, /ClusterSecurityMode/)
  }
})

test('what cannot be answered is a SOAP fault that says why', async (t) => {
  const { lab, node } = await runningLab(t)
  for (const [body, words] of [
    ['no xml', /XML|Envelope/],
    ['<a>', /well-formed/],
    [envelope(''), /Body|one operation/],
    [envelope('<a/><b/>'), /one operation/],
    [envelope('<ns:addPhone/>'), /Unknown AXL operation in the lab: addPhone/],
    [sql('delete from device'), /<axlcode>-201<\/axlcode>.*Only a select/],
    [sql('select nothing from nowhere'), /syntax error/],
    [`<!DOCTYPE x [<!ENTITY a "aaaa">]>${envelope('<ns:getCCMVersion/>')}`, /DOCTYPE/],
  ] as const) {
    const { status, text } = await post(lab, node, { body })
    t.is(status, 500, body)
    t.regex(text, /<soapenv:Fault><faultcode>soapenv:(Client|Server)<\/faultcode>/)
    t.regex(text, words)
  }
  t.is((await post(lab, node, { body: 'x'.repeat(2 * 1024 * 1024) })).status, 413)
})

test('a subscriber says where AXL is', async (t) => {
  const { lab } = await runningLab(t, { nodes: 2 })
  const [publisher, subscriber] = lab.nodes
  if (subscriber === undefined) throw new Error('no subscriber')
  const { status, text } = await post(lab, subscriber, { body: mode })
  t.is(status, 404)
  t.true(text.includes(publisher?.name ?? '?'))
})

const control = (where: string, type: string, ...services: string[]) =>
  envelope(
    `<soap:soapDoControlServices xmlns:soap="http://schemas.cisco.com/ast/soap"><soap:ControlServiceRequest><soap:NodeName>${where}</soap:NodeName><soap:ControlType>${type}</soap:ControlType><soap:ServiceList>${services.map((service) => `<soap:item>${service}</soap:item>`).join('')}</soap:ServiceList></soap:ControlServiceRequest></soap:soapDoControlServices>`,
  )

const status = (...services: string[]) =>
  envelope(
    `<soap:soapGetServiceStatus xmlns:soap="http://schemas.cisco.com/ast/soap">${services.map((service) => `<soap:ServiceStatus>${service}</soap:ServiceStatus>`).join('')}</soap:soapGetServiceStatus>`,
  )

test('Control Center restarts a service of its node, and the new file is served', async (t) => {
  const { lab, node } = await runningLab(t)
  await node.writeTftp('new.txt', Uint8Array.of(1))
  t.is(node.serve('new.txt'), undefined)
  const ask = (body: string) =>
    post(lab, node, { path: CONTROL_CENTER, action: 'soapDoControlServices', body })
  const done = await ask(control(node.name, 'Restart', 'Cisco Tftp'))
  t.is(done.status, 200)
  t.regex(
    done.text,
    /<soapDoControlServicesReturn><ReturnCode>0<.*<ServiceName>Cisco Tftp<\/ServiceName><ServiceStatus>Started</,
  )
  t.deepEqual(node.serve('new.txt'), Uint8Array.of(1))
  t.is((await ask(control(node.address, 'Restart', 'Cisco CallManager'))).status, 200)
})

test('Control Center tells the status while a service restarts', async (t) => {
  const { lab, node } = await runningLab(t, { restartTime: 8000 })
  const ask = async (...services: string[]) => {
    const { text } = await post(lab, node, { path: CONTROL_CENTER, body: status(...services) })
    return [...text.matchAll(/<ServiceName>([^<]*)<\/ServiceName><ServiceStatus>([^<]*)</g)].map(
      ([, a, b]) => [a, b],
    )
  }
  t.deepEqual(await ask('Cisco Tftp', 'Cisco Nonsense'), [
    ['Cisco Tftp', 'Started'],
    ['Cisco Nonsense', 'Unknown'],
  ])
  const restarted = node.restart('Cisco Tftp')
  t.deepEqual(await ask('Cisco Tftp'), [['Cisco Tftp', 'Stopped']])
  t.is((await ask()).length, 4)
  await restarted
  t.deepEqual(await ask('Cisco Tftp'), [['Cisco Tftp', 'Started']])
})

test('Control Center does nothing for another node, an unknown service or a stranger', async (t) => {
  const { lab, node, lines } = await runningLab(t)
  for (const [body, words] of [
    [control('other', 'Restart', 'Cisco Tftp'), /ask other itself/],
    [control(node.name, 'Restart', 'Cisco Tftp', 'Cisco Nonsense'), /No such service: Cisco Nonsense/],
    [control(node.name, 'Restart'), /names no service/],
    [control(node.name, 'Stop', 'Cisco Tftp'), /does not do Stop/],
    [envelope('<soapGetStaticServiceList/>'), /no operation/],
  ] as const) {
    const { status: code, text } = await post(lab, node, { path: CONTROL_CENTER, body })
    t.is(code, 500)
    t.regex(text, words)
  }
  const stranger = { path: CONTROL_CENTER, user: 'a:b', body: control(node.name, 'Restart', 'Cisco Tftp') }
  t.is((await post(lab, node, stranger)).status, 401)
  t.false(lines('web').some((line) => line.includes('restarts')))
})
