/** `/v1/audit` */
import { BridgeError } from '../bridge-error.js'
import { plainRoute, type Route } from './route.js'
import type { RouteParts } from './route-parts.js'

const DEFAULT_LIMIT = 100
const MAX_LIMIT = 1000

export function auditRoutes({ history }: RouteParts): Route[] {
  return [
    plainRoute({
      method: 'get',
      path: '/v1/audit',
      id: 'getAudit',
      summary: 'The audit log: every use of a token, before and after',
      description:
        'In rising order. Without `after` the last entries. `next` is the `after` of the page that follows, null at the end.',
      scope: 'read',
      query: {
        after: {
          required: false,
          description: 'Only entries with a higher sequence number. 0 begins at the start.',
        },
        limit: { required: false, description: `1 to ${MAX_LIMIT}, ${DEFAULT_LIMIT} if left out` },
      },
      answers: [{ type: 'application/json', schema: 'AuditPage' }],
      problems: ['BODY_INVALID', 'STORE_UNUSABLE'],
      handle: async ({ query }) => {
        const limit = wholeNumber('limit', query.limit, 1, MAX_LIMIT) ?? DEFAULT_LIMIT
        const after = wholeNumber('after', query.after, 0, Number.MAX_SAFE_INTEGER)
        // One more than asked for tells whether there is more.
        const found = await history.entries(after, after === undefined ? limit : limit + 1)
        const entries = found.slice(0, limit)
        const next = found.length > limit ? (entries.at(-1)?.sequence ?? null) : null
        return { json: { entries, next } }
      },
    }),
  ]
}

function wholeNumber(
  name: string,
  text: string | undefined,
  least: number,
  most: number,
): number | undefined {
  if (text === undefined) return undefined
  const value = Number(text)
  if (/^\d+$/.test(text) && value >= least && value <= most) return value
  throw new BridgeError('BODY_INVALID', `Query parameter ${name} is a number from ${least} to ${most}.`)
}
