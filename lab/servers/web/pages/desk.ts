/** What the routes of all pages share: how a page is shown, and how something is done. */
import type { Request, Response } from 'express'
import type { LabCluster, LabNode } from '../../../model/lab-cluster.js'
import { layout, type Notice, type Page } from './layout.js'

export interface Desk {
  readonly lab: LabCluster
  readonly node: LabNode
  readonly show: (response: Response, page: Page, status?: number) => void
  /**
   * Does the work, then goes on to the page `next`, which tells of it: who loads that page again does nothing twice.
   * What failed is told on the form that `form` makes.
   */
  readonly attempt: (
    response: Response,
    next: string,
    form: (notice: Notice) => Page,
    work: () => Promise<Notice>,
  ) => Promise<void>
  /** What the work before this page left to tell. */
  readonly noticeFor: (request: Request) => Notice | undefined
}

export function makeDesk(lab: LabCluster, node: LabNode): Desk {
  const told = keepNotices()
  const show: Desk['show'] = (response, page, status = 200) => {
    response.status(status).type('html')
    response.send(layout(lab, node, page))
  }
  return {
    lab,
    node,
    show,
    attempt: async (response, next, form, work) => {
      try {
        response.redirect(303, `${next}?done=${told.keep(await work())}`)
      } catch (error) {
        const { text, status } = failureOf(error)
        node.log('web', `failed: ${text}`)
        show(response, form({ kind: 'error', text }), status)
      }
    },
    noticeFor: ({ query }) => told.find(query.done),
  }
}

/** The last ones, by number; a page that is older says nothing. */
function keepNotices() {
  const kept = new Map<string, Notice>()
  let last = 0
  return {
    keep: (notice: Notice): string => {
      last++
      kept.set(`${last}`, notice)
      kept.delete(`${last - 100}`)
      return `${last}`
    },
    find: (id: unknown): Notice | undefined => (typeof id === 'string' ? kept.get(id) : undefined),
  }
}

function failureOf(error: unknown): { text: string; status: number } {
  if (!(error instanceof Error)) return { text: String(error), status: 500 }
  if ('code' in error && error.code === 'ENOSPC') {
    const text = 'The file was not stored: no space left on device. What was there before is unchanged.'
    return { text, status: 507 }
  }
  return { text: error.message, status: 400 }
}

/** The values of a field in a form or an address. */
export function fieldsOf(value: unknown): readonly string[] {
  const all: readonly unknown[] = Array.isArray(value) ? value : [value]
  return all.filter((each) => typeof each === 'string')
}
