/** Carries a migration through: looks at it, and does what it asks people for, by a stand-in and said so. */
import { setTimeout as passes } from 'node:timers/promises'
import type { FleetReport } from '../lab/phones/fleet-report.js'
import type { PhoneRecord } from '../lab/phones/phone-record.js'
import { TEST_PIN } from '../softhsm/sast-token.js'
import {
  type Api,
  ApiProblem,
  type Finding,
  type Migration,
  type MigrationStep,
  type Reading,
} from './api.js'
import { hashOf } from './files-of-story.js'
import type { LabProcess } from './lab-process.js'
import type { StandIn } from './stand-in.js'
import { StepDisplay } from './step-display.js'
import { count } from './telling.js'

const CTL = 'CTLFile.tlv'
const LOOK_EVERY = 150

export interface Stage {
  readonly api: Api
  readonly lab: LabProcess
  readonly standIn: StandIn
  readonly until: AbortSignal
}

/** Resolves when the migration is done; throws with the daemon’s own words when it stops. */
export async function carryThrough(stage: Stage, id: string): Promise<Migration> {
  const display = new StepDisplay()
  const done = new Set<string>()
  for (;;) {
    const view = await stage.api.migration(id)
    display.show(view)
    if (view.state === 'done') return view
    if (view.stopped !== undefined) {
      const { code, detail, remedy } = view.stopped
      throw new Error(`The migration stopped (${code}): ${detail} ${remedy}`)
    }
    if (view.state !== 'running' && view.state !== 'waiting') {
      throw new Error(`The migration ended as ${view.state}.`)
    }
    const step = view.steps.find((one) => one.id === view.current)
    // Other findings than those that were answered are answered anew.
    const key = `${step?.id} ${step?.does.do === 'hard-stop' ? JSON.stringify(view.findings.map(({ code, at }) => [code, at])) : ''}`
    if (step !== undefined && !done.has(key) && isAsked(step, view)) {
      if (await answer(stage, view, step, display)) done.add(key)
    }
    await passes(LOOK_EVERY, undefined, { signal: stage.until })
  }
}

/** A person was told, or the custodian of a token is waited for. */
const isAsked = ({ actor, phase }: MigrationStep, { waits }: Migration): boolean =>
  actor === 'person' ? phase === 'told' : actor === 'token' && phase === 'to-come' && waits.length > 0

/** Whether nothing is left to do for it. */
async function answer(
  stage: Stage,
  view: Migration,
  step: MigrationStep,
  display: StepDisplay,
): Promise<boolean> {
  const { api } = stage
  const does = step.does as Does
  switch (does.do) {
    case 'upload-certificates':
      await uploadCertificates(stage, does, display)
      return true
    case 'publish':
      for (const node of does.nodes) {
        const file = await api.migrationFile(view.id, does.artifact)
        await putOn(stage, node, file, (words) => display.did(words))
      }
      return true
    case 'hard-stop':
      return await answerFindings(api, view, display)
    case 'sign':
      display.did(`a stand-in for you types the PIN of token ${does.token}, ${TEST_PIN}, as delivered`)
      await api.unlock(view.id, TEST_PIN)
      return true
    case 'reset-phones':
      await resetAndRead(stage, view, step, does.which, display)
      return true
    case 'restart':
      display.did(`a stand-in for you restarts ${does.service} on ${does.node}`)
      await stage.standIn.restart(does.node, does.service)
      return true
    case 'confirm':
      display.did(`said for you: ${does.statement}`)
      await api.say(view.id, does.statement, 'the pilots were looked at')
      return true
    default:
      throw new Error(`The demo has nobody who does step ${step.id}: ${step.title}.`)
  }
}

/** Those actions of plans that a person or a custodian does in this plan. */
type Does =
  | { readonly do: 'upload-certificates'; readonly store: string; readonly sha256: readonly string[] }
  | { readonly do: 'publish'; readonly artifact: string; readonly nodes: readonly string[] }
  | { readonly do: 'hard-stop' }
  | { readonly do: 'confirm'; readonly statement: string }
  | { readonly do: 'sign'; readonly token: string }
  | { readonly do: 'reset-phones'; readonly which: 'pilots' | 'all' }
  | { readonly do: 'restart'; readonly service: string; readonly node: string }

async function uploadCertificates(
  { api, lab, standIn }: Stage,
  { store, sha256 }: Extract<Does, { do: 'upload-certificates' }>,
  display: StepDisplay,
): Promise<void> {
  const publisher = lab.status.nodes[0]?.name ?? ''
  for (const { serial, certificates } of await api.tokens()) {
    const certificate = certificates.find((one) => sha256.includes(one.sha256))
    if (certificate === undefined) continue
    const pem = await api.certificatePem(serial, certificate.sha256)
    display.did(`a stand-in for you uploads the certificate of token ${serial} on ${publisher}, as ${store}`)
    await standIn.uploadCertificate(publisher, store, `${serial}.pem`, pem)
  }
}

/** Uploads a file and has it served. */
export async function putOn(
  { standIn }: Stage,
  node: string,
  file: Uint8Array,
  did: (words: string) => void,
): Promise<void> {
  did(`a stand-in for you uploads ${CTL} on ${node} and restarts Cisco Tftp there`)
  await standIn.uploadFile(node, CTL, file)
  await standIn.restart(node, 'Cisco Tftp')
}

/** Reasons that somebody could give on this cluster. Each stands in the journal and in the report. */
const reasons: Readonly<Record<string, string>> = {
  DEVICES_WITHOUT_SBD: 'somebody goes to each of these devices afterwards and deletes its CTL',
  SIGNER_NOT_TRUSTED: 'every TVS vouches for both tokens, and the pilots go first',
  SIGNATURE_ALGORITHM_NOT_SEEN: 'nobody has changed it from SHA-1, the default',
  TOKEN_NOT_CISCOS: 'tried on the lab first',
}

async function answerFindings(api: Api, view: Migration, display: StepDisplay): Promise<boolean> {
  const errors = view.findings.filter(({ severity }) => severity === 'error')
  const [error] = errors
  if (error !== undefined) {
    throw new Error(`Preflight finds ${error.code}: ${error.detail} ${error.remedy}`)
  }
  const open = view.findings.filter(({ severity, acknowledged }) => severity === 'warning' && !acknowledged)
  if (open.length > 0) display.did(`preflight looked again; ${count(open.length, 'warning')} left`)
  for (const code of new Set(open.map((finding) => finding.code))) {
    const why = reasons[code] ?? 'looked at'
    display.did(`acknowledged for you: ${code} (${countOf(open, code)}): ${why}`)
    await api.acknowledge(view.id, code, why)
  }
  if (!view.waits.some(({ what }) => what === 'somebody says GO')) return false
  display.did('said for you: GO')
  await api.say(view.id, 'GO', 'the findings are acknowledged')
  return true
}

function countOf(findings: readonly Finding[], code: string): string {
  const own = findings.filter((finding) => finding.code === code)
  const devices = own.reduce((sum, finding) => sum + (finding.devices ?? 0), 0)
  return devices > 0 ? count(devices, 'device') : count(own.length, 'finding')
}

async function resetAndRead(
  { api, lab }: Stage,
  view: Migration,
  step: MigrationStep,
  which: 'pilots' | 'all',
  display: StepDisplay,
): Promise<void> {
  const what = which === 'pilots' ? 'one phone of each model' : 'all phones'
  display.did(`a stand-in for you resets ${what} and reads the screens`)
  await lab.reset(which)
  const awaited = await api.migrationFile(view.id, awaitedBy(step))
  const readings = readScreens(chosen(await lab.phones(), which), awaited)
  const took = readings.filter((reading) => reading.took === 'accepted').length
  display.did(`${took} show the new file, ${readings.length - took} keep the old one; entered as read`)
  await api.enterReadings(view.id, readings).catch((error: unknown) => {
    if (!hasGoneOn(error)) throw error
  })
}

/** When enough was read before all was entered, the migration went on meanwhile. */
const hasGoneOn = (error: unknown): boolean =>
  error instanceof ApiProblem &&
  ['MIGRATION_STEP_NOT_CURRENT', 'MIGRATION_NOTHING_TO_ANSWER', 'MIGRATION_ENDED'].includes(error.code)

function awaitedBy({ until }: MigrationStep): string {
  const condition = until.find(({ is }) => is === 'pilots-accepted' || is === 'fleet-answered')
  return typeof condition?.what === 'string' ? condition.what : 'new'
}

/** The lab resets the first of each model as pilots. */
function chosen({ phones }: FleetReport, which: 'pilots' | 'all'): readonly PhoneRecord[] {
  if (which === 'all') return phones
  return phones.filter(({ model }, index) => phones.findIndex((one) => one.model === model) === index)
}

/** By the checksum that the phone shows, and in the words of its status messages. */
function readScreens(phones: readonly PhoneRecord[], awaited: Uint8Array): Reading[] {
  return phones.map(({ device, shows, ctl, statusMessages }) => ({
    device,
    took: ctl.checksum === hashOf(awaited, shows) ? 'accepted' : 'refused',
    ...(ctl.checksum !== undefined && { checksum: ctl.checksum }),
    note: statusMessages.join(', '),
  }))
}
