/** Devices by model, those first that cannot ask TVS. */
import type { ClusterObservationAnswer } from '../answers.js'
import { alignColumns } from './node-table.js'

export function deviceRows({ devices }: ClusterObservationAnswer): string[] {
  if (devices.state !== 'answered') return []
  const models = devices.answer
  if (models.length === 0) return ['Devices: none']
  const sum = (wanted: boolean | undefined): number =>
    models
      .filter(({ securityByDefault }) => securityByDefault === wanted)
      .reduce((total, model) => total + model.devices, 0)
  const order = (value: boolean | undefined): number => (value === false ? 0 : value === undefined ? 1 : 2)
  const sorted = [...models].sort(
    (one, other) =>
      order(one.securityByDefault) - order(other.securityByDefault) || other.devices - one.devices,
  )
  const table = alignColumns([
    ['count', 'Security By Default', 'model'],
    ...sorted.map((model) => [String(model.devices), answerText(model.securityByDefault), model.model]),
  ])
  return [
    `Devices: ${sum(true)} with Security By Default, ${sum(false)} without, ${sum(undefined)} not known`,
    ...table.map((row) => `  ${row}`),
    ...(sum(false) > 0
      ? [
          '  Those without cannot ask TVS: after a change of signer they keep the old CTL until it is deleted on the device.',
        ]
      : []),
  ]
}

const answerText = (answer: boolean | undefined): string =>
  answer === undefined ? 'not known' : answer ? 'yes' : 'NO'
