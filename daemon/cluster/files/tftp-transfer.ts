/**
 * One file read over TFTP as a state machine without socket and clock: packets and silences in, packets out.
 * RFC 1350, RFC 1123 §4.2.3, options of RFC 2347 to 2349.
 */
import { acknowledge, errorPacket, readRequest, readTftpPacket, tftpError } from './tftp-packets.js'

export type TftpOutcome =
  | { readonly kind: 'done'; readonly bytes: Uint8Array }
  | { readonly kind: 'noFile'; readonly detail: string }
  | { readonly kind: 'refused'; readonly detail: string }
  | { readonly kind: 'wrong'; readonly detail: string }
  | { readonly kind: 'tooLarge' }
  | { readonly kind: 'silent' }

/** What to do next: send a packet, end, both or nothing. */
export interface TftpStep {
  readonly send?: Uint8Array
  /** A request goes to the server's port and begins anew; all else goes to the port that it answered from. */
  readonly to?: 'server'
  readonly outcome?: TftpOutcome
  /** Whether the packet took the transfer on, so that the server lives. */
  readonly progress?: true
}

export interface TftpTransfer {
  /** The first packet. */
  readonly start: () => TftpStep
  /** A packet of the server that the transfer belongs to. */
  readonly receive: (bytes: Uint8Array) => TftpStep
  /** The server has been silent for the time of one try. */
  readonly silence: () => TftpStep
}

export interface TftpRequest {
  readonly file: string
  /** The largest file that is taken, in bytes. */
  readonly limit: number
  /** How often a packet is sent before the server counts as silent. */
  readonly tries: number
}

/** Data of a packet without the option (RFC 1350 §2). */
const PLAIN_BLOCK = 512
/** Fits an Ethernet frame with room for a tunnel; nothing is fragmented. */
const WANTED_BLOCK = 1428
/** RFC 2348. */
const SMALLEST_BLOCK = 8

// RFC 2349: the server sends again after so many seconds; a size of 0 asks for the real one.
const wanted: ReadonlyMap<string, string> = new Map([
  ['blksize', String(WANTED_BLOCK)],
  ['timeout', '1'],
  ['tsize', '0'],
])
const none: ReadonlyMap<string, string> = new Map()

/** Answers of servers that do not know options; RFC 2347 foresees 8, old ones send 0 or 4. */
const optionErrors: readonly number[] = [
  tftpError.notDefined,
  tftpError.illegalOperation,
  tftpError.optionRefused,
]

export function makeTftpTransfer(request: TftpRequest): TftpTransfer {
  const transfer = new Transfer(request)
  return {
    start: () => transfer.ask('withOptions'),
    receive: (bytes) => (transfer.phase === 'ended' ? {} : transfer.receive(bytes)),
    silence: () => (transfer.phase === 'ended' ? {} : transfer.silence()),
  }
}

class Transfer {
  phase: 'withOptions' | 'plain' | 'reading' | 'ended' = 'withOptions'
  readonly #request: TftpRequest
  readonly #parts: Uint8Array[] = []
  #size = 0
  #blockSize = PLAIN_BLOCK
  #saidSize: number | undefined
  /** Number of the last block that came; blocks are counted with 16 bits and begin anew at 0. */
  #block = 0
  #last: TftpStep = {}
  #tries = 0

  constructor(request: TftpRequest) {
    this.#request = request
  }

  ask(phase: 'withOptions' | 'plain'): TftpStep {
    this.phase = phase
    const options = phase === 'plain' ? none : wanted
    return this.#send({ send: readRequest(this.#request.file, options), to: 'server' })
  }

  silence(): TftpStep {
    const { tries } = this.#request
    // Some servers and firewalls drop a request with options without a word.
    if (this.phase === 'withOptions' && this.#tries * 2 >= tries) {
      const spent = this.#tries + 1
      const step = this.ask('plain')
      this.#tries = spent
      return step
    }
    if (this.#tries >= tries) return this.#end({ kind: 'silent' })
    this.#tries++
    return this.#last
  }

  receive(bytes: Uint8Array): TftpStep {
    const packet = readTftpPacket(bytes)
    if (packet?.kind === 'error') return this.#error(packet.code, packet.message)
    if (packet?.kind === 'data') return this.#data(packet.block, packet.data)
    if (packet?.kind === 'optionsAccepted') return this.#options(packet.options)
    return this.phase === 'reading' ? this.#wrong('A packet came that is none of TFTP.') : {}
  }

  #error(code: number, message: string): TftpStep {
    if (this.phase === 'withOptions' && optionErrors.includes(code)) return this.ask('plain')
    const detail = `TFTP error ${code}${message === '' ? '' : `, ${JSON.stringify(message)}`}`
    if (code === tftpError.fileNotFound) return this.#end({ kind: 'noFile', detail })
    if (code === tftpError.accessViolation) return this.#end({ kind: 'refused', detail })
    return this.#end({ kind: 'wrong', detail: `The node answered: ${detail}.` })
  }

  #options(options: ReadonlyMap<string, string>): TftpStep {
    // Late, from a request that is given up; or once more, because our acknowledgement was lost.
    if (this.phase === 'plain') return {}
    if (this.phase === 'reading') return this.#parts.length === 0 ? this.#last : {}
    if ([...options.keys()].some((name) => !wanted.has(name))) {
      return this.#wrong('The node accepts options that were not offered.')
    }
    const blockSize = numberOf(options.get('blksize') ?? String(PLAIN_BLOCK))
    if (blockSize === undefined || blockSize < SMALLEST_BLOCK || blockSize > WANTED_BLOCK) {
      return this.#wrong('The node wants blocks of a size that was not offered.')
    }
    this.#saidSize = numberOf(options.get('tsize') ?? '')
    if ((this.#saidSize ?? 0) > this.#request.limit) return this.#tooLarge()
    this.#blockSize = blockSize
    this.phase = 'reading'
    return this.#send({ send: acknowledge(0) })
  }

  #data(block: number, data: Uint8Array): TftpStep {
    const expected = (this.#block + 1) % 0x1_0000
    if (block !== expected) {
      // Only the last block is acknowledged again, else each copy would breed another (RFC 1123 §4.2.3.1).
      return block === this.#block && this.#parts.length > 0 ? this.#last : {}
    }
    if (data.length > this.#blockSize) return this.#wrong('A block is larger than agreed.')
    this.#size += data.length
    if (this.#size > this.#request.limit) return this.#tooLarge()
    // A server that does not know options answers with the first block at once (RFC 2347).
    this.phase = 'reading'
    this.#block = block
    this.#parts.push(data)
    if (data.length === this.#blockSize) return this.#send({ send: acknowledge(block) })
    return this.#lastBlock()
  }

  #lastBlock(): TftpStep {
    if (this.#saidSize !== undefined && this.#saidSize !== this.#size) {
      return this.#wrong(`The node said ${this.#saidSize} bytes and sent ${this.#size}.`)
    }
    const bytes = Uint8Array.from(Buffer.concat(this.#parts))
    return this.#end({ kind: 'done', bytes }, acknowledge(this.#block))
  }

  /** Remembers the packet, to send it again when nothing comes. */
  #send(step: TftpStep): TftpStep {
    this.#last = step
    this.#tries = 1
    return { ...step, progress: true }
  }

  #end(outcome: TftpOutcome, send?: Uint8Array): TftpStep {
    this.phase = 'ended'
    return send === undefined ? { outcome } : { outcome, send }
  }

  #wrong(detail: string): TftpStep {
    return this.#end({ kind: 'wrong', detail }, errorPacket(tftpError.illegalOperation, detail))
  }

  #tooLarge(): TftpStep {
    return this.#end({ kind: 'tooLarge' }, errorPacket(tftpError.diskFull, 'The file is too large.'))
  }
}

function numberOf(text: string): number | undefined {
  return /^\d{1,9}$/.test(text) ? Number(text) : undefined
}
