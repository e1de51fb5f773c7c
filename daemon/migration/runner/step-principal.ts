/**
 * Whom a lease belongs to that a custodian gave to one step of a migration: to the step, in the custodian's name. So
 * nothing else of that custodian's spends it, and the audit log tells who unlocked the token for what.
 */
import type { Principal } from '../../principal.js'

export const stepKeyId = (migration: string, step: string): string => `migration:${migration}:${step}`

export function stepPrincipal(
  migration: string,
  step: string,
  custodian: Pick<Principal, 'name'>,
): Principal {
  return {
    keyId: stepKeyId(migration, step),
    name: `${custodian.name}, for step ${step} of migration ${migration}`,
    scopes: ['sign'],
  }
}
