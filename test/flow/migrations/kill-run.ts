/** A migration whose daemon is killed once, and what must be true after the next daemon went on, or went back. */
import { createHash } from 'node:crypto'
import { type FSWatcher, watch } from 'node:fs'
import type { ExecutionContext } from 'ava'
import type { PlanAnswer } from '../../../daemon/migration/desk/migrations.js'
import { type LabState, labServices } from '../../../lab/model/lab-cluster.js'
import type { PhoneRecord } from '../../../lab/phones/phone-record.js'
import { carryOut, type Ended, newProgress, type Progress } from './carry-out.js'
import type { KillPoint } from './desk-messages.js'
import { onlyFile, served, sha256, sumsOf } from './files-after.js'
import type { Wanted } from './plan-rows.js'
import { anna, probeAll, type Rehearsal, rehearsal, startMigration } from './rehearsal.js'

export interface KilledPlan {
  readonly name: string
  readonly state: LabState
  readonly wanted: (setting: Rehearsal) => Wanted
}

/** At an entry of the journal, or as soon as the cluster shows that the step is being done. */
export type Kill = KillPoint | { readonly step: string; readonly when: 'during' }

export const nameOf = (kill: Kill): string =>
  kill.when === 'during' ? `during ${kill.step}` : `${kill.when} the ${kill.entry} of ${kill.step}`

export interface CalmRun {
  /** Every place at which a daemon of this plan can be killed. */
  readonly kills: readonly Kill[]
  /** Ids. */
  readonly steps: readonly string[]
}

/** Carries the plan out undisturbed and tells where it could have been killed. */
export async function calmRun(t: ExecutionContext, plan: KilledPlan): Promise<CalmRun> {
  const { setting, id } = await begun(t, plan)
  const end = await carryOut(setting, id)
  t.is(end.is, 'ended', JSON.stringify(end))
  const entries = await setting.daemon().desk.journal(id)
  const steps = 'view' in end ? end.view.steps : []
  const ours = steps.filter(({ actor, does }) => actor === 'daemon' && does.do !== 'wait')
  const at = new Map<string, KillPoint>()
  for (const { step, kind } of entries) {
    if (step === undefined || (kind !== 'intent' && kind !== 'outcome' && kind !== 'observed')) continue
    for (const when of ['before', 'after'] as const) {
      const point = { step, entry: kind, when }
      at.set(nameOf(point), point)
    }
  }
  const seen = ours.filter(({ does }) => ['publish', 'restart'].includes(does.do))
  const during = seen.map(({ id: step }) => ({ step, when: 'during' as const }))
  return { kills: [...at.values(), ...during], steps: steps.map((step) => step.id) }
}

async function begun(t: ExecutionContext, plan: KilledPlan, kill?: Kill) {
  const killAt = kill !== undefined && 'entry' in kill ? kill : undefined
  const setting = await rehearsal(t, { state: plan.state, restartTime: 50, ...(killAt && { killAt }) })
  await probeAll(setting)
  const before = sumsOf(setting)
  const bytesBefore = served(setting)
  const { id } = await startMigration(setting, plan.wanted(setting))
  return { setting, id, before, bytesBefore }
}

/** Resolves when the daemon is dead. */
async function untilKilled(
  setting: Rehearsal,
  id: string,
  kill: Kill,
  progress: Progress,
): Promise<Ended['is']> {
  if ('entry' in kill) return (await carryOut(setting, id, { progress })).is
  const stop = onFirstSign(setting, () => void setting.daemon().kill(), kill.step)
  try {
    return (await carryOut(setting, id, { progress })).is
  } finally {
    stop()
  }
}

/** Calls once when a service of the step stops, or a file of the step appears on the first node. */
function onFirstSign({ running: { lab } }: Rehearsal, act: () => void, step: string): () => void {
  const ends: (() => void)[] = []
  const once = () => {
    for (const end of ends.splice(0)) end()
    act()
  }
  for (const node of lab.nodes) {
    for (const service of labServices) {
      const word = service.toLowerCase().replace('cisco ', '').replaceAll(' ', '-')
      if (!step.includes(`restart-${word}-${node.name}`)) continue
      ends.push(node.watch((what) => what === service && !node.isRunning(service) && once()))
    }
  }
  if (step.includes('publish')) {
    const watcher: FSWatcher = watch(lab.publisher.tftpFolder, () => once())
    ends.push(() => watcher.close())
  }
  return () => {
    for (const end of ends) end()
  }
}

/** The next daemon goes on to the end. Gives what tells one end from another. */
export async function killedAndResumed(t: ExecutionContext, plan: KilledPlan, kill: Kill): Promise<boolean> {
  const { setting, id } = await begun(t, plan, kill)
  const progress = newProgress()
  const first = await untilKilled(setting, id, kill, progress)
  if (first !== 'gone') return false
  await setting.restartDaemon()
  const end = await carryOut(setting, id, { progress })
  t.is(end.is, 'ended', `${nameOf(kill)}: ${'view' in end ? JSON.stringify(end.view.stopped) : ''}`)
  if ('view' in end) t.is(end.view.state, 'done', nameOf(kill))
  const file = onlyFile(setting)
  const kept = await setting.daemon().desk.file(id, 'new')
  t.true(file !== undefined && kept !== 'none' && sha256(file) === sha256(kept), nameOf(kill))
  await sameOnDisk(t, setting, nameOf(kill))
  await pinsSpentOnce(t, setting, progress, nameOf(kill))
  const phones = await setting.reports()
  const refused = phones.filter(({ shows, ctl }) => file && ctl.checksum !== digest(file, shows))
  const expected = plan.name === 'revert' ? phones.filter((phone) => !phone.securityByDefault) : []
  t.deepEqual(devices(refused), devices(expected), nameOf(kill))
  return true
}

/** The next daemon goes back from where it stands; its prediction is held against the phones. */
export async function killedAndTakenBack(
  t: ExecutionContext,
  plan: KilledPlan,
  kill: Kill,
): Promise<boolean> {
  const { setting, id, before, bytesBefore } = await begun(t, plan, kill)
  const progress = newProgress()
  if ((await untilKilled(setting, id, kill, progress)) !== 'gone') return false
  await setting.restartDaemon()
  const { desk } = setting.daemon()
  const open = await desk.get(id)
  if (open.state === 'done') return false
  if (open.stopped === undefined) await desk.stop(anna, id).catch(ended)
  const answer = await desk.planRollback(id)
  const held = await setting.reports()
  const taken = await kept(setting, id)
  const back = await desk.rollback(anna, id)
  const end = await carryOut(setting, back.id)
  t.is(end.is, 'ended', `${nameOf(kill)}: ${'view' in end ? JSON.stringify(end.view.stopped) : ''}`)
  t.deepEqual(sumsOf(setting), before, nameOf(kill))
  await pinsSpentOnce(t, setting, progress, nameOf(kill))
  const original = bytesBefore[0]
  if (original !== undefined) {
    await setting.running.phones.reset('all')
    foretold(t, answer, { held, now: await setting.reports(), files: taken, original }, nameOf(kill))
  }
  return true
}

const ended = (error: unknown): void => {
  if ((error as { code?: string }).code !== 'MIGRATION_ENDED') throw error
}

/** The files that phones may hold by now, by the names of the prediction. */
async function kept(setting: Rehearsal, id: string): Promise<Readonly<Record<string, Uint8Array>>> {
  const { desk } = setting.daemon()
  const { files } = await desk.get(id)
  const found: Record<string, Uint8Array> = {}
  for (const { name } of files) {
    const bytes = await desk.file(id, name)
    if (bytes === 'none') continue
    if (name === 'new' || name === 'bridge') found[name] = bytes
    if (/^before\/.*\/CTLFile\.tlv$/.test(name)) found.before = bytes
  }
  return found
}

interface Fleet {
  readonly held: readonly PhoneRecord[]
  readonly now: readonly PhoneRecord[]
  readonly files: Readonly<Record<string, Uint8Array>>
  readonly original: Uint8Array
}

/** Every phone that was foretold to take the way back holds the file of before now; one that was to refuse does not. */
function foretold(
  t: ExecutionContext,
  { prediction }: PlanAnswer,
  { held, now, files, original }: Fleet,
  name: string,
): void {
  for (const phone of held) {
    const holds = Object.entries(files).find(
      ([, bytes]) => phone.ctl.checksum === digest(bytes, phone.shows),
    )?.[0]
    const row = prediction.find((one) => one.model === phone.model && one.holds === holds)
    const after = now.find(({ device }) => device === phone.device)
    const isBack = after?.ctl.checksum === digest(original, phone.shows)
    // Nothing was served that could have been taken: there is nothing to foretell.
    if (row === undefined) {
      t.true(isBack, `${name}: ${phone.model} holds ${holds}, and nothing is foretold`)
      continue
    }
    const { answer } = row.acceptance
    if (answer === 'unknown') continue
    t.is(isBack, answer !== 'refuses', `${name}: ${phone.model}, which holds ${holds}, ${answer}`)
  }
}

const digest = (bytes: Uint8Array, shows: string): string => createHash(shows).update(bytes).digest('hex')
const devices = (phones: readonly PhoneRecord[]): readonly string[] =>
  phones.map(({ device }) => device).sort()

/** What lies on the disks is what is served. */
async function sameOnDisk(t: ExecutionContext, { running: { lab } }: Rehearsal, name: string): Promise<void> {
  for (const node of lab.nodes) {
    const [before] = [node.serve('CTLFile.tlv')]
    await node.restart('Cisco Tftp')
    t.deepEqual(node.serve('CTLFile.tlv'), before, `${name}: ${node.name}`)
  }
}

/** Each time that somebody typed the PIN it went to the token once, and no more. */
async function pinsSpentOnce(
  t: ExecutionContext,
  { faulty }: Rehearsal,
  { unlocks }: Progress,
  name: string,
): Promise<void> {
  t.is(await faulty.count('C_Login'), unlocks, name)
}
