/** What a step tells people to do. */
import type { MigrationAnswer } from '../answers.js'

type Step = MigrationAnswer['steps'][number]

/** Of a step that the daemon does they tell what a person would do in its place: of use only where it does nothing but wait. */
export const forPeople = ({
  actor,
  does,
  instructions,
}: Pick<Step, 'actor' | 'does' | 'instructions'>): readonly string[] =>
  actor === 'daemon' && does.do !== 'wait' ? [] : instructions
