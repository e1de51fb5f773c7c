/** What the lab and the process of its phones say to each other. */

import type { TftpNode } from './fetch-file.js'
import type { PhoneBatch, WhichPhones } from './fleet.js'
import type { PhoneRecord } from './phone-record.js'
import type { PhoneRules } from './phone-rules.js'

export type FleetRequest =
  | { readonly do: 'connect'; readonly nodes: readonly TftpNode[] }
  | { readonly do: 'make'; readonly batch: PhoneBatch }
  | { readonly do: 'rules'; readonly rules: Partial<PhoneRules> }
  | { readonly do: 'advance clock'; readonly seconds: number }
  | { readonly do: 'reset'; readonly which: WhichPhones; readonly concurrency: number | undefined }
  | { readonly do: 'erase'; readonly which: WhichPhones }
  | { readonly do: 'report' }
  | { readonly do: 'log'; readonly device: string }

export interface NumberedRequest {
  readonly id: number
  readonly request: FleetRequest
}

export type FleetReply =
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly problem: string }
  /** Phones that became ready since the last such message. */
  | { readonly changed: readonly PhoneRecord[] }
