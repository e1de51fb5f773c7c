import type { HeldCluster } from '../../situation/held-clusters.js'
import type { PhoneReading } from '../eyes.js'
import { ALL_OTHERS } from './see-phones.js'

/** Readings with the model as the cluster names it, where nobody said it; as they are where AXL does not answer. */
export async function withModels(
  { opened: { axl }, ask }: HeldCluster,
  readings: readonly PhoneReading[],
): Promise<readonly PhoneReading[]> {
  const devices = readings.flatMap(({ device, model }) =>
    device === ALL_OTHERS || model !== undefined ? [] : [device],
  )
  if (axl === undefined || devices.length === 0) return readings
  const models = await ask('axl', () => axl.deviceModels(devices)).catch(
    (): Readonly<Record<string, string>> => ({}),
  )
  return readings.map((reading) => {
    const model = reading.model ?? models[reading.device]
    return model === undefined ? reading : { ...reading, model }
  })
}
