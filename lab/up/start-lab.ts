/** The whole lab: model, servers of every node, phones, tokens, registration, control socket, daemon. */
import { mkdir } from 'node:fs/promises'
import { type CliServer, startCliServer } from '../cli/cli-server.js'
import { startControl } from '../control/control-server.js'
import { type LabFolder, LabProblem, labFolder } from '../lab-folder.js'
import { LabLog } from '../lab-log.js'
import type { LabCluster, LabNode } from '../model/lab-cluster.js'
import { type LabOptions, makeLabCluster } from '../model/make-lab-cluster.js'
import { identityOf } from '../phones/phone-models.js'
import { type LabPhones, startPhones } from '../phones/start-phones.js'
import { startNodeServers } from '../servers/start-node-servers.js'
import { handlersOf, type LabParts } from './control-handlers.js'
import { type LabDaemon, startLabDaemon } from './lab-daemon.js'
import { type LabTokens, plugLabTokens } from './lab-tokens.js'
import { cleanUp, noteProcesses } from './leftovers.js'
import { registerCluster } from './register-cluster.js'

export interface StartOptions extends Omit<LabOptions, 'folder' | 'onLog' | 'tokens'> {
  /** Where the lab lives and registers; made here, and gone at the end. */
  readonly folder: string
  /** Undefined: no daemon is started. */
  readonly daemon: { readonly settings: string; readonly socket: string } | undefined
  readonly onProgress: (step: string) => void
}

export interface RunningLab {
  readonly lab: LabCluster
  readonly paths: LabFolder
  readonly phones: LabPhones
  readonly tokens: LabTokens
  readonly daemon: LabDaemon | undefined
  /** Resolves when `lab down` was asked. */
  readonly downAsked: Promise<void>
  readonly close: () => Promise<void>
}

/** What must be undone, the latest first, also when a later step fails. */
class Undo {
  readonly #steps: (() => Promise<unknown>)[] = []

  add(step: () => Promise<unknown>): void {
    this.#steps.unshift(step)
  }

  async run(): Promise<void> {
    for (const step of this.#steps.splice(0)) await step().catch(() => undefined)
  }
}

export async function startLab(options: StartOptions): Promise<RunningLab> {
  if (await cleanUp(options.folder)) options.onProgress('the leftovers of an earlier lab are gone')
  const undo = new Undo()
  try {
    return await startIn(labFolder(options.folder), options, undo)
  } catch (error) {
    await undo.run()
    throw error
  }
}

async function startIn(paths: LabFolder, options: StartOptions, undo: Undo): Promise<RunningLab> {
  await makeFolder(paths.folder)
  undo.add(() => cleanUp(paths.folder))
  await noteProcesses(paths.folder, { lab: process.pid })
  const log = new LabLog(paths.nodes)
  undo.add(async () => log.flush())
  const lab = await makeLabCluster({ ...options, onLog: log.add })
  undo.add(() => lab.close())
  const servers = await startServers(lab, undo)
  options.onProgress('nodes are up')
  const tokens = await plugLabTokens(paths, lab.tokens)
  await keepRegistered(paths, lab, servers, undo)
  const phones = await startFleet(lab, undo)
  let daemon: LabDaemon | undefined
  const { downAsked } = await openControl(paths, { paths, lab, phones, tokens, daemon: () => daemon }, undo)
  daemon = await beginDaemon(paths, options, tokens, undo)
  if (daemon !== undefined) await noteProcesses(paths.folder, { lab: process.pid, daemon: daemon.pid })
  let closing: Promise<void> | undefined
  const close = () => {
    closing ??= undo.run()
    return closing
  }
  return { lab, paths, phones, tokens, daemon, downAsked, close }
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
  } catch (error) {
    throw new LabProblem(`The lab's folder cannot be made: ${(error as Error).message}.`)
  }
}

async function startServers(lab: LabCluster, undo: Undo): Promise<readonly CliServer[]> {
  return await Promise.all(
    lab.nodes.map(async (node) => {
      const servers = await startNodeServers(lab, node).catch((error: unknown) => {
        throw new LabProblem(`${node.name} cannot listen on ${node.address}: ${(error as Error).message}.`)
      })
      undo.add(() => servers.close())
      const cli = await startCliServer(lab, node)
      undo.add(() => cli.close())
      return cli
    }),
  )
}

/** A TVS with a new certificate is pinned anew: the lab rehearses files, not the care of pins. */
async function keepRegistered(
  paths: LabFolder,
  lab: LabCluster,
  servers: readonly CliServer[],
  undo: Undo,
): Promise<void> {
  const hostKey = servers[lab.nodes.indexOf(lab.publisher)]?.hostKey ?? ''
  const register = () => registerCluster(paths, lab, hostKey)
  await register()
  let last = Promise.resolve()
  const watch = (node: LabNode) =>
    node.watch((what) => {
      if (what === 'Cisco Trust Verification Service') last = last.then(register).catch(() => undefined)
    })
  const ends = lab.nodes.map(watch)
  undo.add(async () => {
    for (const end of ends) end()
    await last
  })
}

async function startFleet(lab: LabCluster, undo: Undo): Promise<LabPhones> {
  const phones = startPhones()
  undo.add(() => phones.close())
  await phones.connect(
    lab.nodes.map(({ address, ports }) => ({ host: address, tftp: ports.tftp, http: ports.http })),
  )
  if (lab.devices.length > 0) await phones.make({ phones: lab.devices.map(identityOf), installed: {} })
  return phones
}

/** Resolves with a promise in an object, so that it is not waited for here. */
async function openControl(
  paths: LabFolder,
  parts: Omit<LabParts, 'askDown'>,
  undo: Undo,
): Promise<{ readonly downAsked: Promise<void> }> {
  let askDown = (): void => undefined
  const downAsked = new Promise<void>((resolve) => {
    askDown = resolve
  })
  undo.add(await startControl(paths.control, handlersOf({ ...parts, askDown })))
  return { downAsked }
}

async function beginDaemon(
  paths: LabFolder,
  { daemon: wish, onProgress }: StartOptions,
  { module }: LabTokens,
  undo: Undo,
): Promise<LabDaemon | undefined> {
  if (wish === undefined) return undefined
  onProgress('starting the daemon')
  const daemon = await startLabDaemon({ ...wish, ownSettings: paths.daemonSettings, module })
  if (daemon !== undefined) undo.add(() => daemon.stop())
  return daemon
}
