/** What libraries do to people, and what people get instead. Each line is a test, and a line of docs/tokens.md. */
import type { FaultCase } from './run-fault.js'

type CallCase = readonly [
  call: string,
  during: FaultCase['during'],
  tries: FaultCase['tries'],
  reached?: FaultCase['reached'],
]

const WORDS = { unlock: 'unlock', sign: 'signature', use: 'use of its token' } as const

/**
 * Every call of the hosts that a library could stop in, where a caller waits for it. Those before C_Login stop
 * before the PIN is on its way.
 */
const calls: readonly CallCase[] = [
  ['C_Initialize', 'unlock', 0, 'no'],
  ['C_GetSlotList', 'unlock', 0, 'no'],
  ['C_GetTokenInfo', 'unlock', 0, 'no'],
  ['C_OpenSession', 'unlock', 0, 'no'],
  ['C_Login', 'unlock', 1, 'maybe'],
  ['C_FindObjects', 'use', 1],
  ['C_GetAttributeValue', 'use', 1],
  ['C_SignInit', 'sign', 0, 'maybe'],
  ['C_Sign', 'sign', 0, 'maybe'],
]

/** The tests wait for these deadlines to pass. They leave a busy machine time for what does not hang. */
const WAITED_FOR = { deadline: 8, signDeadline: 8 }

export const hangs: readonly FaultCase[] = calls.map(([call, during, tries, reached]) => ({
  title: `When a library hangs in ${call}, the ${WORDS[during]} ends at its deadline and everybody else is served`,
  faults: [`hang:${call}`],
  during,
  answer: [504, 'DEADLINE_EXCEEDED'],
  ...(reached !== undefined && { reached }),
  tries,
  settings: WAITED_FOR,
}))

export const crashes: readonly FaultCase[] = calls.map(([call, during, tries, reached]) => ({
  title: `When a library crashes in ${call}, the ${WORDS[during]} fails at once and everybody else is served`,
  faults: [`crash:${call}`],
  during,
  answer: [503, 'MODULE_HOST_DIED'],
  ...(reached !== undefined && { reached }),
  tries,
}))

/** CKF_USER_PIN_COUNT_LOW, _FINAL_TRY and _LOCKED together. */
const PIN_WARNINGS = '70000'

export const lies: readonly FaultCase[] = [
  {
    title: 'A wrong signature never leaves the daemon',
    faults: ['wrong-signature'],
    during: 'sign',
    answer: [502, 'SIGNATURE_WRONG'],
    tries: 0,
  },
  {
    title: 'When the flags say LOCKED, no PIN is sent, even if that is a lie',
    faults: ['show-flags:40000'],
    during: 'unlock',
    answer: [409, 'PIN_LOCKED'],
    tries: 0,
  },
  {
    title: 'When the flags say FINAL_TRY, no PIN is sent without an override, even if that is a lie',
    faults: ['show-flags:20000'],
    during: 'unlock',
    answer: [409, 'PIN_FINAL_TRY'],
    tries: 0,
  },
  {
    title: 'When the flags hide that a token is locked, its refusal says so after one try',
    faults: [`hide-flags:${PIN_WARNINGS}`, 'answer:C_Login:a4'],
    during: 'unlock',
    answer: [409, 'PIN_LOCKED'],
    tries: 1,
  },
  {
    title: 'When the flags never warn, a wrong PIN is one try and no more',
    faults: [`hide-flags:${PIN_WARNINGS}`],
    during: 'unlock',
    pin: 'Cisco124',
    answer: [403, 'PIN_WRONG'],
    tries: 1,
  },
  {
    title: 'A login that ends in CKR_GENERAL_ERROR is not tried again',
    faults: ['answer:C_Login:5'],
    during: 'unlock',
    answer: [502, 'TOKEN_FAILED'],
    tries: 1,
  },
  {
    title: 'When a library loses its slots, the token is not there',
    faults: ['no-slots'],
    during: 'unlock',
    answer: [409, 'TOKEN_REMOVED'],
    tries: 0,
  },
  {
    title: 'CKR_GENERAL_ERROR in mid-sign from a token that is still there is a failure of the token',
    faults: ['answer:C_Sign:5'],
    during: 'sign',
    answer: [502, 'TOKEN_FAILED'],
    tries: 0,
  },
  {
    title: 'CKR_GENERAL_ERROR in mid-sign from a token that has gone says that it has gone',
    faults: ['answer:C_Sign:5', 'no-slots'],
    during: 'sign',
    answer: [409, 'TOKEN_REMOVED'],
    tries: 0,
    // Not to be found out by a scan that happens to come in between.
    settings: { rescan: 12 },
  },
  {
    title: 'CKR_DEVICE_REMOVED in mid-sign says that the token has gone',
    faults: ['answer:C_Sign:32'],
    during: 'sign',
    answer: [409, 'TOKEN_REMOVED'],
    tries: 0,
  },
  {
    title: 'A library that takes two seconds to sign keeps nobody else waiting',
    faults: ['slow:C_Sign:2000'],
    during: 'sign',
    answer: 'done',
    tries: 0,
  },
  {
    title: 'A library that takes two seconds for a login keeps nobody else waiting',
    faults: ['slow:C_Login:2000'],
    during: 'unlock',
    answer: 'done',
    tries: 1,
  },
  {
    title: 'A library with fifty slots keeps nobody waiting',
    faults: ['slots:50'],
    during: 'unlock',
    answer: 'done',
    tries: 1,
  },
]
