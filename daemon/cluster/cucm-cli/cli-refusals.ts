/** What CUCM prints when it does not do a command, and what a person can do about it. */

interface Refusal {
  readonly pattern: RegExp
  readonly meaning: string
}

const refusals: readonly Refusal[] = [
  {
    // 11.5(1)SU3 and later without the encryption licence, 12.x without the registration.
    pattern:
      /Command cannot be executed because the Unified Communications Manager cluster is not registered/i,
    meaning:
      'The cluster has no licence for encryption. Register it to an account with export-controlled functionality, or install the encryption licence, then try again.',
  },
  {
    pattern: /\bonly (?:be )?(?:run|executed|supported|allowed) on the (?:publisher|first node)/i,
    meaning: 'The node is not the publisher. Set the address of the publisher in the settings.',
  },
  {
    // As utils service list marks it; inferred for a restart.
    pattern: /Service Not Activated/i,
    meaning: 'The service is not activated on this node. Choose a node that runs it.',
  },
]

// Inferred: the exact words of an unknown command differ by release.
const unknownCommand =
  /\b(?:no valid command|(?:invalid|unknown|unrecognized) command|not a valid command)\b/i

/** Why a command was refused, or undefined when what was printed is no refusal that is known. */
export function knownRefusal(text: string, whenUnknown: string | undefined): string | undefined {
  const refusal = refusals.find(({ pattern }) => pattern.test(text))
  if (refusal !== undefined) return refusal.meaning
  if (unknownCommand.test(text)) return `The node does not know this command. ${whenUnknown ?? ''}`.trimEnd()
  return undefined
}

/** The last line of a command that did not do its work; how far it came is not said. */
export const saysFailed = (text: string): boolean => /Executed command unsuccessfully/i.test(text)

/** What a question means that nobody but a person should answer. */
export function knownQuestion(text: string): string {
  if (/authenticity of host\b.*continue connecting/i.test(text)) {
    return 'The node does not know the key of the SFTP server. Log in to the node, push a file by hand once, and accept the key if its fingerprint is right.'
  }
  return ''
}
