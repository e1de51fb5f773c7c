/** The tables of phones on the page of a report. */
import { html, type Markup, nothing } from './markup.js'
import type { PhoneReadingRow, PhoneRow, PhoneTable } from './report.js'
import {
  countText,
  evidenceText,
  foretoldWords,
  modelText,
  phoneColumns,
  timeText,
  wordText,
} from './report-words.js'

export function phonesHtml(table: PhoneTable): Markup {
  const { title, files, wasOffered, rows, readings, words, surprises } = table
  const sums = files.flatMap((file) =>
    file === 'none'
      ? [html`<p>No file.</p>`]
      : [
          html`<p class="soft">MD5 <code>${file.md5 ?? ''}</code><br>SHA-1 <code>${file.sha1 ?? ''}</code></p>`,
        ],
  )
  return html`<section><h2>Phones: ${title}</h2>
${files.length === 0 ? html`<p>The file is not made yet.</p>` : sums}
${wasOffered ? nothing : html`<p class="doubt">No node was given it yet.</p>`}
${rows.length === 0 ? html`<p>The cluster did not say which phones it has, and none was read.</p>` : rowsHtml(rows)}
<p>${evidenceText(table)}</p>
${readings.length === 0 ? nothing : readingsHtml(readings)}
${words.map((word) => html`<p>${wordText(word)}</p>`)}
${surprises.length === 0 ? nothing : html`<h3 class="bad">Otherwise than foretold</h3><ul>${surprises.map((text) => html`<li>${text}</li>`)}</ul>`}
</section>`
}

function rowsHtml(rows: readonly PhoneRow[]): Markup {
  return html`<div class="wide"><table><thead><tr><th>model</th>${phoneColumns.map(
    ({ title }) => html`<th class="count">${title}</th>`,
  )}<th>foretold</th></tr></thead>
<tbody>${rows.map(rowHtml)}</tbody>
<tfoot><tr><td>all</td>${phoneColumns.map(({ of }) => html`<td class="count">${countText(total(rows, of))}</td>`)}<td></td></tr></tfoot></table></div>
<dl class="legend">${phoneColumns.map(({ title, meaning }) => html`<dt>${title}</dt><dd class="soft">${meaning}</dd>`)}</dl>`
}

const total = (rows: readonly PhoneRow[], of: (row: PhoneRow) => number | undefined): number | undefined => {
  const counts = rows.map(of)
  return counts.some((count) => count === undefined)
    ? undefined
    : counts.reduce<number>((all, count) => all + (count ?? 0), 0)
}

const colours: Readonly<Record<PhoneRow['foretold'], string>> = {
  takes: 'good',
  keeps: 'bad',
  depends: 'doubt',
  'not known': 'doubt',
  'no file yet': 'soft',
}

const rowHtml = (row: PhoneRow): Markup =>
  html`<tr><td>${modelText(row.model)}</td>${phoneColumns.map(
    ({ of }) => html`<td class="count">${countText(of(row))}</td>`,
  )}<td><span class="${colours[row.foretold]}">${foretoldWords[row.foretold]}</span><br><span class="soft">${row.why.join(' ')}</span></td></tr>`

const readingsHtml = (readings: readonly PhoneReadingRow[]): Markup =>
  html`<div class="wide"><table><thead><tr><th>phone</th><th>model</th><th>reading</th><th>shows</th><th>by</th><th>when</th></tr></thead>
<tbody>${readings.map(
    ({ device, model, verdict, checksum, shows, note, by, at }) =>
      html`<tr><td>${device}</td><td>${modelText(model)}</td><td>${verdict}${note === undefined || note === '' ? nothing : html`<br><span class="soft">${note}</span>`}</td><td>${
        checksum === undefined
          ? nothing
          : html`<code>${checksum}</code><br>${shows ?? 'no file of this migration'}`
      }</td><td>${by}</td><td class="when">${timeText(at)}</td></tr>`,
  )}</tbody></table></div>`
