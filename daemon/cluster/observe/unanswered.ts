/** The questions that got no answer, in one list. Pure. */
import type { Asked, ClusterFacts, NodeObservation, Sourced, Unanswered } from './observation.js'
import { wayNames } from './ways.js'

export function unansweredOf(facts: ClusterFacts): Unanswered[] {
  const publisher = facts.nodes.find(({ runs }) => runs.includes('publisher'))?.name ?? facts.cluster
  const sourced = (what: string, { from, asked }: Sourced<unknown>): Unanswered[] =>
    failed(publisher, `${what} over ${from === 'cli' ? 'the command line' : 'AXL'}`, asked)
  return [
    ...facts.nodes.flatMap((node) => [...copiesOf(node), ...readingsOf(facts, node)]),
    ...sourced('release', facts.release),
    ...facts.securityMode.flatMap((mode) => sourced('mode', mode)),
    ...failed(publisher, 'nodes over AXL', facts.processNodes),
    ...failed(publisher, 'devices over AXL', facts.devices),
    ...failed(publisher, 'show ctl', facts.showCtl),
  ]
}

function copiesOf({ name, ctl, itl }: NodeObservation): Unanswered[] {
  return [
    ...ctl.flatMap(({ over, asked }) => failed(name, `CTL over ${wayNames[over]}`, asked)),
    ...itl.flatMap(({ over, asked }) => failed(name, `ITL over ${wayNames[over]}`, asked)),
  ]
}

function readingsOf({ certificates }: ClusterFacts, { name, tvs }: NodeObservation): Unanswered[] {
  return tvs.flatMap(({ certificate, asked }) => {
    const about = certificates.find(({ sha256 }) => sha256 === certificate)
    const [token] = about?.tokens ?? []
    return failed(name, `TVS about ${token === undefined ? (about?.subject ?? '') : `token ${token}`}`, asked)
  })
}

function failed(node: string, question: string, asked: Asked<unknown>): Unanswered[] {
  return asked.state === 'failed' ? [{ node, question, problem: asked.problem }] : []
}
