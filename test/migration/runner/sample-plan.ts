/** A first token CTL on two nodes: every kind of step stands in it once. */
import type { Action, Condition, Plan, Step } from '../../../daemon/migration/plan/plan.js'
import type { Situation } from '../../../daemon/migration/situation/situation.js'

const both = ['pub', 'sub']

interface Parts extends Partial<Omit<Step, 'id' | 'title' | 'does'>> {
  readonly does: Action
}

const aStep = (id: string, { does, actor = 'daemon', ...parts }: Parts): Step => ({
  id,
  actor,
  title: `Do ${id}`,
  instructions: actor === 'person' ? [`Please do ${id}`] : [],
  needs: [],
  until: [],
  undo: { by: 'nothing' },
  ...parts,
  does,
})

const restart = (id: string, node: string): Step =>
  aStep(id, {
    does: { do: 'restart', service: 'Cisco Tftp', node },
    until: [{ is: 'service-started', service: 'Cisco Tftp', node }],
  })

const serves: Condition = { is: 'serves', what: 'new', nodes: both }

export const steps: readonly Step[] = [
  aStep('01-keep', { does: { do: 'keep-files' } }),
  aStep('02-backup', {
    actor: 'person',
    does: { do: 'confirm', statement: 'BACKUP_TAKEN' },
    until: [{ is: 'said', statement: 'BACKUP_TAKEN' }],
  }),
  aStep('03-upload', {
    actor: 'person',
    does: { do: 'upload-certificates', store: 'Phone-SAST-trust', sha256: ['aa', 'bb'], nodes: both },
    until: [{ is: 'tvs-trusts', sha256: ['aa', 'bb'], role: 0, nodes: both }],
  }),
  aStep('04-compose', {
    does: {
      do: 'compose',
      artifact: 'draft',
      recipe: { base: 'none', mode: 'token', signer: 'aa', sast: ['aa', 'bb'], edits: [] },
    },
  }),
  aStep('05-sign', {
    actor: 'token',
    does: { do: 'sign', artifact: 'new', from: 'draft', token: 'T1' },
    needs: [{ is: 'token-unlocked', token: 'T1' }],
  }),
  aStep('06-stop', {
    does: { do: 'hard-stop' },
    until: [{ is: 'findings-answered' }, { is: 'said', statement: 'GO' }],
  }),
  aStep('07-mode', {
    does: { do: 'set-mode', mode: 'mixed' },
    needs: [{ is: 'mode', mode: 'non-secure' }, { is: 'findings-answered' }],
    until: [{ is: 'mode', mode: 'mixed' }],
  }),
  aStep('08-publish', { does: { do: 'publish', artifact: 'new', nodes: both } }),
  restart('09-restart', 'pub'),
  restart('10-restart', 'sub'),
  aStep('11-read-back', { does: { do: 'wait' }, until: [serves] }),
  aStep('12-pilots', {
    does: { do: 'reset-phones', which: 'pilots' },
    needs: [serves],
    until: [{ is: 'pilots-accepted', what: 'new' }],
  }),
  aStep('13-all', {
    does: { do: 'reset-phones', which: 'all' },
    until: [{ is: 'fleet-answered', what: 'new' }],
  }),
]

/** The way back of it: each node gets what it had. */
export const backSteps: readonly Step[] = [
  aStep('01-keep', { does: { do: 'keep-files' } }),
  aStep('02-stop', { does: { do: 'hard-stop' } }),
  aStep('03-publish', { does: { do: 'publish', artifact: 'before', nodes: both } }),
  restart('04-restart', 'pub'),
  restart('05-restart', 'sub'),
  aStep('06-read-back', {
    does: { do: 'wait' },
    until: [{ is: 'serves', what: 'before', nodes: both }],
  }),
]

export const aPlan = (over: Partial<Plan> = {}): Plan => ({
  id: 'first-token-ctl',
  cluster: 'lab',
  title: 'First token CTL',
  release: '10.5.2',
  steps,
  tokens: ['T1'],
  assumptions: [],
  interruptions: [],
  ...over,
})

/** The same by CLI: the publisher makes the file, and the daemon tells it to. */
export const tokenlessSteps: readonly Step[] = [
  aStep('01-keep', { does: { do: 'keep-files' } }),
  aStep('02-stop', { does: { do: 'hard-stop' } }),
  aStep('03-update', {
    does: { do: 'update-ctl-file' },
    until: [{ is: 'signed-by', holder: 'call-manager', nodes: both }],
  }),
  restart('04-restart', 'pub'),
  restart('05-restart', 'sub'),
  aStep('06-done', {
    does: { do: 'wait' },
    until: [{ is: 'signed-by', holder: 'call-manager', nodes: both }],
  }),
  aStep('07-mode', { does: { do: 'wait' }, until: [{ is: 'mode', mode: 'non-secure' }] }),
]

export const aSituation = (over: Partial<Situation> = {}): Situation => ({
  cluster: 'lab',
  kind: 'cucm',
  at: '2026-01-02T03:04:05Z',
  release: { seen: '10.5.2', at: 'pub' },
  mode: { seen: 'non-secure', at: 'pub' },
  reach: { cli: true, axl: true, controlCenter: true },
  nodes: both.map((name, index) => ({
    name,
    address: `127.0.0.${index + 1}`,
    runs: name === 'pub' ? ['publisher', 'tftp', 'tvs', 'callmanager'] : ['tftp', 'tvs'],
    ctl: { seen: 'none', at: name },
    publishing: 'directory',
  })),
  tokens: [],
  models: { unseen: 'not asked', at: 'pub' },
  parameters: { unseen: 'not asked', at: 'pub' },
  said: [],
  ...over,
})
