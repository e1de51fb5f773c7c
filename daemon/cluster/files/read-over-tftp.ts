/** The socket and the clock of a TFTP transfer. */
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { lookup } from 'node:dns/promises'
import { BlockList, isIP } from 'node:net'
import { type FetchLimits, tooLarge } from './fetch-limits.js'
import { nodeError, systemReason } from './node-error.js'
import type { NodeFile } from './node-file.js'
import { errorPacket, tftpError } from './tftp-packets.js'
import { makeTftpTransfer, type TftpOutcome, type TftpStep } from './tftp-transfer.js'

interface Address {
  readonly address: string
  readonly family: number
}

export async function readOverTftp(source: NodeFile, limits: FetchLimits): Promise<Uint8Array> {
  const server = await find(source)
  const outcome = await transfer(source, server, limits)
  if (outcome.kind === 'done') return outcome.bytes
  throw problemOf(outcome, source, limits)
}

async function find(source: NodeFile): Promise<Address> {
  const family = isIP(source.host)
  if (family !== 0) return { address: source.host, family }
  try {
    return await lookup(source.host)
  } catch (error) {
    throw nodeError('NODE_UNREACHABLE', source, systemReason(error))
  }
}

function problemOf(outcome: Exclude<TftpOutcome, { kind: 'done' }>, source: NodeFile, limits: FetchLimits) {
  switch (outcome.kind) {
    case 'tooLarge':
      return tooLarge(limits.bytes)
    case 'silent':
      return nodeError('NODE_TIMEOUT', source, `The node did not answer ${limits.tries} times in a row.`)
    case 'noFile':
      return nodeError('NODE_HAS_NO_FILE', source, `The node answered: ${outcome.detail}.`)
    case 'refused':
      return nodeError('NODE_REFUSES', source, `The node answered: ${outcome.detail}.`)
    case 'wrong':
      return nodeError('NODE_ANSWER_WRONG', source, outcome.detail)
  }
}

function transfer(source: NodeFile, server: Address, limits: FetchLimits): Promise<TftpOutcome> {
  const family = server.family === 6 ? 'ipv6' : 'ipv4'
  const machine = makeTftpTransfer({ file: source.file, limit: limits.bytes, tries: limits.tries })
  const socket = createSocket(family === 'ipv6' ? 'udp6' : 'udp4')
  const timers: NodeJS.Timeout[] = []
  return new Promise<TftpOutcome>((resolve, reject) => {
    /** The port that the server chose for this transfer (RFC 1350 §4: its TID). */
    let port: number | undefined
    const fail = (error: Error) => reject(nodeError('NODE_UNREACHABLE', source, systemReason(error)))
    const take = ({ send, to, outcome, progress }: TftpStep) => {
      if (to === 'server') port = undefined
      if (progress) patience.refresh()
      if (send === undefined) return void (outcome && resolve(outcome))
      socket.send(send, port ?? source.port, server.address, (error) => {
        if (outcome !== undefined) resolve(outcome)
        else if (error) fail(error)
      })
    }
    const silence = () => take(machine.silence())
    const patience = setInterval(silence, limits.patience)
    const late = `The file did not come whole within ${limits.deadline / 1000} s.`
    const deadline = setTimeout(() => reject(nodeError('NODE_TIMEOUT', source, late)), limits.deadline)
    timers.push(patience, deadline)

    const isServer = new BlockList()
    isServer.addAddress(server.address, family)
    socket.on('message', (bytes, sender) => {
      // Another machine cannot know of this transfer, and is not answered.
      if (!isServer.check(sender.address, family)) return
      if (port !== undefined && sender.port !== port) return refuseOther(socket, sender)
      const step = machine.receive(bytes)
      if (step.progress || step.outcome) port = sender.port
      take(step)
    })
    socket.on('error', fail)
    socket.bind(0, () => take(machine.start()))
  }).finally(() => {
    for (const timer of timers) clearTimeout(timer)
    socket.close()
  })
}

/** RFC 1350 §4: a copy of the request opened a second transfer; that one ends, ours goes on. */
function refuseOther(socket: Socket, sender: RemoteInfo): void {
  const refusal = errorPacket(tftpError.unknownTransfer, 'Unknown transfer.')
  socket.send(refusal, sender.port, sender.address, () => undefined)
}
