import { problems } from '../problems.js'
import type { ModuleView } from '../tokens/token-view.js'

/** A module as the API tells it: what is wrong with it comes with what to do. */
export function moduleJson({ error, ...module }: ModuleView) {
  return error === undefined
    ? module
    : { ...module, error: { ...error, remedy: problems[error.code].remedy } }
}
