/**
 * Where publishing must have been probed before a plan relies on it: on each node that the daemon writes to, because
 * each has a folder of its own, and on one of those that a person uploads to, because those have the same page. On an
 * Asterisk a person copies the file into a folder: there is no page that could do otherwise.
 */
import { type PlanGround, seen } from './ground.js'

/** Names. Empty where no node serves a file that could be published over itself. */
export function nodesToProbe({ situation, automatic, guided }: PlanGround): string[] {
  const nodes = situation.nodes.filter(({ ctl }) => seen(ctl) !== 'none')
  const isServing = (name: string) => nodes.some((node) => node.name === name)
  const byHand = situation.kind === 'cucm' ? nodes.filter(({ name }) => guided.includes(name)) : []
  // As `clusters probe` chooses: a subscriber before the publisher.
  const one =
    byHand.find(({ probe }) => probe?.outcome === 'worked') ??
    byHand.find(({ runs }) => !runs.includes('publisher')) ??
    byHand[0]
  return [...automatic.filter(isServing), ...(one === undefined ? [] : [one.name])]
}
