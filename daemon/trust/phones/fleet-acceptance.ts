import {
  type Acceptance,
  answer,
  type DeviceClass,
  type PhoneSituation,
  phoneAcceptance,
} from './phone-acceptance.js'
import type { TrustList } from './trust-list.js'

/** A phone as a list names it. */
export interface Device {
  readonly name: string
  readonly model: string
  /** CTL checksum as somebody read it off the screen: MD5 or SHA-1, `none`, or empty when nobody looked. */
  readonly checksum: string
}

/** A CTL that some of the phones hold. */
export interface Holding {
  /** How people call it: the file's name, or `none`. */
  readonly name: string
  readonly list: TrustList | 'none'
}

export interface FleetQuestion extends Pick<PhoneSituation, 'itl' | 'offered' | 'tvs'> {
  /** What phones are known to hold; at least one. */
  readonly holdings: readonly Holding[]
  readonly classOf: (model: string) => DeviceClass
}

export interface DeviceAcceptance {
  readonly deviceClass: DeviceClass
  /** Name of the holding, or undefined when it is not known. */
  readonly holds: string | undefined
  /** Whether the checksum was read on the phone; else the phone is taken to hold what was given. */
  readonly isChecked: boolean
  readonly acceptance: Acceptance
}

/**
 * Answers one device after the other in constant memory: few situations occur in a fleet, and each is judged
 * once.
 */
export function makeFleetJudge(question: FleetQuestion): (device: Device) => DeviceAcceptance {
  const known = new Map<string, DeviceAcceptance>()
  const { offered, classOf } = question
  const classes = cached(classOf)
  const own: Holding = { name: 'the new file', list: offered }
  const holdings = [...question.holdings, ...(offered.problem || offered.isDraft ? [] : [own])]
  return ({ model, checksum }) => {
    const deviceClass = classes(model)
    const reading = readChecksum(checksum)
    const holding = holdings.find(({ list }) => holdsChecksum(list, reading))
    const key = `${deviceClass} ${holding?.name ?? ''} ${holding ? '' : reading.kind}`
    const answered = known.get(key)
    if (answered) return answered
    const made = judge(question, deviceClass, reading, holding)
    known.set(key, made)
    return made
  }
}

type Reading =
  | { readonly kind: 'md5' | 'sha1'; readonly hex: string }
  | { readonly kind: 'none' | 'not read' | 'unreadable' }

/** Phones part the bytes with blanks, colons or nothing; people add `(MD5)` as `show ctl` does. */
export function readChecksum(text: string): Reading {
  const plain = text
    .replace(/\((md5|sha-?1)\)/i, '')
    .replace(/[\s:.-]/g, '')
    .toLowerCase()
  if (plain === '') return { kind: 'not read' }
  if (plain === 'none') return { kind: 'none' }
  if (/^[0-9a-f]{32}$/.test(plain)) return { kind: 'md5', hex: plain }
  if (/^[0-9a-f]{40}$/.test(plain)) return { kind: 'sha1', hex: plain }
  return { kind: 'unreadable' }
}

function holdsChecksum(list: TrustList | 'none', reading: Reading): boolean {
  if (list === 'none') return reading.kind === 'none'
  return (reading.kind === 'md5' || reading.kind === 'sha1') && list[reading.kind] === reading.hex
}

function judge(
  question: FleetQuestion,
  deviceClass: DeviceClass,
  reading: Reading,
  holding: Holding | undefined,
): DeviceAcceptance {
  const accept = (installed: TrustList | 'none') => phoneAcceptance({ ...question, installed, deviceClass })
  if (holding !== undefined) {
    return { deviceClass, holds: holding.name, isChecked: true, acceptance: accept(holding.list) }
  }
  const unknown = { deviceClass, holds: undefined, isChecked: false }
  if (reading.kind === 'none') {
    return { ...unknown, holds: 'none', isChecked: true, acceptance: accept('none') }
  }
  if (reading.kind === 'unreadable') {
    return { ...unknown, acceptance: answer('CHECKSUM_UNREADABLE', 'The checksum is neither MD5 nor SHA-1.') }
  }
  if (reading.kind !== 'not read') {
    const detail = 'The phone holds a CTL with another checksum than the files given.'
    return { ...unknown, acceptance: answer('CHECKSUM_NOT_GIVEN', detail) }
  }
  const [only, ...others] = question.holdings
  if (only !== undefined && others.length === 0) {
    return { ...unknown, holds: only.name, acceptance: accept(only.list) }
  }
  return { ...unknown, acceptance: whicheverItHolds(question.holdings.map(({ list }) => accept(list))) }
}

function whicheverItHolds(possible: readonly Acceptance[]): Acceptance {
  const [first, ...others] = possible
  if (first !== undefined && others.every((other) => other.reason === first.reason)) return first
  const answers = [...new Set(possible.map(({ reason }) => reason))].join(', ')
  return answer('HOLDING_NOT_KNOWN', `The phone may hold any of the files given, which differ: ${answers}.`)
}

/** A fleet has few models; a list of nonsense must not fill the memory. */
const MODELS_KEPT = 1000

function cached(classOf: (model: string) => DeviceClass): (model: string) => DeviceClass {
  const known = new Map<string, DeviceClass>()
  return (model) => {
    const seen = known.get(model)
    if (seen) return seen
    const found = classOf(model)
    if (known.size < MODELS_KEPT) known.set(model, found)
    return found
  }
}
