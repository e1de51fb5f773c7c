import test from 'ava'
import { dateText } from '../../daemon/trust/show/date-text.js'

const moment = new Date('2015-03-06T20:56:07Z')

test('a time is printed as CUCM prints it', (t) => {
  t.is(dateText(moment), 'Fri Mar 06 20:56:07 UTC 2015')
  t.is(dateText(moment, 'Europe/Warsaw'), 'Fri Mar 06 21:56:07 CET 2015')
  t.is(dateText(new Date('2015-07-01T22:00:00Z'), 'Europe/Warsaw'), 'Thu Jul 02 00:00:00 CEST 2015')
  t.is(dateText(moment, 'America/New_York'), 'Fri Mar 06 15:56:07 EST 2015')
  t.is(dateText(moment, 'Asia/Kolkata'), 'Sat Mar 07 02:26:07 IST 2015')
})

test('a zone without a known name is printed in UTC', (t) => {
  t.is(dateText(moment, 'Asia/Kathmandu'), 'Fri Mar 06 20:56:07 UTC 2015')
  t.is(dateText(moment, 'Nowhere/At all'), 'Fri Mar 06 20:56:07 UTC 2015')
})

test('in UTC it is the time that Intl tells, at any second of a TIMESTAMP', (t) => {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: 'UTC',
    weekday: 'short',
    month: 'short',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    year: 'numeric',
    hourCycle: 'h23',
  })
  for (let seconds = 0; seconds <= 0xffffffff; seconds += 86_400 * 97 + 3_607) {
    const date = new Date(seconds * 1000)
    // `Fri, Mar 06, 2015, 20:56:07`
    const [weekday, day, year, time] = format.format(date).split(', ')
    t.is(dateText(date), `${weekday} ${day} ${time} UTC ${year}`)
  }
})
