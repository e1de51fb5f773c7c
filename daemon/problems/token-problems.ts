/** What tokens and their libraries refuse. */
import type { TokenErrorCode } from '../../drivers/token.js'
import type { LeaseErrorCode } from '../tokens/lease-error.js'
import { type ProblemEntry, token } from './problem-entry.js'

export const tokenProblems: Record<TokenErrorCode | LeaseErrorCode, ProblemEntry> = {
  MODULE_NOT_LOADABLE: token(
    503,
    'A PKCS#11 library does not load',
    'Check its path and packages in the settings.',
  ),
  MODULE_HOST_DIED: token(503, 'The process of a PKCS#11 library ended', 'Try again; it is started anew.'),
  MODULE_FAILED: token(
    502,
    'A PKCS#11 library reports a failure',
    'Replug the token; see the detail for its answer.',
  ),
  MODULE_PARKED: token(
    503,
    'A PKCS#11 library keeps ending its process',
    'Mend or remove the library, then look again: ctl-bridge tokens --rescan. It is tried every ten minutes, too.',
  ),
  TOKEN_UNKNOWN: token(
    404,
    'No such token',
    'List the tokens: ctl-bridge tokens. Plug it in if it is missing.',
  ),
  TOKEN_REMOVED: token(409, 'The token is not plugged in', 'Plug the token in and unlock it again.'),
  TOKEN_LOCKED: token(409, 'The token is not unlocked', 'Unlock it with its PIN first.'),
  TOKEN_FAILED: token(502, 'The token reports a failure', 'Replug the token; see the detail for its answer.'),
  PIN_LENGTH: token(422, 'A PIN of this length cannot be right', 'Type the PIN again. No try was spent.'),
  PIN_WRONG: token(
    403,
    'The PIN is wrong',
    'One try was spent. A Cisco token locks for ever after 15 wrong PINs; ctl-bridge tokens tells how many went through this daemon. Be sure before the next.',
  ),
  PIN_LOCKED: token(
    409,
    'The PIN is locked',
    'The token takes no PIN any more. Use the cluster’s other token; its issuer may reset this one.',
  ),
  PIN_FINAL_TRY: token(
    409,
    'One try is left on this token',
    'No try was spent. If you are sure of the PIN, unlock or sign with --final-try, or finalTry. A change of the PIN never takes the last try: use the right PIN once, then change it.',
  ),
  PIN_NOT_SET: token(409, 'The token has no user PIN yet', 'Initialise its user PIN with the vendor’s tool.'),
  PIN_EXPIRED: token(409, 'The PIN must be changed first', 'Change the PIN.'),
  PIN_REFUSED: token(
    422,
    'The token does not take this PIN',
    'Choose a PIN by the rules of the token. The detail says what it answered.',
  ),
  TOKEN_NOT_OURS: token(
    409,
    'This is a token of Cisco’s',
    'Provision another token; a SAST eToken keeps the key and certificate it came with.',
  ),
  KEY_EXISTS: token(409, 'The token has such a key already', 'Choose another key id; nothing was changed.'),
  KEY_UNUSABLE: token(
    409,
    'This key cannot sign',
    'Choose another certificate or token; the detail says why.',
  ),
  DEADLINE_EXCEEDED: token(
    504,
    'The token did not answer in time',
    'Its process was ended and the token is locked. Unlock it and try again; replug it if that does not help.',
  ),
  SIGNATURE_WRONG: token(
    502,
    'The token returned a wrong signature',
    'Nothing was released. Do not use this token or library until you know why.',
  ),
  TOKEN_IN_USE: token(
    409,
    'Somebody else has unlocked this token',
    'Wait until the lease named in the detail ends.',
  ),
  LEASE_LIMITS: token(422, 'No lease is that long', 'Ask for at most 3600 seconds and 1000 uses.'),
}
