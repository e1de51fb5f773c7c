/** What the doctor looks at on a machine, as values; `look-at-machine.ts` gathers them. */
import type { ModuleSnapshot, TokenErrorCode } from '../../drivers/token.js'
import type { ClusterFacts } from './cluster-facts.js'

export interface UsbDevice {
  /** Four hex digits. */
  readonly vendorId: string
  readonly productId: string
  /** Name of a known token, or of its kind. */
  readonly name: string | undefined
  /** Whether this user may read and write the device file. */
  readonly accessible: boolean
}

export interface ModuleTrial {
  readonly name: string
  readonly path: string
  readonly exists: boolean
  readonly result:
    | { readonly snapshot: ModuleSnapshot }
    | { readonly error: { readonly code: TokenErrorCode | 'INTERNAL'; readonly detail: string } }
}

/** The smart card daemon as this user meets it. */
export type PcscState =
  | { readonly state: 'answers' }
  | { readonly state: 'not running'; readonly installed: boolean }
  /** Its socket is there and this user may not connect. */
  | { readonly state: 'refuses'; readonly detail: string }

export interface MachineFacts {
  readonly user: string
  readonly settings: string | undefined
  readonly configured: boolean
  readonly clusters: ClusterFacts
  readonly modules: readonly ModuleTrial[]
  readonly pcsc: PcscState
  /** `undefined`: this machine shows no USB devices. */
  readonly usb: readonly UsbDevice[] | undefined
  /** Whether the vendor's pcscd driver for eToken Pro 32k/64k is installed. */
  readonly hasAladdinDriver: boolean
}
