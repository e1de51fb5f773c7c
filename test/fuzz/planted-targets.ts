/** Targets with bugs on purpose, to see that each kind is found and named. */
import { sameBytes } from '../../daemon/ctl/bytes.js'
import { CtlError, type CtlErrorCode } from '../../daemon/ctl/ctl-error.js'
import { makeInput } from './make-input.js'
import type { FuzzTarget } from './targets.js'

export const PLANTED_SEED = 7
/** Numbers of the inputs that meet a bug. */
export const planted = { throws: 25, ends: 33, hangs: 40, unknownCode: 50 } as const

const meets = (bytes: Uint8Array, index: number): boolean => sameBytes(bytes, makeInput(PLANTED_SEED, index))

export const targets: readonly FuzzTarget[] = [
  { name: 'harmless', takes: 'all', oneIn: 1, run: () => undefined },
  {
    name: 'planted',
    takes: 'all',
    oneIn: 1,
    run: (bytes) => {
      if (meets(bytes, planted.throws)) throw new TypeError('planted')
      if (meets(bytes, planted.unknownCode)) throw new CtlError('CTL_PLANTED' as CtlErrorCode, 'planted')
      if (meets(bytes, planted.ends)) process.exit(9)
      while (meets(bytes, planted.hangs));
    },
  },
]
