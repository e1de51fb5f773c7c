/** What matters of a report, and what is still to be done. Pure, of the rest of the report. */
import type { Step } from '../plan/plan.js'
import type { MigrationReport, PhoneRow, PhoneTable, ReportedStep, ToDo } from './report.js'

type Rest = Omit<MigrationReport, 'inShort' | 'toDo'>

const states: Readonly<Record<MigrationReport['migration']['state'], string>> = {
  running: 'is under way',
  waiting: 'is under way, and waits',
  stopped: 'is stopped',
  done: 'is done',
  'rolled-back': 'was taken back',
  abandoned: 'was ended where it stood',
}

export function inShort({ migration, steps, phones, stops }: Rest): string[] {
  const done = steps.filter(({ state }) => state === 'done' || state === 'there already').length
  const stop = stops.at(-1)
  const table = phones.at(-1)
  return [
    `The migration ${states[migration.state]}: ${done} of ${steps.length} steps are done.`,
    ...(migration.state === 'stopped' && stop !== undefined ? [`Why it is stopped: ${stop.detail}`] : []),
    ...(table === undefined
      ? ['It brings phones no file, so none was counted.']
      : [phonesInShort(table), ...surprisesInShort(phones)]),
  ]
}

const sum = (rows: readonly PhoneRow[], count: (row: PhoneRow) => number | undefined): number =>
  rows.reduce((all, row) => all + (count(row) ?? 0), 0)

export const accepted = (row: PhoneRow): number => row.acceptedByChecksum + row.acceptedByWord

function phonesInShort({ rows, title, wasOffered }: PhoneTable): string {
  if (!wasOffered) {
    const stranded = sum(rows, ({ stranded: count }) => count)
    const foretold = stranded === 0 ? '' : ` ${stranded} are foretold to keep what they hold.`
    return `No node was given ${title} yet.${foretold}`
  }
  const all = sum(rows, ({ devices }) => devices)
  const parts = [
    `${sum(rows, accepted)} are known to hold it`,
    `${sum(rows, ({ refused }) => refused)} refused it`,
    `${sum(rows, ({ stranded }) => stranded)} are foretold to keep what they hold`,
    `${sum(rows, ({ pending }) => pending)} are pending`,
    `${sum(rows, ({ notObserved }) => notObserved)} were not observed`,
  ]
  const contradicting = sum(rows, (row) => row.contradicting)
  const more = contradicting === 0 ? '' : ` The readings of ${contradicting} contradict themselves.`
  const counted = rows.every(({ devices }) => devices !== undefined)
    ? `Of ${all} phones`
    : 'Of the phones that were counted'
  return `${counted}, for ${title}: ${parts.join(', ')}.${more}`
}

function surprisesInShort(phones: readonly PhoneTable[]): string[] {
  const count = phones.reduce((all, { surprises }) => all + surprises.length, 0)
  return count === 0
    ? []
    : [`${count} ${count === 1 ? 'reading differs' : 'readings differ'} from what was foretold.`]
}

const isOpenState = (state: MigrationReport['migration']['state']): boolean =>
  state === 'running' || state === 'waiting' || state === 'stopped'

/** `planned`: the steps of the plan, which say how. */
export function toDo(rest: Rest, planned: readonly Step[]): ToDo[] {
  const { migration, steps, phones, stops } = rest
  const isOpen = isOpenState(migration.state)
  return [
    ...(isOpen ? [...resume(rest, stops.at(-1)), ...stepsToDo(steps, planned)] : []),
    ...phones.slice(-1).flatMap((table) => phonesToDo(table, isOpen)),
  ]
}

function resume({ migration }: Rest, stop: Rest['stops'][number] | undefined): ToDo[] {
  if (migration.state !== 'stopped') return []
  return [
    {
      what: 'Mend why it is stopped, then go on or take it back',
      how: [
        ...(stop === undefined ? [] : [stop.remedy]),
        'ctl-bridge migrate resume, or ctl-bridge migrate rollback.',
      ],
    },
  ]
}

function stepsToDo(steps: readonly ReportedStep[], planned: readonly Step[]): ToDo[] {
  const open = steps.filter(({ state }) => state !== 'done' && state !== 'there already')
  return open.map(({ id, actor, title, state }, index): ToDo => {
    const who = { daemon: 'the daemon', token: 'a custodian with the token', person: 'a person' }[actor]
    const mark = state === 'in doubt' ? ', of which nobody knows whether it was done' : ''
    // What to click is of use for the step that is next; later ones are told when they come.
    const how = index === 0 ? (planned.find((step) => step.id === id)?.instructions ?? []) : []
    return { what: `${id}: ${title} (${who}${mark})`, how }
  })
}

function phonesToDo({ rows, readings, title, wasOffered }: PhoneTable, isOpen: boolean): ToDo[] {
  const stranded = rows.filter((row) => (row.stranded ?? 0) > 0)
  const depends = rows.filter(({ foretold }) => foretold === 'depends' || foretold === 'not known')
  const refused = readings.filter(({ verdict }) => verdict === 'refused')
  const unclear = readings.filter(({ verdict }) => verdict === 'contradicting')
  const unseen = rows.filter((row) => (row.notObserved ?? 0) > 0)
  return [
    ...when(wasOffered && stranded.length > 0, {
      what: `Visit the phones that are foretold to keep what they hold instead of ${title}`,
      how: stranded.map(({ model, stranded: count }) => `${count} × ${model}: delete the CTL on the phone.`),
    }),
    ...when(refused.length > 0, {
      what: 'Visit the phones that refused the file',
      how: refused.map(
        ({ device, model, note }) => `${device} (${model ?? 'model not said'})${note ? `: ${note}` : ''}`,
      ),
    }),
    ...when(unclear.length > 0, {
      what: 'Read these phones again: their checksum is not what was entered',
      how: unclear.map(
        ({ device, checksum = '', shows }) => `${device} shows ${checksum}${shows ? `: ${shows}` : ''}`,
      ),
    }),
    ...when(!isOpen && wasOffered && unseen.length > 0, {
      what: 'Read the CTL checksum of phones that nobody has looked at',
      how: unseen.map(({ model, notObserved }) => `${notObserved} × ${model ?? 'model not said'}`),
    }),
    ...when(wasOffered && depends.length > 0, {
      what: 'Look at these models first: of them it was not foretold',
      how: depends.map(({ model, why }) => `${model ?? 'model not said'}: ${why.join(' ')}`),
    }),
  ]
}

const when = (is: boolean, entry: ToDo): ToDo[] => (is ? [entry] : [])
