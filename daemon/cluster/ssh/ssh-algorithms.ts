/** What is offered to a node: today's algorithms, and on demand those that old releases speak. */
import type { Algorithms, ServerHostKeyAlgorithm } from 'ssh2'

export type HostKeyFamily = 'ed25519' | 'ecdsa' | 'rsa' | 'dss'

const hostKeyAlgorithms: Readonly<Record<HostKeyFamily, readonly ServerHostKeyAlgorithm[]>> = {
  ed25519: ['ssh-ed25519'],
  ecdsa: ['ecdsa-sha2-nistp256', 'ecdsa-sha2-nistp384', 'ecdsa-sha2-nistp521'],
  rsa: ['rsa-sha2-512', 'rsa-sha2-256', 'ssh-rsa'],
  dss: ['ssh-dss'],
}

export function hostKeyFamilies(old: boolean): HostKeyFamily[] {
  return old ? ['ed25519', 'ecdsa', 'rsa', 'dss'] : ['ed25519', 'ecdsa', 'rsa']
}

export function familyOf(keyType: string): HostKeyFamily | undefined {
  const families = Object.entries(hostKeyAlgorithms) as [HostKeyFamily, readonly string[]][]
  return families.find(([, algorithms]) => algorithms.includes(keyType))?.[0]
}

export function algorithmsFor(old: boolean, families: readonly HostKeyFamily[]): Algorithms {
  const serverHostKey = families.flatMap((family) => hostKeyAlgorithms[family])
  if (!old) return { serverHostKey }
  // Appended: what is newer is taken where the node has it. hmac-sha1 is offered anyway.
  return {
    serverHostKey,
    kex: added(
      'diffie-hellman-group-exchange-sha1',
      'diffie-hellman-group14-sha1',
      'diffie-hellman-group1-sha1',
    ),
    cipher: added('aes256-cbc', 'aes192-cbc', 'aes128-cbc', '3des-cbc'),
  }
}

function added<Name>(...append: Name[]): { append: Name[]; prepend: Name[]; remove: Name[] } {
  return { append, prepend: [], remove: [] }
}
