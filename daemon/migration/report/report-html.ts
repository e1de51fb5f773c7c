/** A report as one page to hand in: no script, nothing from elsewhere, every text escaped. */
import { html, type Markup, nothing } from './markup.js'
import { phonesHtml } from './phones-html.js'
import type {
  FileState,
  MigrationReport,
  NodeFiles,
  ReportedEntry,
  ReportedFinding,
  ReportedStep,
} from './report.js'
import { reportStyle } from './report-style.js'
import { acknowledgedText, actorWords, afterText, durationText, facts, timeText } from './report-words.js'

/** Even a text that got past the escaping could load and run nothing. */
const policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"

export function reportHtml(report: MigrationReport): string {
  const { migration, inShort, toDo, phones, files, findings, statements, stops, steps, assumptions } = report
  const title = `${migration.title}: ${migration.cluster}`
  const body = html`<h1>${migration.title}</h1>
${pairs(facts(report))}
<div class="short">${inShort.map((text) => html`<p>${text}</p>`)}</div>
${section('Still to do', toDo, (all) => html`<ol>${all.map(({ what, how }) => html`<li>${what}${list(how)}</li>`)}</ol>`)}
${phones.map(phonesHtml)}
${section('Files', files, (all) => html`${all.map(nodeHtml)}`)}
${section('Findings', findings, findingsHtml)}
${section(
  'Said by people, not seen',
  statements,
  (all) =>
    html`<div class="wide"><table><thead><tr><th>what</th><th>by</th><th>when</th><th>note</th></tr></thead><tbody>${all.map(
      ({ statement, by, at, note }) =>
        html`<tr><td>${statement}</td><td>${by}</td><td>${timeText(at)}</td><td>${note}</td></tr>`,
    )}</tbody></table></div>`,
)}
${section('Stops', stops, (all) => html`<ul>${all.map(stopHtml)}</ul>`)}
${section('Steps', steps, (all) => html`${all.map(stepHtml)}`)}
${section('Relied on, and proved by nobody', assumptions, list)}`
  // Not by way of `html`: the style is a constant of this program, and would be escaped as a value.
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
${html`<title>${title}</title>`.text}
<style>${reportStyle}</style></head>
<body>
${body.text}
</body></html>
`
}

function section<T>(title: string, all: readonly T[], show: (all: readonly T[]) => Markup): Markup {
  return all.length === 0 ? nothing : html`<section><h2>${title}</h2>${show(all)}</section>`
}

const list = (texts: readonly string[]): Markup =>
  texts.length === 0 ? nothing : html`<ul>${texts.map((text) => html`<li>${text}</li>`)}</ul>`

const pairs = (rows: readonly (readonly [string, string | Markup])[]): Markup =>
  html`<dl>${rows.map(([label, value]) => html`<dt>${label}</dt><dd>${value}</dd>`)}</dl>`

function nodeHtml(file: NodeFiles): Markup {
  const { node, before, after } = file
  const now = afterText(file)
  const had = before === undefined ? html`<p class="doubt">Nobody saw it.</p>` : stateHtml(before)
  return html`<div class="file"><h3>${node}: <code>${file.file}</code></h3>
<p class="soft">Before</p>${had}
${after === undefined ? nothing : html`<p class="soft">After, seen at step ${after.step}, ${timeText(after.at)}</p>${stateHtml(after.file)}`}
${now === undefined ? nothing : html`<p class="soft">${now}</p>`}</div>`
}

function stateHtml(file: FileState): Markup {
  if (file === 'none') return html`<p>No file.</p>`
  const { size, md5, sha1, sha256, signer, timestamp, problem } = file
  const code = (text: string) => html`<code>${text}</code>`
  const who = signer && [signer.token && `token ${signer.token}`, signer.holder, `“${signer.subject}”`]
  return pairs([
    ['size', size === undefined ? 'not kept: the cluster built it' : `${size} bytes`],
    ...(md5 === undefined ? [] : [['MD5', code(md5)] as const]),
    ...(sha1 === undefined ? [] : [['SHA-1', code(sha1)] as const]),
    ['SHA-256', code(sha256)],
    ...(who === undefined ? [] : [['signer', who.filter(Boolean).join(', ')] as const]),
    ...(timestamp === undefined ? [] : [['dated', timeText(timestamp)] as const]),
    ...(problem === undefined ? [] : [['wrong', `${problem.detail} (${problem.code})`] as const]),
  ])
}

const colours = { error: 'bad', warning: 'doubt', info: 'soft' } as const

const findingsHtml = (findings: readonly ReportedFinding[]): Markup =>
  html`<div class="wide"><table><thead><tr><th>finding</th><th>what was found, what to do</th><th>answer</th></tr></thead><tbody>${findings.map(
    (finding) =>
      html`<tr><td><span class="${colours[finding.severity]}">${finding.severity}</span><br><code>${finding.code}</code>${
        finding.at === undefined ? nothing : html`<br>${finding.at}`
      }</td><td>${finding.detail}<br><span class="soft">${finding.remedy}</span></td><td>${acknowledgedText(finding)}</td></tr>`,
  )}</tbody></table></div>`

function stopHtml({ at, by, step, code, detail, remedy, resumed }: MigrationReport['stops'][number]): Markup {
  const where = step === undefined ? '' : ` at step ${step}`
  const then =
    resumed === undefined ? 'It was not resumed.' : `Resumed ${timeText(resumed.at)} by ${resumed.by}.`
  return html`<li>${timeText(at)}, <code>${code}</code>${where}, by ${by}: ${detail}<br><span class="soft">${remedy} ${then}</span></li>`
}

const stateColours: Readonly<Record<ReportedStep['state'], string>> = {
  done: 'good',
  'there already': 'good',
  told: 'doubt',
  acted: 'doubt',
  'in doubt': 'bad',
  failed: 'bad',
  'to come': 'soft',
}

function stepHtml({ id, actor, title, state, waitedSeconds, entries }: ReportedStep): Markup {
  const waited = waitedSeconds === undefined ? '' : `, waited ${durationText(waitedSeconds)}`
  return html`<div class="step"><h3>${id} · ${title}</h3>
<p><span class="${stateColours[state]}">${state}</span>${waited} <span class="soft">(${actorWords[actor]})</span></p>
${entries.map(entryHtml)}</div>`
}

const entryHtml = ({ number, at, by, what, lines }: ReportedEntry): Markup =>
  html`<div class="entry"><span class="soft">#${number} ${timeText(at)}</span> ${by}: ${what}${
    lines.length === 0
      ? nothing
      : html`<div class="lines">${lines.map((line) => html`<div>${line}</div>`)}</div>`
  }</div>`
