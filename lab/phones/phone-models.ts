/**
 * What differs between models beyond Security By Default. Which model shows which checksum is not published, and which
 * prefers HTTP (CUCM 8.5 and later offer it) only for some: this table is the lab's own, so that every fleet has some of
 * each.
 */
import type { PhoneIdentity } from './phone.js'

type Habits = Pick<PhoneIdentity, 'shows' | 'prefers'>

const habitsOf: Readonly<Record<string, Habits>> = {
  'Cisco 7940': { shows: 'md5', prefers: 'tftp' },
  'Cisco 7960': { shows: 'md5', prefers: 'tftp' },
  'Cisco 7945': { shows: 'md5', prefers: 'tftp' },
  'Cisco 7965': { shows: 'md5', prefers: 'tftp' },
  'Cisco 7841': { shows: 'sha1', prefers: 'http' },
  'Cisco 8845': { shows: 'sha1', prefers: 'http' },
  'Cisco 8861': { shows: 'sha1', prefers: 'http' },
}

const usualHabits: Habits = { shows: 'sha1', prefers: 'tftp' }

/** A device of the cluster as a phone. */
export function identityOf(device: {
  readonly name: string
  readonly model: string
  readonly securityByDefault: boolean
}): PhoneIdentity {
  const { name, model, securityByDefault } = device
  return { device: name, model, securityByDefault, ...(habitsOf[model] ?? usualHabits) }
}
