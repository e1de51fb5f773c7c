/** What `ctl-bridge lab …` asks a running lab over its control socket: JSON over HTTP. */
import type { WhichPhones } from '../phones/fleet.js'
import type { PhoneRecord } from '../phones/phone-record.js'

export const controlRoutes = {
  status: 'GET /status',
  phones: 'GET /phones',
  phone: 'POST /phones/one',
  reset: 'POST /phones/reset',
  fault: 'POST /fault',
  tvs: 'POST /tvs',
  down: 'POST /down',
} as const

export type ControlRoute = keyof typeof controlRoutes

export interface ResetRequest {
  readonly which: WhichPhones
  /** First deletes the trust lists at the phone, as somebody who walks to it. */
  readonly erase: boolean
}

export interface PhoneRequest {
  readonly device: string
}

export interface PhoneAnswer {
  readonly phone: PhoneRecord
  /** Lines of its console. */
  readonly log: readonly string[]
}

export type LabFault =
  | { readonly kind: 'down' | 'tvs-down' | 'disk-full' | 'none' }
  /** Milliseconds before each packet or answer. */
  | { readonly kind: 'slow'; readonly delay: number }
  /** Bytes as base64, put in place of CTLFile.tlv behind everybody's back, and served. */
  | { readonly kind: 'replace'; readonly file: string }
  /** Seconds until a change is on the other nodes; of the whole cluster. */
  | { readonly kind: 'replication-late'; readonly seconds: number }

export interface FaultRequest {
  readonly node: string
  readonly fault: LabFault
}

export interface NodeStatus {
  readonly name: string
  readonly address: string
  readonly role: 'publisher' | 'subscriber'
  readonly ports: Readonly<Record<string, number>>
  /** Services that do not run. */
  readonly stopped: readonly string[]
  /** In the words of `lab fault`. */
  readonly faults: readonly string[]
}

export interface LabStatus {
  readonly name: string
  readonly release: string
  readonly version: string
  readonly mode: 'non-secure' | 'mixed'
  readonly tvsPolicy: string
  readonly replicationSeconds: number
  readonly user: string
  /** Of the lab alone, made anew each time. */
  readonly password: string
  readonly passwordFile: string
  readonly folder: string
  readonly nodes: readonly NodeStatus[]
  readonly phones: number
  readonly tokens: readonly { readonly serial: string | null; readonly certificateFile: string }[]
  /** What the daemon that the lab started listens on; null when another one runs, or none could be started. */
  readonly daemon: { readonly socket: string } | null
}
