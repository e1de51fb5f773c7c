/** The two tokens that take turns in the machine's one port: made by the host, plugged in by the machine. */

export interface TokenOfTwo {
  readonly label: string
  readonly serial: string
}

export const FIRST: TokenOfTwo = { label: 'SAST-first', serial: '5341535400000001' }
export const SECOND: TokenOfTwo = { label: 'SAST-second', serial: '5341535400000002' }
