/** Which phones take a file, for each file that they may hold by now. Pure; by the rules of `trust/phones`. */
import type { ModelCount } from '../../cluster/ports.js'
import { type Acceptance, type DeviceClass, phoneAcceptance } from '../../trust/phones/phone-acceptance.js'
import { readTrustList } from '../../trust/phones/trust-list.js'

export interface PredictionRequest {
  /** Files by name that phones may hold; `none` for phones without one. */
  readonly held: Readonly<Record<string, Uint8Array | 'none'>>
  readonly offered: Uint8Array
  readonly itl: Uint8Array | 'none' | 'not given'
  /** Certificates (DER) that every TVS vouches for as SAST. */
  readonly vouched: readonly Uint8Array[] | 'not asked'
  readonly models: readonly ModelCount[]
}

export interface PredictedRow {
  readonly holds: string
  readonly model: string
  readonly devices: number
  readonly acceptance: Acceptance
}

/** A row for each model and held file. */
export function predict(request: PredictionRequest): PredictedRow[] {
  const offered = readTrustList(request.offered)
  const itl = typeof request.itl === 'string' ? request.itl : readTrustList(request.itl)
  const tvs = request.vouched
  return Object.entries(request.held).flatMap(([holds, bytes]) => {
    const installed = bytes === 'none' ? bytes : readTrustList(bytes)
    return request.models.map(({ model, devices, securityByDefault }) => ({
      holds,
      model,
      devices,
      acceptance: phoneAcceptance({ installed, itl, offered, tvs, deviceClass: classOf(securityByDefault) }),
    }))
  })
}

const classOf = (securityByDefault: boolean | undefined): DeviceClass => {
  if (securityByDefault === undefined) return 'unknown'
  return securityByDefault ? 'security-by-default' : 'no-security-by-default'
}
