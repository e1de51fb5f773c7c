/** Control Center of one node: looks at its services and restarts them. A restart is sent once, whatever happens. */
import { setTimeout as sleep } from 'node:timers/promises'
import { BridgeError } from '../../bridge-error.js'
import type { ControlCenter, CucmService } from '../ports.js'
import { readSoapAnswer, type SoapService } from '../soap/soap-answer.js'
import { makeSoapConnection, type SoapConnection, type WebServer } from '../soap/soap-connection.js'
import {
  readControlAnswer,
  restartEnvelope,
  type ServiceInformation,
  statusEnvelope,
} from './control-center-messages.js'

/** Milliseconds. */
export interface ControlCenterPatience {
  /** For the answer to a question. */
  readonly answer: number
  /** For the answer to a restart, which comes when the service was stopped and started. */
  readonly restart: number
  /** From that answer until the service must run. CallManager with thousands of phones takes minutes. */
  readonly start: number
  /** Between two looks. The interface throttles those who ask often. */
  readonly pause: number
}

const usualPatience: ControlCenterPatience = { answer: 30_000, restart: 180_000, start: 300_000, pause: 5000 }

export interface ControlCenterServer extends WebServer {
  readonly patience?: Partial<ControlCenterPatience>
}

const PATH = '/controlcenterservice2/services/ControlCenterServices'

export function openControlCenter(server: ControlCenterServer): ControlCenter {
  const service: SoapService = {
    node: server.node,
    inWords: 'Control Center',
    neededService: 'Cisco Tomcat',
    neededRole: 'Standard SERVICEABILITY',
  }
  const connection = makeSoapConnection(server, service)
  const patience = { ...usualPatience, ...server.patience }
  const look = (name: CucmService) => lookAt(name, connection, service, patience)
  return {
    state: look,
    restart: async (name) => {
      const asked = performance.now()
      await askForRestart(name, connection, service, patience)
      await untilStarted(name, look, asked, server.node, patience)
    },
  }
}

async function lookAt(
  name: CucmService,
  { post }: SoapConnection,
  service: SoapService,
  patience: ControlCenterPatience,
): Promise<ServiceInformation> {
  const answer = await post({
    path: PATH,
    action: 'soapGetServiceStatus',
    envelope: statusEnvelope(name),
    deadline: patience.answer,
  })
  const read = readControlAnswer(readSoapAnswer(answer, service), 'soapGetServiceStatus', name)
  if (read?.refusal !== undefined) {
    throw problem('NODE_COMMAND_REFUSED', service.node, `Control Center answered: ${read.refusal}`)
  }
  if (read?.service !== undefined) return read.service
  throw problem('NODE_ANSWER_WRONG', service.node, `Control Center said nothing of ${name}.`)
}

async function askForRestart(
  name: CucmService,
  { post }: SoapConnection,
  service: SoapService,
  patience: ControlCenterPatience,
): Promise<void> {
  let isSent = false
  const onSent = () => {
    isSent = true
  }
  try {
    const answer = await post({
      path: PATH,
      action: 'soapDoControlServices',
      envelope: restartEnvelope(service.node, name),
      deadline: patience.restart,
      onSent,
    })
    const read = readControlAnswer(readSoapAnswer(answer, service), 'soapDoControlServices', name)
    if (read === undefined) throw problem('NODE_ANSWER_WRONG', service.node, 'The answer is of another kind.')
    if (read.refusal !== undefined) {
      throw problem(
        'NODE_COMMAND_REFUSED',
        service.node,
        `Control Center did not restart ${name}: ${read.refusal}`,
      )
    }
  } catch (error) {
    throw isSent && isUnclear(error) ? lost(name, service.node, error) : error
  }
}

/** Without a clear answer the node may have done it. */
const isUnclear = (error: unknown): error is BridgeError =>
  error instanceof BridgeError &&
  ['NODE_TIMEOUT', 'NODE_UNREACHABLE', 'NODE_ANSWER_WRONG'].includes(error.code)

const lost = (name: string, node: string, { message }: BridgeError): BridgeError =>
  problem(
    'NODE_OUTCOME_UNKNOWN',
    node,
    `The restart of ${name} was sent, and its answer was lost: ${message}`,
  )

async function untilStarted(
  name: CucmService,
  look: (name: CucmService) => Promise<ServiceInformation>,
  asked: number,
  node: string,
  patience: ControlCenterPatience,
): Promise<void> {
  const end = performance.now() + patience.start
  for (;;) {
    const seen = await look(name).catch(unlessPassing)
    if (typeof seen !== 'string' && isStartedSince(asked, seen)) return
    if (performance.now() >= end) {
      const said = typeof seen === 'string' ? seen : `It says ${JSON.stringify(seen.status)} now.`
      const detail = `The node took the order to restart ${name}, and has not started it within ${patience.start / 1000} s. ${said}`
      throw problem('NODE_OUTCOME_UNKNOWN', node, detail)
    }
    await sleep(patience.pause)
  }
}

/** While services restart, a node may be busy, throttle or not answer: that passes. A refused login does not. */
function unlessPassing(error: unknown): string {
  const passes = ['NODE_TIMEOUT', 'NODE_UNREACHABLE', 'NODE_ANSWER_WRONG', 'NODE_REFUSES']
  if (error instanceof BridgeError && passes.includes(error.code)) return error.message
  throw error
}

/** A service that has run for longer than since the order is still the old one. */
function isStartedSince(asked: number, { status, upTime }: ServiceInformation): boolean {
  const elapsed = (performance.now() - asked) / 1000
  return status === 'Started' && (upTime === undefined || upTime <= elapsed + CLOCKS_DIFFER)
}

/** Seconds. */
const CLOCKS_DIFFER = 10

const problem = (
  code: 'NODE_ANSWER_WRONG' | 'NODE_COMMAND_REFUSED' | 'NODE_OUTCOME_UNKNOWN',
  node: string,
  detail: string,
): BridgeError => new BridgeError(code, detail, { node })
