/**
 * What phones hold is seen by people alone, on the phone: their readings, against the file that is awaited. Pure.
 */
import { createHash } from 'node:crypto'
import type { ModelCount } from '../../../cluster/ports.js'
import type { Evidence, PhoneReading, Seen } from '../eyes.js'

/** A reading for all those of which nothing was read: a person's word. */
export const ALL_OTHERS = '*'

/** A person's word that no phone of a model can be read: it stands for no device, and is one word a model. */
export const isUnread = ({ took }: Pick<PhoneReading, 'took'>): boolean => took === 'unread'

/** The latest of these counts. */
export const readingKey = ({ device, model, took }: PhoneReading): string =>
  took === 'unread' ? `${ALL_OTHERS} ${model ?? ''}` : device

export interface AwaitedPhones {
  /** With their models, as far as those are known. */
  readonly readings: readonly PhoneReading[]
  /** Undefined: the cluster did not say. */
  readonly models: readonly ModelCount[] | undefined
  /** Any of these: what nodes served before may differ. */
  readonly awaited: readonly Uint8Array[]
  /** Whether this model (undefined: not known) was named before as one that will refuse. */
  readonly isExpected: (model: string | undefined) => boolean
}

export type ReadingVerdict = 'accepted' | 'refused' | 'holds another'

/** What the phone shows counts more than what is said: MD5 or SHA-1, depending on the model (domain: phones). */
export function judgeReading(
  { took, checksum }: PhoneReading,
  awaited: readonly Uint8Array[],
): ReadingVerdict {
  if (took === 'refused') return 'refused'
  if (checksum === undefined) return 'accepted'
  const shown = checksum.toLowerCase().replace(/[^0-9a-f]/g, '')
  const sums = awaited.flatMap((bytes) =>
    ['md5', 'sha1', 'sha256'].map((hash) => createHash(hash).update(bytes).digest('hex')),
  )
  return sums.includes(shown) ? 'accepted' : 'holds another'
}

/** One phone of each model: what one takes, its like take. */
export function seePilots(phones: AwaitedPhones): Seen {
  const { readings, models, awaited, isExpected } = phones
  if (awaited.length === 0) return notThere
  const single = readings.filter(({ device }) => device !== ALL_OTHERS)
  const unread = readings.filter(isUnread)
  const judged = single.map((reading) => ({
    reading,
    model: reading.model,
    verdict: judgeReading(reading, awaited),
  }))
  const lost = judged.find(({ verdict, model }) => verdict === 'refused' && !isExpected(model))
  const answered = new Set([
    ...judged.flatMap(({ model, verdict }) =>
      verdict === 'holds another' || model === undefined ? [] : [model],
    ),
    ...unread.map(({ model }) => model),
  ])
  const wanted = models?.filter(({ devices }) => devices > 0).map(({ model }) => model)
  const missing = wanted?.filter((model) => !answered.has(model)) ?? []
  // Where models are not known, a refusal says something only if no phone of any model was to take it.
  const isTold = ({ verdict, model }: (typeof judged)[number]) =>
    verdict === 'accepted' || (verdict === 'refused' && isExpected(wanted === undefined ? undefined : model))
  // Nor do words on models that nobody read make a pilot.
  const needsOne = wanted === undefined || unread.length > 0
  const isAnswered = missing.length === 0 && (!needsOne || judged.some(isTold))
  return {
    holds: isAnswered && lost === undefined,
    evidence: [
      ...judged.map(({ reading, model, verdict }) => ({
        text: sentenceOf(reading, model, verdict, isExpected(model)),
      })),
      ...unread.map((reading) => ({ text: unreadText(reading) })),
      ...missing.map((model) => ({ text: `No phone of model ${model} was read yet.` })),
      ...(unread.length > 0 && !judged.some(isTold) ? [{ text: 'One phone at least has to be read.' }] : []),
      ...(wanted === undefined
        ? [{ text: 'Which models there are was not seen: one phone has to do.' }]
        : []),
    ],
    ...(lost !== undefined && { never: neverText(lost.reading, lost.model) }),
  }
}

/** Holds when each device was read, or a person gave their word on the others. */
export function seeFleet({ readings, models, awaited, isExpected }: AwaitedPhones): Seen {
  if (awaited.length === 0) return notThere
  const single = readings.filter(({ device }) => device !== ALL_OTHERS)
  const unread = readings.filter(isUnread)
  const word = readings.find((reading) => reading.device === ALL_OTHERS && !isUnread(reading))
  const devices = models?.reduce((sum, { devices: count }) => sum + count, 0)
  const verdicts = single.map((reading) => judgeReading(reading, awaited))
  const count = (verdict: ReadingVerdict) => verdicts.filter((one) => one === verdict).length
  const answered = count('accepted') + count('refused')
  const left = (models ?? []).filter(({ model }) => unread.some((reading) => reading.model === model))
  const notReadable = left.reduce((sum, { model, devices: own }) => {
    return sum + Math.max(0, own - single.filter((reading) => reading.model === model).length)
  }, 0)
  const told: Evidence[] = [
    {
      text: `${answered} of ${devices ?? 'an unknown number of'} devices were read: ${count('accepted')} took it, ${count('refused')} refused it; ${count('holds another')} hold another file.`,
    },
    ...single.flatMap((reading): Evidence[] => {
      const { model } = reading
      return judgeReading(reading, awaited) === 'refused' && !isExpected(model)
        ? [{ text: sentenceOf(reading, model, 'refused', false) }]
        : []
    }),
    ...unread.map((reading) => ({ text: unreadText(reading) })),
    ...(word === undefined
      ? [{ text: `Nobody has said of the others what they hold: a reading for the device ${ALL_OTHERS}.` }]
      : [
          {
            text: `Of the others somebody says: ${word.took}${word.note === undefined ? '' : ` (${word.note})`}.`,
          },
        ]),
  ]
  return {
    holds: word !== undefined || (devices !== undefined && answered + notReadable >= devices),
    evidence: told,
  }
}

const unreadText = ({ model = '', note }: PhoneReading): string =>
  `No phone of model ${model} can be read, somebody says${note === undefined ? '' : ` (${note})`}.`

const notThere: Seen = {
  holds: false,
  evidence: [{ text: 'The file that phones are to take does not exist yet.' }],
}

function sentenceOf(
  { device, checksum, took }: PhoneReading,
  model: string | undefined,
  verdict: ReadingVerdict,
  wasExpected: boolean,
): string {
  const name = `${device} (${model ?? 'of a model that is not known'})`
  if (verdict === 'holds another') {
    return `${name} shows ${checksum}, which is not the checksum of the file awaited, though it is entered as ${took}.`
  }
  const how = checksum === undefined ? 'as somebody says' : `it shows ${checksum}`
  if (verdict === 'accepted') return `${name} took it: ${how}.`
  return `${name} refused it: ${how}.${wasExpected ? ' That was expected of this model.' : ''}`
}

function neverText({ device }: PhoneReading, model: string | undefined): string {
  const what =
    model === undefined
      ? 'its model is not known'
      : `preflight named the ${model} neither as stranded nor as one of which it is not known`
  return `${device} refused it, and ${what}. Enter it anew if the reading was wrong, or if the phone took the file meanwhile; else go back.`
}
