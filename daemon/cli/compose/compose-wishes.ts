/** What `compose` and `migrate` are asked for of a file: the options as typed → values. Pure. */
import { isIPv4 } from 'node:net'
import { BridgeError } from '../../bridge-error.js'
import { ctlFunctions } from '../../ctl/tags.js'
import type { CertificateHolder } from '../../trust/certificate/certificate-fields.js'
import type { CommandContext } from '../command.js'

export interface AddressWish {
  readonly dnsName?: string
  readonly ipAddress?: Uint8Array
}

export interface AddWish extends AddressWish {
  readonly function: number
  readonly kind: CertificateHolder
  readonly file: string
}

export interface StubWish {
  readonly dnsName: string
  readonly ipAddress: Uint8Array
}

/** A record by its number in BASE, or the k-th new one. */
export type RecordName = { readonly base: number } | { readonly added: number }

export interface ComposeWishes {
  readonly add: readonly AddWish[]
  readonly stubs: readonly StubWish[]
  readonly remove: ReadonlySet<number>
  /** Certificate file by number in BASE. */
  readonly replace: ReadonlyMap<number, string>
  /** Name and address by number in BASE. */
  readonly place: ReadonlyMap<number, AddressWish>
  readonly order: readonly RecordName[]
  readonly signer: { readonly file: string } | RecordName | undefined
  /** Seconds since 1970. */
  readonly timestamp: number | undefined
}

/** Throws USAGE. `records` is the number of records in BASE. */
export function readWishes(
  { lists, values }: Pick<CommandContext, 'lists' | 'values'>,
  records: number,
): ComposeWishes {
  const list = (name: string): readonly string[] => lists[name] ?? []
  const number = (option: string, text: string): number => recordNumber(option, text, records)
  const removed = list('remove').flatMap((text) => text.split(',').map((part) => number('remove', part)))
  const addresses = pairs('address', list('address'), number)
  const hosts = pairs('host', list('host'), number)
  const wishes: ComposeWishes = {
    add: list('add').map(readAdd),
    stubs: list('stub').map(readStub),
    remove: new Set(removed),
    replace: pairs('replace', list('replace'), number),
    place: new Map(
      [...new Set([...addresses.keys(), ...hosts.keys()])].map((record) => {
        const address = addresses.get(record)
        const host = hosts.get(record)
        return [
          record,
          {
            ...(host !== undefined && { dnsName: hostName('host', host) }),
            ...(address !== undefined && { ipAddress: ipBytes('address', address) }),
          },
        ] as const
      }),
    ),
    order:
      values.order === undefined
        ? []
        : values.order.split(',').map((text) => readName('order', text, records)),
    signer: values.signer === undefined ? undefined : readSigner(values.signer, records),
    timestamp: values.timestamp === undefined ? undefined : readTimestamp(values.timestamp),
  }
  refuseContradictions(wishes)
  return wishes
}

const usage = (detail: string): BridgeError => new BridgeError('USAGE', detail)

function recordNumber(option: string, text: string, records: number): number {
  const value = Number(text)
  if (/^[1-9]\d{0,4}$/.test(text) && value <= records) return value
  const known = records === 0 ? 'without BASE there are none' : `BASE has 1 to ${records}`
  throw usage(`--${option} names a record by its number (${known}), not ${JSON.stringify(text)}.`)
}

function pairs(
  option: string,
  texts: readonly string[],
  number: (option: string, text: string) => number,
): Map<number, string> {
  const found = new Map<number, string>()
  for (const text of texts) {
    const at = text.indexOf('=')
    if (at < 1 || at === text.length - 1) throw usage(`--${option} is N=VALUE, not ${JSON.stringify(text)}.`)
    const record = number(option, text.slice(0, at))
    if (found.has(record)) throw usage(`--${option} stands twice for record ${record}.`)
    found.set(record, text.slice(at + 1))
  }
  return found
}

function readAdd(text: string): AddWish {
  const [, role = '', rest = ''] = /^([^=]+)=(.+)$/s.exec(text) ?? []
  if (role === '') throw usage(`--add is ROLE=FILE[@ADDRESS], not ${JSON.stringify(text)}.`)
  const at = rest.lastIndexOf('@')
  const file = at < 0 ? rest : rest.slice(0, at)
  if (file === '') throw usage(`--add names no FILE in ${JSON.stringify(text)}.`)
  return {
    function: roleNumber(role),
    kind: role.toLowerCase() === 'token' ? 'token' : 'server',
    file,
    ...(at < 0 || at === rest.length - 1 ? {} : readPlace(rest.slice(at + 1))),
  }
}

/** `10.0.0.1`, `name`, or `name/10.0.0.1`. */
function readPlace(text: string): AddressWish {
  if (isIPv4(text)) return { ipAddress: ipBytes('add', text) }
  const [name = '', address] = text.split('/')
  return {
    dnsName: hostName('add', name),
    ...(address !== undefined && { ipAddress: ipBytes('add', address) }),
  }
}

/** `10.0.0.1` or `name=10.0.0.1`. */
function readStub(text: string): StubWish {
  const at = text.lastIndexOf('=')
  const address = text.slice(at + 1)
  return {
    dnsName: at < 0 ? address : hostName('stub', text.slice(0, at)),
    ipAddress: ipBytes('stub', address),
  }
}

/** The names of roles as `show ctl` has them in lower case, and two for SAST: whose certificate it is matters. */
const roleNumbers: ReadonlyMap<string, number> = new Map([
  ['token', 0],
  ['sast', 0],
  ...[...ctlFunctions]
    .filter(([role]) => role !== 0 && role !== 6 && role !== 255)
    .map(([role, name]) => [name.toLowerCase(), role] as const),
])

export const roleNames: readonly string[] = [...roleNumbers.keys()]

function roleNumber(text: string): number {
  const name = text.toLowerCase()
  const known = roleNumbers.get(name)
  if (known !== undefined) return known
  if (/^\d{1,5}$/.test(name) && Number(name) <= 65_535) return Number(name)
  if (name === 'firewall' || name === 'asa') {
    throw usage(
      'which role number a firewall (ASA) carries is not known: FIREWALL is 6, and Cisco’s documents show the entry as CCM, which is 1. Choose: --add 1=FILE or --add 6=FILE.',
    )
  }
  throw usage(`${JSON.stringify(text)} is no role. Roles: ${roleNames.join(', ')}, or a number up to 65535.`)
}

function hostName(option: string, text: string): string {
  if (/^[\x21-\x7e]{1,255}$/.test(text)) return text
  throw usage(
    `--${option} takes a name of 1 to 255 printable characters, not ${JSON.stringify(text.slice(0, 80))}.`,
  )
}

function ipBytes(option: string, text: string): Uint8Array {
  if (isIPv4(text)) return Uint8Array.from(text.split('.'), Number)
  throw usage(`--${option} takes an IPv4 address, not ${JSON.stringify(text.slice(0, 80))}.`)
}

function readName(option: string, text: string, records: number): RecordName {
  const [, added] = /^\+([1-9]\d{0,4})$/.exec(text) ?? []
  return added === undefined ? { base: recordNumber(option, text, records) } : { added: Number(added) }
}

/** A number is a record's; a file that is called like one is `./1`. */
function readSigner(text: string, records: number): ComposeWishes['signer'] {
  return /^\+?\d+$/.test(text) ? readName('signer', text, records) : { file: text }
}

/** ISO 8601 with a zone, so that a file does not depend on the machine's. */
function readTimestamp(text: string): number {
  const isIso = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?$/.test(text)
  const seconds = isIso ? Math.floor(Date.parse(text) / 1000) : Number.NaN
  if (seconds >= 0 && seconds <= 0xffff_ffff) return seconds
  throw usage(
    `--timestamp is a time from 1970 to 2106 such as 2026-03-01T12:00:00Z, not ${JSON.stringify(text)}.`,
  )
}

function refuseContradictions({ remove, replace, place, order, signer }: ComposeWishes): void {
  const refuse = (record: number, what: string) => {
    throw usage(`record ${record} is removed and ${what} at once.`)
  }
  for (const record of remove) {
    if (replace.has(record)) refuse(record, 'replaced')
    if (place.has(record)) refuse(record, 'given an address or name')
    if (order.some((name) => 'base' in name && name.base === record)) refuse(record, 'ordered')
    if (signer && 'base' in signer && signer.base === record) refuse(record, 'named as signer')
  }
  const names = order.map((name) => ('base' in name ? `${name.base}` : `+${name.added}`))
  const twice = names.find((name, index) => names.indexOf(name) < index)
  if (twice !== undefined) throw usage(`--order names record ${twice} twice.`)
}
