/** What an observation tells of a lab in every state of every release, against what the documents say of each. */
import test from 'ava'
import type { Asked, ClusterObservation } from '../../../daemon/cluster/observe/observation.js'
import type { LabRelease, LabState } from '../../../lab/model/lab-cluster.js'
import { registeredLab } from './registered-lab.js'

interface Expected {
  readonly version: RegExp
  /** TAC 118893 and the Security Guides: who signs a tokenless CTL; undefined where there is none. */
  readonly tokenless: 'call-manager' | 'itl-recovery' | undefined
  /** SAST records of a token CTL: two tokens, and from 11.5 on ITLRecovery and CallManager. 0: none is possible. */
  readonly tokenCtlSasts: number
  readonly tokenlessSasts: number
}

const releases: Readonly<Record<LabRelease, Expected>> = {
  '9.1': { version: /^9\.1\.2\./, tokenless: undefined, tokenCtlSasts: 2, tokenlessSasts: 0 },
  '10.5.1': { version: /^10\.5\.1\./, tokenless: 'call-manager', tokenCtlSasts: 2, tokenlessSasts: 1 },
  '10.5.2': { version: /^10\.5\.2\./, tokenless: 'call-manager', tokenCtlSasts: 2, tokenlessSasts: 2 },
  '11.5': { version: /^11\.5\.1\./, tokenless: 'call-manager', tokenCtlSasts: 4, tokenlessSasts: 2 },
  '12.5': { version: /^12\.5\.1\./, tokenless: 'itl-recovery', tokenCtlSasts: 4, tokenlessSasts: 2 },
  '14': { version: /^14\.0\.1\./, tokenless: 'itl-recovery', tokenCtlSasts: 0, tokenlessSasts: 2 },
}

const statesOf = ({ tokenless, tokenCtlSasts }: Expected): LabState[] => [
  'nonsecure',
  ...(tokenless === undefined ? [] : (['tokenless'] as const)),
  ...(tokenCtlSasts === 0 ? [] : (['tokens'] as const)),
]

const answerOf = <T>(asked: Asked<T>): T | undefined =>
  asked.state === 'answered' ? asked.answer : undefined

function ctlFacts(observation: ClusterObservation) {
  const ctls = observation.files.filter(({ kind }) => kind === 'ctl')
  const [file] = ctls
  const copies = observation.nodes.flatMap(({ ctl }) => ctl.map(({ asked }) => answerOf(asked)))
  const shown = answerOf(observation.showCtl)
  return {
    different: ctls.length,
    copies: copies.filter((sha256) => file !== undefined && sha256 === file.sha256).length,
    mode: file?.mode,
    servers: file?.servers,
    verified: file?.verified,
    holder: file?.signer?.holder,
    token: file?.signer?.token,
    sasts: observation.certificates.filter(({ inCtl }) => inCtl).length,
    shownOnPublisher: shown?.md5,
    verifiedOnPublisher: shown?.isVerified,
    md5: file?.md5,
  }
}

for (const [release, expected] of Object.entries(releases) as [LabRelease, Expected][]) {
  for (const state of statesOf(expected)) {
    test.serial(`${release} ${state}: every question is answered, and the answers agree`, async (t) => {
      const { observe, lab } = await registeredLab(t, { release, state, phones: 9 })
      if (state === 'tokens') {
        // TVS is asked by the certificate's own serial, which a CTL of the CTL Client does not hold (TAC 118893).
        t.deepEqual(
          (await observe()).disagreements.map(({ code }) => code),
          ['SIGNER_NOT_VOUCHED'],
        )
        for (const { certificate } of lab.tokens) await lab.publisher.upload('Phone-SAST-trust', certificate)
        await lab.replicated()
      }
      const observation = await observe()
      t.deepEqual(observation.unanswered, [])
      t.deepEqual(observation.disagreements, [])
      t.regex(answerOf(observation.release.asked) ?? '', expected.version)
      const mode = state === 'nonsecure' ? 'non-secure' : 'mixed'
      const modes = observation.securityMode.map(({ from, asked }) => `${from} ${answerOf(asked)}`)
      t.deepEqual(modes, [`axl ${mode}`, `cli ${mode}`])
      const named = (answerOf(observation.processNodes) ?? []).map(({ name }) => name)
      t.true(lab.nodes.every(({ name }) => named.includes(name)))
      const devices = answerOf(observation.devices) ?? []
      t.is(devices.length, 9, 'a device of each model')
      t.is(devices.filter(({ securityByDefault }) => securityByDefault === false).length, 4)
      const { md5, ...facts } = ctlFacts(observation)
      if (state === 'nonsecure') {
        t.is(facts.different, 0)
        t.is(answerOf(observation.showCtl)?.length, 0)
        return
      }
      const isToken = state === 'tokens'
      t.deepEqual(facts, {
        different: 1,
        copies: 4,
        mode: isToken ? 'token' : 'tokenless',
        servers: 'secure',
        verified: true,
        holder: isToken ? 'token' : expected.tokenless,
        // The token that was in the port last has signed.
        token: isToken ? 'T2' : undefined,
        sasts: isToken ? expected.tokenCtlSasts : expected.tokenlessSasts,
        shownOnPublisher: md5,
        verifiedOnPublisher: true,
      })
    })
  }
}
