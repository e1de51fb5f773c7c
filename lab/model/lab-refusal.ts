/** What CUCM says when it does not do what it was asked. */
export class LabRefusal extends Error {}

/** From 11.5(1)SU3 on without the licence. The sentence goes on in CUCM; the rest is not published word by word. */
export const LICENCE_REFUSAL =
  'Command cannot be executed because the Unified Communications Manager cluster is not registered to a Smart/Virtual Account with Allow export-controlled functionality.'

/** The command line's answer to what it does not know, such as `utils ctl` on 9.1. */
export const UNKNOWN_COMMAND = 'Executed command unsuccessfully\nNo valid command entered'

/** The lab's own words: what CUCM 10.5(1) says is not known. */
export const NO_OTHER_SIGNER =
  'Executed command unsuccessfully\nThis release has no second certificate that could sign the CTL file.'
