import type { DeviceClass } from './phone-acceptance.js'

/** One row of the table of models: what is known of it, how surely, and who says so. */
export interface PhoneModel {
  /** As the call manager names it; a `*` at the end stands for any ending. */
  readonly model: string
  readonly deviceClass: DeviceClass
  /** `stated` by the source, or `operator`: whoever edited the table. */
  readonly sure: string
  readonly source: string
}

// The list of a cluster is in Unified Reporting (Phone Feature List) and not published: only what documents name.
const note = 'TAC 118893'

/** The models that documents name. Every other one is unknown until somebody looks it up in the cluster. */
export const knownPhoneModels: readonly PhoneModel[] = [
  { model: 'Cisco 7940', deviceClass: 'no-security-by-default', sure: 'stated', source: note },
  { model: 'Cisco 7960', deviceClass: 'no-security-by-default', sure: 'stated', source: note },
  { model: 'Cisco Jabber*', deviceClass: 'no-security-by-default', sure: 'stated', source: note },
  { model: 'Cisco 7945', deviceClass: 'security-by-default', sure: 'stated', source: note },
  { model: 'Cisco 7965', deviceClass: 'security-by-default', sure: 'stated', source: note },
  {
    model: 'Cisco TelePresence*',
    deviceClass: 'unknown',
    sure: 'stated',
    source: `${note}: many lack it, and it does not say which`,
  },
]

/** The class of a model by a table: an exact row first, then the longest beginning; `unknown` without a row. */
export function makeClassOf(models: readonly PhoneModel[]): (model: string) => DeviceClass {
  const exact = new Map<string, DeviceClass>()
  const beginnings: { readonly start: string; readonly deviceClass: DeviceClass }[] = []
  for (const { model, deviceClass } of models) {
    if (model.endsWith('*')) beginnings.push({ start: plainName(model.slice(0, -1)), deviceClass })
    else exact.set(plainName(model), deviceClass)
  }
  beginnings.sort((one, other) => other.start.length - one.start.length)
  return (model) => {
    const name = plainName(model)
    return exact.get(name) ?? beginnings.find(({ start }) => name.startsWith(start))?.deviceClass ?? 'unknown'
  }
}

/** `Cisco Unified IP Phone 7945G`, `CP-7945G`, `Cisco 7945` and `7945` are one model. */
function plainName(model: string): string {
  return model
    .toLowerCase()
    .replace(/^cp-/, '')
    .replace(/\b(cisco|unified|ip|phone)\b/g, ' ')
    .replace(/\b(\d{4})g\b/, '$1')
    .replace(/\s+/g, ' ')
    .trim()
}
