import { reportHtml } from '../migration/report/report-html.js'
import { reportText } from '../migration/report/report-text.js'
import { plainRoute, type Route } from './route.js'
import type { RouteParts } from './route-parts.js'

/** The report in the form that the client accepts. */
export function migrationReportRoute({ migrations }: Pick<RouteParts, 'migrations'>): Route {
  return plainRoute({
    method: 'get',
    path: '/v1/migrations/{id}/report',
    id: 'getMigrationReport',
    summary: 'What was done by whom and when, files before and after, and what phones took',
    description:
      'At any time, also while it is under way. JSON, text, or one HTML page without scripts to hand in, as Accept says.',
    scope: 'read',
    answers: [
      { type: 'application/json', schema: 'MigrationReport' },
      { type: 'text/plain' },
      { type: 'text/html' },
    ],
    problems: ['MIGRATION_UNKNOWN', 'MIGRATION_JOURNAL_WRONG', 'STORE_UNUSABLE'],
    handle: async ({ params, accepted }) => {
      const report = await migrations.report(params.id ?? '')
      if (accepted === 'text/plain') return { text: reportText(report) }
      if (accepted === 'text/html') {
        return { bytes: Buffer.from(reportHtml(report)), type: 'text/html; charset=utf-8' }
      }
      return { json: report }
    },
  })
}
