/**
 * A rehearsal on an Asterisk: two TFTP servers that nobody here wrote, each over a folder of its own, phones that hold no
 * ITL and know no TVS, and an administrator who resets them and reads their screens.
 */
import type { KeyObject } from 'node:crypto'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ExecutionContext } from 'ava'
import { stringify } from 'smol-toml'
import type { MigrationView, StartRequest } from '../../../daemon/migration/desk/migrations.js'
import { labFolder } from '../../../lab/lab-folder.js'
import type { KeyAndCertificate } from '../../../lab/model/lab-cluster.js'
import { makeDevices } from '../../../lab/model/lab-devices.js'
import { newIdentity } from '../../../lab/model/lab-identity.js'
import { newSastIdentities } from '../../../lab/model/sast-identity.js'
import type { WhichPhones } from '../../../lab/phones/fleet.js'
import { identityOf } from '../../../lab/phones/phone-models.js'
import { outcomeText, type PhoneRecord } from '../../../lab/phones/phone-record.js'
import { type LabPhones, startPhones } from '../../../lab/phones/start-phones.js'
import { plugLabTokens } from '../../../lab/up/lab-tokens.js'
import { newIssuer, writeManufacturingCa } from '../../../softhsm/manufacturing-ca.js'
import { makeSofthsm } from '../../../softhsm/tokens-folder.js'
import { startMappedServer, type TftpServer } from '../../cluster/files/tftp-servers.js'
import { FaultyModule } from '../../drivers/faulty-module.js'
import { HANG_LIMIT } from '../../drivers/temporary-softhsm.js'
import { pooledKeys } from '../../lab/model/temporary-lab.js'
import type { Carried } from './carry-out.js'
import { type DeskProcess, startDesk } from './desk-process.js'
import { composeDraft, signDraft, writeCertificate } from './old-key.js'
import { chosen, readScreens } from './people.js'
import { anna } from './rehearsal.js'

export const CTL = 'CTLFile.tlv'
export const CLUSTER = 'hamburg'
/** Who signed the file of the beginning: a key on a disk, or a token by its place. */
export type FirstSigner = 'disk' | 0 | 1

export interface AsteriskOptions {
  /** The file that the nodes serve and phones hold at the beginning. Left out: none. */
  readonly begins?: {
    readonly signer: FirstSigner
    readonly alsoLists?: readonly (0 | 1)[]
    /** Of the records. Default: that of certutils, which has no addresses. */
    readonly profile?: 'certutils' | 'ctl-client'
  }
  /** The settings name no way to the second node: a person copies the file there. */
  readonly isSecondByHand?: boolean
  /** Default: 18, two of each model. */
  readonly phones?: number
}

export interface AsteriskToken {
  readonly serial: string
  /** PEM. */
  readonly file: string
  readonly identity: KeyAndCertificate
}

/** One time that phones were reset by a person, and what became of it. */
export interface Reset {
  readonly which: WhichPhones
  /** How they decided, each once. */
  readonly outcomes: readonly string[]
}

export interface AsteriskRehearsal extends Carried {
  readonly servers: readonly TftpServer[]
  readonly phones: LabPhones
  readonly faulty: FaultyModule
  /** Two; the second was made last. */
  readonly tokens: readonly [AsteriskToken, AsteriskToken]
  readonly disk: KeyAndCertificate
  readonly pbx: KeyAndCertificate
  /** For files of the test. */
  readonly folder: string
  readonly resets: readonly Reset[]
}

export async function asterisk(
  t: ExecutionContext,
  { begins, isSecondByHand = false, phones: count = 18 }: AsteriskOptions = {},
): Promise<AsteriskRehearsal> {
  const folder = await mkdtemp(join(tmpdir(), 'ctl-bridge-asterisk-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  const servers = await Promise.all([startMappedServer(), startMappedServer()])
  t.teardown(() => Promise.all(servers.map(({ stop }) => stop())))
  const made = await identities(folder)
  const faulty = await FaultyModule.inFrontOf(made.module, join(folder, 'faulty'))
  if (begins !== undefined) {
    const file = await beginningFile(folder, made, begins)
    await Promise.all(servers.map((server) => writeFile(join(server.folder, CTL), file)))
  }
  const phones = await bootPhones(t, servers, count)
  const daemon = await startAsteriskDesk(t, { folder, servers, faulty, isSecondByHand })
  const resets: Reset[] = []
  return {
    ...made,
    servers,
    phones,
    faulty,
    folder,
    resets,
    daemon: () => daemon,
    people: administrator(servers, phones, resets),
  }
}

/** One for all tests of a file: its key takes longest to make. */
let issuer: ReturnType<typeof newIssuer> | undefined

async function identities(folder: string) {
  issuer ??= newIssuer()
  const newKey = pooledKeys()
  const [disk, pbx, ...sast] = [
    ...(await Promise.all(
      ['SAST', 'pbx'].map((commonName) => newIdentity({ commonName, bits: 2048, digest: 'sha256', newKey })),
    )),
    ...(await newSastIdentities(await issuer, newKey)),
  ]
  const paths = labFolder(folder)
  await mkdir(paths.tokens)
  await writeManufacturingCa(paths.tokens, await issuer)
  await makeSofthsm(paths.tokens)
  const { tokens: plugged, module } = await plugLabTokens(paths, sast)
  const [first, second] = plugged.map(({ serial, certificateFile }, index) => ({
    serial: serial ?? '',
    file: certificateFile,
    identity: sast[index] as KeyAndCertificate,
  }))
  if (!disk || !pbx || !first || !second || module === undefined) throw new Error('SoftHSM is not there')
  return { disk, pbx, tokens: [first, second] as const, module }
}

interface Signers {
  readonly disk: KeyAndCertificate
  readonly pbx: KeyAndCertificate
  readonly tokens: readonly AsteriskToken[]
}

async function beginningFile(
  folder: string,
  { disk, pbx, tokens }: Signers,
  { signer, alsoLists = [], profile = 'certutils' }: NonNullable<AsteriskOptions['begins']>,
): Promise<Uint8Array> {
  const listed = [signer, ...alsoLists].map((who) =>
    who === 'disk' ? ({ role: 'sast', identity: disk } as const) : { role: 'token', ...tokens[who] },
  )
  const add: string[] = []
  for (const [index, { role, identity }] of listed.entries()) {
    const file = await writeCertificate(folder, `listed-${index}`, identity?.certificate ?? new Uint8Array())
    add.push('--add', `${role}=${file}`)
  }
  const server = await writeCertificate(folder, 'pbx', pbx.certificate)
  const key: KeyObject | undefined = listed[0]?.identity?.privateKey
  if (key === undefined) throw new Error('nobody signs')
  const draft = await composeDraft(folder, [
    ...['--profile', profile, ...add, '--add', `ccm+tftp=${server}@pbx/192.0.2.10`, '--signer', '+1'],
    ...['--timestamp', '2026-01-01T00:00:00Z'],
  ])
  return signDraft(draft, key)
}

/** They have taken what is served at the beginning, as the first one: phones that know no ITL. */
async function bootPhones(t: ExecutionContext, servers: readonly TftpServer[], count: number) {
  const phones = startPhones()
  t.teardown(() => phones.close())
  // Nobody serves HTTP: the models that prefer it find the port closed.
  await phones.connect(servers.map(({ port }) => ({ host: '127.0.0.1', tftp: port, http: 1 })))
  // A file that is older than the one before it would show.
  await phones.setRules({ olderFile: 'rejects' })
  await phones.make({ phones: makeDevices(count).map(identityOf), installed: {} })
  await phones.reset('all')
  return phones
}

interface DeskSurroundings {
  readonly folder: string
  readonly servers: readonly TftpServer[]
  readonly faulty: FaultyModule
  readonly isSecondByHand: boolean
}

async function startAsteriskDesk(
  t: ExecutionContext,
  { folder, servers, faulty, isSecondByHand }: DeskSurroundings,
): Promise<DeskProcess> {
  const stateFolder = join(folder, 'state')
  await mkdir(stateFolder, { mode: 0o700 })
  const nodes = servers.map(({ port, folder: root }, index) => ({
    name: `tftp${index + 1}`,
    address: '127.0.0.1',
    runs: index === 0 ? ['tftp', 'callmanager'] : ['tftp'],
    tftp_port: port,
    http_port: 0,
    ...(isSecondByHand && index === 1 ? {} : { publishing: { to: 'directory', folder: root } }),
  }))
  const clusters = join(folder, 'clusters.toml')
  await writeFile(clusters, stringify({ clusters: [{ name: CLUSTER, kind: 'asterisk', nodes }] }), {
    mode: 0o600,
  })
  const modules = [faulty.settings({ deadline: HANG_LIMIT })]
  const daemon = await startDesk(t, { stateFolder, clusters, modules })
  t.teardown(() => daemon.kill())
  return daemon
}

function administrator(
  servers: readonly TftpServer[],
  phones: LabPhones,
  resets: Reset[],
): Carried['people'] {
  return {
    doStep: async ({ does }, handOut) => {
      if (does.do === 'hard-stop' || does.do === 'reset-phones') return
      if (does.do !== 'restore-files' && does.do !== 'publish') {
        throw new Error(`${does.do} is no step of a person on an Asterisk`)
      }
      for (const node of does.nodes) {
        const path = join(servers[Number(node.slice(-1)) - 1]?.folder ?? '', CTL)
        const file = await handOut(does.do === 'publish' ? does.artifact : `before/${node}/${CTL}`)
        if (file === 'none') await rm(path)
        else await writeFile(path, file)
      }
    },
    resetAndRead: async (which, file) => {
      await phones.reset(which)
      const own = chosen((await phones.report()).phones, which)
      resets.push({ which, outcomes: outcomesOf(own) })
      const screens = readScreens(own, file)
      // The cluster does not tell how many there are, so a person says when those were all.
      const all = { device: '*', took: 'accepted', note: 'there are no others' } as const
      return which === 'all' ? [...screens, all] : screens
    },
    hasHappened: () => false,
  }
}

export const outcomesOf = (phones: readonly PhoneRecord[]): string[] =>
  [...new Set(phones.map(({ ctl }) => outcomeText(ctl.outcome)))].sort()

export const reportsOf = async ({ phones }: AsteriskRehearsal): Promise<readonly PhoneRecord[]> =>
  (await phones.report()).phones

export type AsteriskWish = Omit<StartRequest, 'cluster' | 'said'>

export const startOn = (setting: AsteriskRehearsal, request: AsteriskWish): Promise<MigrationView> =>
  setting.daemon().desk.start(anna, { ...request, cluster: CLUSTER, said: [] })

/** Publishing is tried on each of these. */
export async function probeServers(
  { daemon }: AsteriskRehearsal,
  nodes: readonly string[] = ['tftp1', 'tftp2'],
): Promise<void> {
  for (const node of nodes) {
    const report = await daemon().desk.probe(anna, CLUSTER, { node })
    if (report.outcome !== 'works') throw new Error(JSON.stringify(report, null, 1))
  }
}

/** The file in the folders of both servers; throws when they differ, or one has none. */
export async function servedFile({ servers }: AsteriskRehearsal): Promise<Uint8Array> {
  const [first, second] = await Promise.all(servers.map(({ folder }) => readFile(join(folder, CTL))))
  if (!first || !second?.equals(first)) throw new Error('the nodes differ')
  return new Uint8Array(first)
}

export async function putFile({ servers }: AsteriskRehearsal, file: Uint8Array): Promise<void> {
  for (const { folder } of servers) await writeFile(join(folder, CTL), file)
}
