/** Zone names by offset in minutes, standard time first; `Intl` gives `GMT+1` for many of them. */
type ZoneNames = Readonly<Record<number, string>>

const centralEurope: ZoneNames = { 60: 'CET', 120: 'CEST' }
const easternEurope: ZoneNames = { 120: 'EET', 180: 'EEST' }

const zones: ReadonlyMap<string, ZoneNames> = new Map([
  ['UTC', { 0: 'UTC' }],
  ['Europe/Amsterdam', centralEurope],
  ['Europe/Berlin', centralEurope],
  ['Europe/Brussels', centralEurope],
  ['Europe/Budapest', centralEurope],
  ['Europe/Copenhagen', centralEurope],
  ['Europe/Madrid', centralEurope],
  ['Europe/Oslo', centralEurope],
  ['Europe/Paris', centralEurope],
  ['Europe/Prague', centralEurope],
  ['Europe/Rome', centralEurope],
  ['Europe/Stockholm', centralEurope],
  ['Europe/Vienna', centralEurope],
  ['Europe/Warsaw', centralEurope],
  ['Europe/Zurich', centralEurope],
  ['Europe/Athens', easternEurope],
  ['Europe/Bucharest', easternEurope],
  ['Europe/Helsinki', easternEurope],
  ['Europe/Sofia', easternEurope],
  ['Europe/London', { 0: 'GMT', 60: 'BST' }],
  ['America/New_York', { '-300': 'EST', '-240': 'EDT' }],
  ['America/Chicago', { '-360': 'CST', '-300': 'CDT' }],
  ['America/Denver', { '-420': 'MST', '-360': 'MDT' }],
  ['America/Phoenix', { '-420': 'MST' }],
  ['America/Los_Angeles', { '-480': 'PST', '-420': 'PDT' }],
  ['Asia/Kolkata', { 330: 'IST' }],
  ['Asia/Tokyo', { 540: 'JST' }],
  ['Australia/Sydney', { 600: 'AEST', 660: 'AEDT' }],
])

/** Whether times can be printed in this zone as CUCM does: with its short name. */
export const isKnownZone = (timeZone: string): boolean => zones.has(timeZone)

/**
 * A time as `show ctl` prints it: `Fri Mar 06 21:56:07 CET 2015`. A zone that is not in the table is
 * printed in UTC.
 */
export function dateText(date: Date, timeZone = 'UTC'): string {
  const names = zones.get(timeZone)
  if (timeZone === 'UTC' || names === undefined) return inZone(date, 'UTC', 'UTC')
  const name = names[offsetMinutes(date, timeZone)]
  return name === undefined ? inZone(date, 'UTC', 'UTC') : inZone(date, timeZone, name)
}

function inZone(date: Date, timeZone: string, name: string): string {
  const part = timeZone === 'UTC' ? partsInUtc(date) : partsIn(date, timeZone)
  return `${part.weekday} ${part.month} ${part.day} ${part.hour}:${part.minute}:${part.second} ${name} ${part.year}`
}

type DateParts = Partial<Record<Intl.DateTimeFormatPartTypes, string>>

/** The first use of `Intl` in a process costs as long as all the rest of `show`. */
function partsInUtc(date: Date): DateParts {
  // RFC 9110 §5.6.7 gives toUTCString its form: `Fri, 06 Mar 2015 20:56:07 GMT`.
  const [weekday = '', day = '', month = '', year = '', time = ''] = date.toUTCString().split(/,? /)
  const [hour = '', minute = '', second = ''] = time.split(':')
  return { weekday, day, month, year, hour, minute, second }
}

function partsIn(date: Date, timeZone: string): DateParts {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    weekday: 'short',
    month: 'short',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    year: 'numeric',
    hourCycle: 'h23',
  })
  return Object.fromEntries(format.formatToParts(date).map(({ type, value }) => [type, value]))
}

function offsetMinutes(date: Date, timeZone: string): number {
  const { month, day, year, hour, minute, second } = partsIn(date, timeZone)
  const local = Date.parse(`${month} ${day} ${year} ${hour}:${minute}:${second} UTC`)
  return Math.round((local - date.getTime()) / 60_000)
}
