/**
 * Control Center Services on every node: status, and restarts that matter (a certificate or a file counts only once its
 * service started anew). The shape of questions and answers is that of public clients and the published WSDL.
 */
import type { RequestHandler } from 'express'
import { type LabNode, type LabServiceName, labServices } from '../../model/lab-cluster.js'
import { answering, childOf, escapeXml, readCall, SoapFault, sendAnswer, textOf, textsOf } from './soap.js'

const NAMESPACE = 'http://schemas.cisco.com/ast/soap'

/** When each service last started. */
export type ServiceStarts = ReadonlyMap<LabServiceName, Date>

export function makeControlCenter(node: LabNode, starts: ServiceStarts): RequestHandler {
  return answering(async (request, response) => {
    const { operation, content } = readCall(typeof request.body === 'string' ? request.body : '')
    if (operation === 'soapGetServiceStatus') {
      const asked = textsOf(content.ServiceStatus)
      const names = asked.length === 0 ? labServices : asked
      sendAnswer(response, NAMESPACE, operation, returned(operation, node, starts, names))
      return
    }
    if (operation !== 'soapDoControlServices') {
      throw new SoapFault('Client', `The lab has no operation ${operation}.`)
    }
    const names = await restart(
      node,
      content.ControlServiceRequest === undefined ? {} : (childOf(content, 'ControlServiceRequest') ?? {}),
    )
    sendAnswer(response, NAMESPACE, operation, returned(operation, node, starts, names))
  })
}

async function restart(
  node: LabNode,
  wish: NonNullable<ReturnType<typeof childOf>>,
): Promise<readonly string[]> {
  const type = textOf(wish, 'ControlType')
  const where = textOf(wish, 'NodeName') ?? ''
  const names = textsOf(wish.ServiceList)
  if (type !== 'Restart') throw new SoapFault('Client', `The lab restarts services; it does not do ${type}.`)
  if (where !== node.address && where.toLowerCase() !== node.name.toLowerCase()) {
    throw new SoapFault('Client', `This is ${node.name}, ${node.address}; ask ${where} itself.`)
  }
  if (names.length === 0) throw new SoapFault('Client', 'The ServiceList names no service.')
  const unknown = names.filter((name) => !isService(name))
  if (unknown.length > 0) throw new SoapFault('Client', `No such service: ${unknown.join(', ')}.`)
  for (const name of names.filter(isService)) {
    node.log('web', `Control Center restarts ${name}`)
    await node.restart(name)
  }
  return names
}

const isService = (name: string): name is LabServiceName => labServices.some((known) => known === name)

function returned(operation: string, node: LabNode, starts: ServiceStarts, names: readonly string[]): string {
  const items = names.map((name) => serviceItem(name, node, starts)).join('')
  const tag = `${operation}Return`
  return `<${tag}><ReturnCode>0</ReturnCode><ReasonCode>-1</ReasonCode><ReasonString></ReasonString><ServiceInfoList>${items}</ServiceInfoList></${tag}>`
}

function serviceItem(name: string, node: LabNode, starts: ServiceStarts): string {
  const isKnown = isService(name)
  const isRunning = isKnown && node.isRunning(name)
  const started = isRunning ? starts.get(name) : undefined
  const status = isRunning ? 'Started' : 'Stopped'
  const fields = {
    ServiceName: name,
    ServiceStatus: isKnown ? status : 'Unknown',
    ReasonCode: '-1',
    ReasonCodeString: isKnown ? '' : 'No such service',
    StartTime: started?.toUTCString() ?? '',
    UpTime: started === undefined ? '-1' : `${Math.floor((Date.now() - started.getTime()) / 1000)}`,
  }
  return `<item>${Object.entries(fields)
    .map(([field, value]) => `<${field}>${escapeXml(value)}</${field}>`)
    .join('')}</item>`
}
