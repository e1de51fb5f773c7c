/**
 * What kind of thing each action is: whether its effect can be told from what stood before, and whether it may be done
 * again without asking.
 */
import type { Action } from '../plan/plan.js'

export interface ActionNature {
  /**
   * `state`: what is seen afterwards differs from before, so an effect that holds makes the action needless.
   * `event`: a service runs, and `show ctl` shows a file, before as well as after; that it was done shows only against
   * what was there before.
   */
  readonly effect: 'state' | 'event'
  /**
   * `freely`: the same bytes to the same place, or nothing of the cluster. `by-person`: once the intent is written and
   * its outcome is not, only a person says that it is done again.
   */
  readonly repeat: 'freely' | 'by-person'
  /** Whether it changes what phones hold, may hold or lose; then the hard stop stands before it. */
  readonly changesPhones: boolean
}

const nature = (
  effect: ActionNature['effect'],
  repeat: ActionNature['repeat'],
  changesPhones: boolean,
): ActionNature => ({ effect, repeat, changesPhones })

export const actionNatures: Readonly<Record<Action['do'], ActionNature>> = {
  'keep-files': nature('state', 'freely', false),
  compose: nature('state', 'freely', false),
  sign: nature('state', 'freely', false),
  publish: nature('state', 'freely', true),
  // Calls drop for a minute: not something to do twice on a guess. By itself it brings phones nothing new, and TVS is
  // restarted to take an upload (domain: trust uploads reach TVS every 30 minutes) before the hard stop.
  restart: nature('event', 'by-person', false),
  'set-mode': nature('state', 'by-person', true),
  'update-ctl-file': nature('event', 'by-person', true),
  'reset-local-key': nature('event', 'by-person', true),
  // A second time it finds nothing.
  'delete-stale-ctl': nature('state', 'freely', true),
  'upload-certificates': nature('state', 'by-person', false),
  'restore-files': nature('state', 'freely', true),
  'remove-certificates': nature('state', 'by-person', false),
  'keep-served': nature('state', 'freely', false),
  regenerate: nature('state', 'by-person', true),
  'reset-phones': nature('event', 'by-person', true),
  'hard-stop': nature('state', 'freely', false),
  confirm: nature('state', 'freely', false),
  wait: nature('state', 'freely', false),
}

/** Steps at which the daemon does nothing but tell and look. */
export const onlyWaits = (action: Action): boolean =>
  action.do === 'hard-stop' || action.do === 'confirm' || action.do === 'wait'

/** The publisher writes a CTL file of its own making by it. */
export const makesFiles = (action: Action): boolean =>
  action.do === 'set-mode' || action.do === 'update-ctl-file' || action.do === 'reset-local-key'
