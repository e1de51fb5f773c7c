/** The product's clients of AXL, Control Center and TVS against the lab's servers, on an old, a middle and a new release. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'ava'
import type { ClusterNode } from '../../../daemon/cluster/configuration/cluster-schema.js'
import type { OpenedCluster } from '../../../daemon/cluster/opened-cluster.js'
import type { LabNode, LabRelease } from '../../../lab/model/lab-cluster.js'
import { registeredLab } from './registered-lab.js'

const releases: readonly LabRelease[] = ['9.1', '10.5.2', '14']

const settingsOf = ({ settings }: OpenedCluster, { name }: LabNode): ClusterNode => {
  const found = settings.nodes.find((node) => node.name === name)
  if (found === undefined) throw new Error(`${name} is not registered`)
  return found
}

for (const release of releases) {
  test.serial(`${release}: AXL tells version, mode, nodes, devices and parameters`, async (t) => {
    const { lab, opened } = await registeredLab(t, { release, phones: 20 })
    const { axl } = opened
    t.is(await axl?.version(), lab.version)
    t.is(await axl?.securityMode(), 'mixed')
    const nodes = (await axl?.nodes())?.map(({ name }) => name) ?? []
    t.true(lab.nodes.every(({ name }) => nodes.includes(name)))
    const counts = (await axl?.modelCounts()) ?? []
    t.is(
      counts.reduce((sum, { devices }) => sum + devices, 0),
      20,
    )
    const bySbd = (wanted: boolean) =>
      counts.filter(({ securityByDefault }) => securityByDefault === wanted).map(({ model }) => model)
    t.true(bySbd(true).includes('Cisco 7945'))
    t.true(bySbd(false).includes('Cisco 7960'))
    t.deepEqual(await axl?.parameters(['ClusterSecurityMode', 'RollBackToPre80', 'NoSuchParameter']), {
      ClusterSecurityMode: '1',
      RollBackToPre80: 'F',
    })
  })

  test.serial(
    `${release}: Control Center restarts Cisco Tftp on each node, and only then a file is served`,
    async (t) => {
      const { lab, opened } = await registeredLab(t, { release })
      for (const node of lab.nodes) {
        const settings = settingsOf(opened, node)
        const center = opened.controlCenter(settings)
        const written = new Uint8Array([1, 2, 3])
        await node.writeTftp('Ringlist.xml', written)
        const read = () => opened.readFile(settings, 'http', 'Ringlist.xml')
        await t.throwsAsync(read, { code: 'NODE_HAS_NO_FILE' })
        await center?.restart('Cisco Tftp')
        t.regex((await center?.state('Cisco Tftp'))?.status ?? '', /^Started$/i)
        t.deepEqual(new Uint8Array(await read()), written)
      }
    },
  )

  test.serial(
    `${release}: TVS vouches for CallManager and for what was uploaded, and not for a stranger`,
    async (t) => {
      const { lab, opened } = await registeredLab(t, { release, state: 'nonsecure' })
      const [token, other] = lab.tokens
      for (const node of lab.nodes) {
        const tvs = opened.tvs(settingsOf(opened, node))
        t.like(await tvs?.verify(node.callManager().certificate), {
          isTrusted: true,
          roles: [0, 2],
          ttl: 86_400,
        })
        t.like(await tvs?.verify(token?.certificate ?? new Uint8Array()), { isTrusted: false, roles: [] })
      }
      await lab.publisher.upload('Phone-SAST-trust', token?.certificate ?? new Uint8Array())
      await lab.replicated()
      for (const node of lab.nodes) {
        const tvs = opened.tvs(settingsOf(opened, node))
        t.like(await tvs?.verify(token?.certificate ?? new Uint8Array()), { isTrusted: true, roles: [0, 3] })
        t.like(await tvs?.verify(other?.certificate ?? new Uint8Array()), { isTrusted: false })
      }
    },
  )
}

test.serial(
  'a wrong password is refused once by AXL and once by the command line, and is not sent again',
  async (t) => {
    const { lab, openWith, lines } = await registeredLab(t)
    const secret = { file: join(lab.folder, 'wrong') }
    await writeFile(secret.file, 'not it\n', { mode: 0o600 })
    const opened = await openWith((settings) => ({
      ...settings,
      ...(settings.cli && { cli: { ...settings.cli, password: secret } }),
      ...(settings.axl && { axl: { ...settings.axl, password: secret } }),
    }))
    for (const ask of [() => opened.axl?.version(), () => opened.axl?.securityMode()]) {
      await t.throwsAsync(async () => ask(), { code: 'NODE_LOGIN_REFUSED' })
    }
    for (const ask of [() => opened.cli?.showCtl(), () => opened.cli?.securityMode()]) {
      await t.throwsAsync(async () => ask(), { code: 'NODE_LOGIN_REFUSED' })
    }
    const refusals = (service: string) => lines(service).filter((line) => line.includes('refused'))
    t.is(refusals('cli').length, 1, lines('cli').join('\n'))
    t.is(refusals('web').length, 1, lines('web').join('\n'))
  },
)

test.serial('a node with another certificate or host key than the pinned is told no password', async (t) => {
  const { openWith, lines } = await registeredLab(t)
  const other = 'ab'.repeat(32)
  const opened = await openWith((settings) => ({
    ...settings,
    nodes: settings.nodes.map((node) => ({ ...node, web_fingerprint: other, tvs_fingerprint: other })),
    ...(settings.cli && { cli: { ...settings.cli, host_key: `SHA256:${'A'.repeat(43)}` } }),
  }))
  const [node] = opened.settings.nodes
  if (node === undefined) return t.fail()
  await t.throwsAsync(async () => opened.axl?.version(), {
    code: 'NODE_CERTIFICATE_UNKNOWN',
    message: /The certificate changed: .*web_fingerprint in the settings says abab/,
  })
  await t.throwsAsync(async () => opened.controlCenter(node)?.restart('Cisco Tftp'), {
    code: 'NODE_CERTIFICATE_UNKNOWN',
  })
  await t.throwsAsync(async () => opened.tvs(node)?.verify(new Uint8Array([0x30, 0])), {
    code: 'NODE_CERTIFICATE_UNKNOWN',
    message: /tvs_fingerprint/,
  })
  await t.throwsAsync(async () => opened.cli?.showCtl(), { code: 'NODE_HOST_KEY_UNKNOWN' })
  t.deepEqual(lines('web'), [])
})
