/** What the signers of the new files mean for phones, by model and count. */

import type { ModelCount } from '../../cluster/ports.js'
import { decodeCtlFile } from '../../ctl/ctl-file.js'
import { timestampOf } from '../../ctl/header-fields.js'
import { entriesOf, type PlanGround, seen } from '../plan/ground.js'
import { found, type PreflightFinding } from './finding.js'
import { type Offer, offersOf } from './offers.js'
import type { PreflightRequest } from './preflight.js'

export function phoneFindings({ plan, ground }: PreflightRequest): PreflightFinding[] {
  // A way back has a prediction of its own, for each file that phones may hold by then.
  if (plan.id === 'rollback') return []
  const offers = offersOf(plan, ground)
  const first = offers.find(({ by, isInItl }) => by === 'first' && !isInItl)
  const asking = offers.find(({ by }) => by === 'tvs')
  return [
    ...(first === undefined ? [] : firstCtl(ground, first)),
    ...(plan.id === 'tokens-to-tokenless' && asking === undefined ? [mustFetchFirst(plan, ground)] : []),
    ...(asking === undefined ? [] : askTvs(ground, asking)),
  ]
}

/** A device without Security By Default has no ITL either: it trusts the first CTL that it gets. */
function firstCtl(ground: PlanGround, { isTokens }: Offer): PreflightFinding[] {
  if (ground.situation.kind === 'asterisk' && !hasItl(ground)) return []
  const { count } = split(ground)
  const who = isTokens
    ? 'a token, which their ITL does not list'
    : 'a certificate that no ITL which was read lists'
  return [
    found(
      'FIRST_CTL_UNKNOWN',
      `The phones of this cluster hold an ITL and no CTL, and the first one is signed by ${who}. ${dependsOn(count)}`,
      count === undefined ? {} : { devices: count },
    ),
  ]
}

const hasItl = ({ situation }: PlanGround): boolean =>
  situation.nodes.some(({ itl }) => seen(itl) instanceof Uint8Array)

const dependsOn = (count: number | undefined): string =>
  count === undefined
    ? 'Whether they trust it, or ask TVS, is not known.'
    : `${count} of them may trust it, or ask TVS; TVS finds a token by the upload or by its node’s own CTL, and which is not known.`

/** Security Guide 12.0: phones must hold a file that tokens signed on 12.0 before they are offered a tokenless one. */
function mustFetchFirst(
  { steps }: PreflightRequest['plan'],
  { file, rules, releaseText }: PlanGround,
): PreflightFinding {
  const isBridged = steps.some(({ does }) => does.do === 'publish' && does.artifact === 'bridge')
  if (isBridged) {
    return found(
      'PHONES_MUST_FETCH_FIRST',
      'Every phone must hold the bridge file before utils ctl update CTLFile: the plan waits for them.',
    )
  }
  const made = file === undefined ? undefined : timestampOf(decodeCtlFile(file.bytes))
  const when =
    made === undefined ? '' : ` It was made on ${new Date(made * 1000).toISOString().slice(0, 10)}.`
  const rule =
    (rules?.from[0] ?? 0) >= 12
      ? ` Cisco asks that tokens signed it on 12.0 or later; the cluster runs ${releaseText} now. If it is older, update it with a token first.`
      : ''
  return found(
    'PHONES_MUST_FETCH_FIRST',
    `Phones take the tokenless file by the token file that is served now, once they have fetched that.${when}${rule}`,
  )
}

function askTvs(ground: PlanGround, { isTokens }: Offer): PreflightFinding[] {
  const { count } = split(ground)
  const who =
    count === undefined
      ? 'Phones'
      : `${count} ${count === 1 ? 'device' : 'devices'} with Security By Default, or of which it is not known,`
  const how = isTokens
    ? 'TVS looks for a token in its database, where the upload is, and then in the CTL file of its own node. A token’s serial stands reversed in a CTL, so which of the two finds it is not known; the plan sees to both.'
    : 'TVS has the certificate of its own cluster in its database.'
  return [
    found(
      'SIGNER_NOT_TRUSTED',
      `The signer of the new file is no SAST of the file that phones hold. ${who} ask TVS. ${how}`,
      count === undefined ? {} : { devices: count },
    ),
    ...noTvs(ground),
    ...itlWithoutTvs(ground),
    ...(isTokens ? withoutFile(ground) : []),
    ...withoutDefault(ground),
  ]
}

const TVS_ROLE = 21

const noTvs = ({ tvs }: PlanGround): PreflightFinding[] =>
  tvs.length > 0 ? [] : [found('TVS_NONE', 'No node of the settings runs TVS.')]

/** The phone checks TVS’s certificate against its ITL. */
function itlWithoutTvs({ situation }: PlanGround): PreflightFinding[] {
  return situation.nodes.flatMap(({ name, itl }) => {
    const file = seen(itl)
    if (file === undefined) return []
    if (file === 'none') return [found('ITL_WITHOUT_TVS', `${name} serves no ITL.`, { at: name })]
    const hasTvs = entriesOf(name, file).some(({ role }) => role === TVS_ROLE)
    return hasTvs ? [] : [found('ITL_WITHOUT_TVS', `The ITL of ${name} lists no TVS.`, { at: name })]
  })
}

/** Files are put onto nodes with TFTP alone. */
function withoutFile({ tvs, tftp }: PlanGround): PreflightFinding[] {
  return tvs
    .filter((node) => !tftp.includes(node))
    .map((node) => found('TVS_FILE_MISSING', `${node} runs TVS and no TFTP.`, { at: node }))
}

interface Fleet {
  /** Undefined: the models were not seen. */
  readonly models: readonly ModelCount[] | undefined
  /** Devices that may ask TVS. */
  readonly count: number | undefined
}

function split({ situation }: PlanGround): Fleet {
  const models = seen(situation.models)
  const asking = models?.filter(({ securityByDefault }) => securityByDefault !== false)
  return { models, count: asking?.reduce((sum, { devices }) => sum + devices, 0) }
}

function withoutDefault(ground: PlanGround): PreflightFinding[] {
  const { models } = split(ground)
  const { situation } = ground
  if (models === undefined) {
    const why = 'unseen' in situation.models ? situation.models.unseen : ''
    return [found('DEVICES_UNKNOWN', `The models were not seen: ${why}`)]
  }
  return models.flatMap(({ model, devices, securityByDefault }) => {
    const place = { at: model, devices }
    if (securityByDefault === true || devices === 0) return []
    return securityByDefault === false
      ? [found('DEVICES_WITHOUT_SBD', `${devices} × ${model} cannot ask TVS and keep the old file.`, place)]
      : [
          found(
            'DEVICES_UNKNOWN',
            `${devices} × ${model}: whether they can ask TVS the cluster does not say.`,
            place,
          ),
        ]
  })
}
