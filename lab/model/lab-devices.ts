/** The devices of a lab: models as CUCM names them, in shares that leave some of each kind in every fleet. */
import type { LabDevice } from './lab-cluster.js'

export interface LabModel {
  readonly model: string
  /** Which models have it is the cluster's to say; TAC 118893 names 7940/7960, Jabber and TelePresence as without. */
  readonly securityByDefault: boolean
  /** Out of 100 devices. */
  readonly share: number
  readonly prefix: string
}

export const labModels: readonly LabModel[] = [
  { model: 'Cisco 7945', securityByDefault: true, share: 22, prefix: 'SEP' },
  { model: 'Cisco 7965', securityByDefault: true, share: 20, prefix: 'SEP' },
  { model: 'Cisco 7841', securityByDefault: true, share: 20, prefix: 'SEP' },
  { model: 'Cisco 8845', securityByDefault: true, share: 14, prefix: 'SEP' },
  { model: 'Cisco 8861', securityByDefault: true, share: 12, prefix: 'SEP' },
  { model: 'Cisco 7940', securityByDefault: false, share: 4, prefix: 'SEP' },
  { model: 'Cisco 7960', securityByDefault: false, share: 4, prefix: 'SEP' },
  { model: 'Cisco Jabber for Tablet', securityByDefault: false, share: 2, prefix: 'TAB' },
  { model: 'Cisco TelePresence SX20', securityByDefault: false, share: 2, prefix: 'SEP' },
]

/** The first hundred devices hold every model by its share; fewer are spread over the models all the same. */
export function makeDevices(count: number): LabDevice[] {
  const order = spread()
  return Array.from({ length: count }, (_, index) => {
    const { model, securityByDefault, prefix } = order[index % order.length] as LabModel
    // A locally administered address: nobody's real phone has it.
    const mac = `02CB${index.toString(16).toUpperCase().padStart(8, '0')}`
    return { name: `${prefix}${mac}`, model, securityByDefault }
  })
}

/** Each model in turn while it has some left, so that nine devices are nine models. */
function spread(): LabModel[] {
  const left = labModels.map(({ share }) => share)
  const order: LabModel[] = []
  while (order.length < 100) {
    for (const [index, model] of labModels.entries()) {
      if ((left[index] ?? 0) === 0) continue
      left[index] = (left[index] ?? 0) - 1
      order.push(model)
    }
  }
  return order
}
