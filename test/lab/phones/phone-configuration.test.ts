import test from 'ava'
import { readPhoneConfiguration } from '../../../lab/phones/phone-configuration.js'
import { temporaryLab } from '../model/temporary-lab.js'

const read = (text: string) => readPhoneConfiguration(Buffer.from(text))

test('the configuration that the lab serves names TVS, CallManager and the mode', async (t) => {
  for (const state of ['nonsecure', 'tokenless'] as const) {
    const lab = await temporaryLab(t, { nodes: 2, phones: 3, state })
    for (const [index, node] of lab.nodes.entries())
      Object.assign(node.ports, { tvs: 2445, callManager: 5061 + index })
    const bytes = lab.publisher.serve(`${lab.devices[0]?.name}.cnf.xml`) ?? new Uint8Array()
    t.deepEqual(readPhoneConfiguration(bytes), {
      tvs: [
        { host: '127.8.8.1', port: 2445 },
        { host: '127.8.8.2', port: 2445 },
      ],
      callManagers: [
        { host: '127.8.8.1', port: 5061 },
        { host: '127.8.8.2', port: 5062 },
      ],
      isSecure: state === 'tokenless',
    })
  }
})

test('members go by their priority, not by their place', (t) => {
  const member = (priority: number, host: string) =>
    `<member priority="${priority}"><port>2445</port><address>${host}</address></member>`
  const configuration = read(
    `<device><TVS><members>${member(10, 'c')}${member(2, 'b')}${member(0, 'a')}</members></TVS></device>`,
  )
  t.deepEqual(
    configuration?.tvs.map(({ host }) => host),
    ['a', 'b', 'c'],
  )
})

test('what is missing or senseless in it is left out, what is no configuration is none', (t) => {
  t.deepEqual(read('<device><deviceSecurityMode>1</deviceSecurityMode></device>'), {
    tvs: [],
    callManagers: [],
    isSecure: false,
  })
  const senseless = '<member priority="0"><port>99999</port><address>a</address></member>'
  t.deepEqual(read(`<device><TVS><members>${senseless}</members></TVS></device>`)?.tvs, [])
  for (const text of ['', 'no XML', '<html><body>error</body></html>', '<device><TVS>']) {
    t.is(read(text), undefined, text)
  }
})

test('entities are not followed', (t) => {
  const bomb =
    '<!DOCTYPE d [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;">]>' +
    '<device><TVS><members><member priority="0"><port>1</port><address>&b;</address></member></members></TVS></device>'
  t.false(JSON.stringify(read(bomb) ?? {}).includes('aaaa'))
})
